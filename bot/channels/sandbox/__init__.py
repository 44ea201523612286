"""The browser chat of the demo: a channel at level `full`, in which one can be any of the people."""
