"""on SQLite the outbox is kept by its number and the inbox by its key: an index fewer each

Revision ID: 0021
Revises: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_INDEXES = sa.text(
    "SELECT name, sql FROM sqlite_master"
    " WHERE type = 'index' AND tbl_name IN ('outbox', 'inbox') AND sql IS NOT NULL ORDER BY rowid"
)


def upgrade() -> None:
    # The one integer that SQLite takes for its own number of the row is spelt INTEGER. It has 64 bits like the other.
    _copy(sa.BigInteger(), sa.Integer(), with_rowid=False)


def downgrade() -> None:
    _copy(sa.Integer(), sa.BigInteger(), with_rowid=True)


def _copy(before: sa.Integer, after: sa.Integer, *, with_rowid: bool) -> None:
    """Both with all their rows into tables of the other kind. PostgreSQL knows but one kind."""
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    # Made again in the order they were made in: between two that look alike to it SQLite goes by that.
    indexes = connection.execute(_INDEXES).all()
    for name, _ in indexes:
        op.execute(f"DROP INDEX {name}")
    with op.batch_alter_table("outbox", schema=None, recreate="always") as batch_op:
        batch_op.alter_column("id", existing_type=before, type_=after, existing_nullable=False)
    kind = {"sqlite_with_rowid": with_rowid}
    with op.batch_alter_table("inbox", schema=None, recreate="always", table_kwargs=kind):
        pass
    for _, statement in indexes:
        op.execute(statement)
