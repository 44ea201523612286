"""cases that are put on hold, resumed, closed and reopened

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.clock

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "caseevent",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("at", storage.clock.Moment(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["member.id"], name=op.f("fk_caseevent_actor_id")),
        sa.ForeignKeyConstraint(["case_id"], ["care_case.id"], name=op.f("fk_caseevent_case_id")),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"], name=op.f("fk_caseevent_county_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_caseevent")),
    )
    with op.batch_alter_table("caseevent", schema=None) as batch_op:
        batch_op.create_index("ix_caseevent_case_at", ["case_id", "at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("caseevent", schema=None) as batch_op:
        batch_op.drop_index("ix_caseevent_case_at")

    op.drop_table("caseevent")
