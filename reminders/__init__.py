"""What is due, when to look next, whom to tell, and telling them exactly once."""
