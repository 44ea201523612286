"""outbox: an answer is in no index by its kind, and a button says which row it is of; notes: whose, and of which county

Revision ID: 0025
Revises: 0024
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_KIND, _NONCE, _UNIQUE = "ix_outbox_member_kind", "ix_outbox_nonce", "uq_outbox_nonce"
_UNASKED, _OLD = sa.text("kind <> 'reply'"), sa.text("length(nonce) = 16")
_INDEXES = sa.text(
    "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'outbox' AND sql IS NOT NULL ORDER BY rowid"
)


def upgrade() -> None:
    op.drop_index(_KIND, "outbox")
    _make_again(unique=False)
    by_kind = ["member_id", "kind", "id"]
    op.create_index(_KIND, "outbox", by_kind, sqlite_where=_UNASKED, postgresql_where=_UNASKED)
    op.create_index(_NONCE, "outbox", ["nonce"], sqlite_where=_OLD, postgresql_where=_OLD)
    for owner in ("author", "county"):
        op.create_index(f"ix_note_{owner}_held", "note", [f"{owner}_id", "held_on"])


def downgrade() -> None:
    for owner in ("author", "county"):
        op.drop_index(f"ix_note_{owner}_held", "note")
    op.drop_index(_NONCE, "outbox")
    op.drop_index(_KIND, "outbox")
    _make_again(unique=True)
    op.create_index(_KIND, "outbox", ["member_id", "kind", "id"])


def _make_again(*, unique: bool) -> None:
    """The outbox with or without its key by nonce. SQLite copies it, and makes its indexes again in the order they were
    made in: between two that look alike to it it goes by that."""
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        if unique:
            op.create_unique_constraint(_UNIQUE, "outbox", ["nonce"])
        else:
            op.drop_constraint(_UNIQUE, "outbox", type_="unique")
        return
    indexes = connection.execute(_INDEXES).scalars().all()
    for statement in indexes:
        op.execute(f"DROP INDEX {statement.split(' ON ')[0].split()[-1]}")
    with op.batch_alter_table("outbox", schema=None, recreate="always") as batch_op:
        if unique:
            batch_op.create_unique_constraint(_UNIQUE, ["nonce"])
        else:
            batch_op.drop_constraint(_UNIQUE, type_="unique")
    for statement in indexes:
        op.execute(statement)
