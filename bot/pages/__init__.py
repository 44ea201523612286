"""Our own pages: what somebody may see in full who has logged in, whatever their messenger may be told."""
