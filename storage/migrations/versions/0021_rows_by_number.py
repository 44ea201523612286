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


def upgrade() -> None:
    # The one integer that SQLite takes for its own number of the row is spelt INTEGER. It has 64 bits like the other.
    _copy(sa.BigInteger(), sa.Integer(), with_rowid=False)


def downgrade() -> None:
    _copy(sa.Integer(), sa.BigInteger(), with_rowid=True)


def _copy(before: sa.Integer, after: sa.Integer, *, with_rowid: bool) -> None:
    """Both with all their rows into tables of the other kind. PostgreSQL knows but one kind."""
    if op.get_bind().dialect.name != "sqlite":
        return
    with op.batch_alter_table("outbox", schema=None, recreate="always") as batch_op:
        batch_op.alter_column("id", existing_type=before, type_=after, existing_nullable=False)
    kind = {"sqlite_with_rowid": with_rowid}
    with op.batch_alter_table("inbox", schema=None, recreate="always", table_kwargs=kind):
        pass
