"""the indexes of the outbox ask for a column that no claim changes

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_URGENT = "kind IN ('safety', 'safety_taken', 'safety_unheard')"
_Indexes = Sequence[tuple[str, list[str], str]]


def _indexes(is_open: str, is_dead: str) -> _Indexes:
    return (
        ("ix_outbox_open", ["due_at", "id"], is_open),
        ("ix_outbox_line", ["member_id", "id"], is_open),
        ("ix_outbox_urgent", ["due_at", "id"], f"{is_open} AND {_URGENT}"),
        ("ix_outbox_dead", ["due_at"], is_dead),
    )


_BEFORE = _indexes("state IN ('todo', 'sending')", "state = 'dead'")
_AFTER = _indexes("ended IS NULL", "ended = 'dead'")


def _replace(old: _Indexes, new: _Indexes) -> None:
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        for name, _, which in old:
            batch_op.drop_index(name, sqlite_where=sa.text(which), postgresql_where=sa.text(which))
        for name, columns, which in new:
            batch_op.create_index(
                name, columns, unique=False, sqlite_where=sa.text(which), postgresql_where=sa.text(which)
            )


def upgrade() -> None:
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ended", sa.String(40), nullable=True))
    op.execute("UPDATE outbox SET ended = state WHERE state NOT IN ('todo', 'sending')")
    _replace(_BEFORE, _AFTER)
    if op.get_bind().dialect.name == "postgresql":
        # Room in each page for the claimed form of its rows: then PostgreSQL writes no index for them.
        op.execute("ALTER TABLE outbox SET (fillfactor = 50)")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE outbox RESET (fillfactor)")
    _replace(_AFTER, _BEFORE)
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_column("ended")
