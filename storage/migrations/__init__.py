"""Alembic's folder: the only maker of the schema, in tests too."""
