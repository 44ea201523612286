"""How Alembic reaches the database: through the connection it is given by storage/schema.py."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy import String
from sqlmodel.sql.sqltypes import AutoString

from storage.tables import METADATA
from storage.tables.columns import WordType


def render_item(kind: str, item: Any, autogen_context: Any) -> str | Literal[False]:
    """Plain types in migrations: they must not change their meaning when a Python class does."""
    if kind == "type" and isinstance(item, WordType):
        return "sa.String(40)"
    if kind == "type" and isinstance(item, AutoString):
        length = item.impl_instance.length if isinstance(item.impl_instance, String) else None
        return f"sa.String({length or ''})"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=METADATA,
    render_as_batch=True,  # SQLite alters a table by copying it
    render_item=render_item,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
