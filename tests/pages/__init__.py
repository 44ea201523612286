"""Our own pages, below the level of requests."""
