"""what real channels need: pace, approvals, and what was said in a form

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.clock

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TOLD = sa.text("about IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "channelapproval",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("level", sa.String(10), nullable=False),
        sa.Column("approver_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("document_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("approved_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", storage.clock.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channelapproval")),
    )
    with op.batch_alter_table("channelapproval", schema=None) as batch_op:
        batch_op.create_index("ix_channelapproval_channel", ["channel"], unique=False)

    op.create_table(
        "pace",
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("target", sa.LargeBinary(), nullable=False),
        sa.Column("free_at", storage.clock.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "target", name=op.f("pk_pace")),
    )
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("about", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("receipt", sa.String(200), nullable=True))
        batch_op.create_index(
            "ix_inbox_about", ["about"], unique=False, sqlite_where=_TOLD, postgresql_where=_TOLD
        )

    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("about", sa.BigInteger(), nullable=True))
        batch_op.alter_column(
            "receipt", existing_type=sa.String(200), type_=sa.String(2000), existing_nullable=True
        )
        batch_op.create_index(
            "ix_outbox_about", ["about"], unique=False, sqlite_where=_TOLD, postgresql_where=_TOLD
        )


def downgrade() -> None:
    op.execute("UPDATE outbox SET receipt = substr(receipt, 1, 200)")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_about", sqlite_where=_TOLD, postgresql_where=_TOLD)
        batch_op.alter_column(
            "receipt", existing_type=sa.String(2000), type_=sa.String(200), existing_nullable=True
        )
        batch_op.drop_column("about")

    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.drop_index("ix_inbox_about", sqlite_where=_TOLD, postgresql_where=_TOLD)
        batch_op.drop_column("receipt")
        batch_op.drop_column("about")

    op.drop_table("pace")
    with op.batch_alter_table("channelapproval", schema=None) as batch_op:
        batch_op.drop_index("ix_channelapproval_channel")

    op.drop_table("channelapproval")
