"""The tests: on SQLite and on PostgreSQL."""
