"""hours of one's own in which one wants to hear

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.add_column(sa.Column("hours_from", sa.Time(), nullable=True))
        batch_op.add_column(sa.Column("hours_until", sa.Time(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.drop_column("hours_until")
        batch_op.drop_column("hours_from")
