"""The channels: where messages come in and go out. Each folder knows one vendor, and nobody else does."""
