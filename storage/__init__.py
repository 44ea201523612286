"""What is remembered: tables, the doors to them, the only commit, the rulebook."""
