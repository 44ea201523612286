"""What leaves the house as a file: collected through the doors, then written by pure functions."""
