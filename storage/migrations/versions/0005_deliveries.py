"""what tells how deliveries fare: doubtful sends, how long one tries, the heartbeat of each process

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.clock

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_OPEN = sa.text("state IN ('todo', 'sending')")
_DEAD = sa.text("state = 'dead'")
_DOUBTED = sa.text("unanswered > 0")


def upgrade() -> None:
    op.create_table(
        "heartbeat",
        sa.Column("process", sa.String(120), nullable=False),
        sa.Column("started_at", storage.clock.Moment(), nullable=False),
        sa.Column("ticked_at", storage.clock.Moment(), nullable=False),
        sa.Column("delivered_at", storage.clock.Moment(), nullable=True),
        sa.Column("missed_at", storage.clock.Moment(), nullable=True),
        sa.PrimaryKeyConstraint("process", name=op.f("pk_heartbeat")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("unanswered", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("tried_since", storage.clock.Moment(), nullable=True))
        batch_op.create_index(
            "ix_outbox_line", ["member_id", "id"], unique=False, sqlite_where=_OPEN, postgresql_where=_OPEN
        )
        batch_op.create_index(
            "ix_outbox_dead", ["due_at"], unique=False, sqlite_where=_DEAD, postgresql_where=_DEAD
        )
        batch_op.create_index(
            "ix_outbox_doubted", ["id"], unique=False, sqlite_where=_DOUBTED, postgresql_where=_DOUBTED
        )
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.create_index("ix_inbox_received_at", ["received_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.drop_index("ix_inbox_received_at")

    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_doubted", sqlite_where=_DOUBTED, postgresql_where=_DOUBTED)
        batch_op.drop_index("ix_outbox_dead", sqlite_where=_DEAD, postgresql_where=_DEAD)
        batch_op.drop_index("ix_outbox_line", sqlite_where=_OPEN, postgresql_where=_OPEN)
        batch_op.drop_column("tried_since")
        batch_op.drop_column("unanswered")

    op.drop_table("heartbeat")
