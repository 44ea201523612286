"""codes with which cards that were sent can be changed

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.clock

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cardcode",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("task_id", sa.String(128), nullable=False),
        sa.Column("code_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", storage.clock.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cardcode")),
    )
    with op.batch_alter_table("cardcode", schema=None) as batch_op:
        batch_op.create_index("ix_cardcode_card", ["channel", "task_id"], unique=False)
        batch_op.create_index("ix_cardcode_at", ["at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("cardcode", schema=None) as batch_op:
        batch_op.drop_index("ix_cardcode_at")
        batch_op.drop_index("ix_cardcode_card")

    op.drop_table("cardcode")
