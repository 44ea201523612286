"""Our own servers in place of the vendors': they speak the real protocols, with the real limits and the real errors."""
