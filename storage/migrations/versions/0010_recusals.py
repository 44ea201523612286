"""recusal: who keeps out of a case

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.clock

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_STANDS = sa.text("ended_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "recusal",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("since", storage.clock.Moment(), nullable=False),
        sa.Column("ended_at", storage.clock.Moment(), nullable=True),
        sa.Column("ended_by_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["member.id"], name=op.f("fk_recusal_by_id")),
        sa.ForeignKeyConstraint(["case_id"], ["care_case.id"], name=op.f("fk_recusal_case_id")),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"], name=op.f("fk_recusal_county_id")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["member.id"], name=op.f("fk_recusal_ended_by_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_recusal_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recusal")),
    )
    with op.batch_alter_table("recusal", schema=None) as batch_op:
        batch_op.create_index(
            "uq_recusal_case_member",
            ["case_id", "member_id"],
            unique=True,
            sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        )
        batch_op.create_index(
            "ix_recusal_county", ["county_id"], unique=False, sqlite_where=_STANDS, postgresql_where=_STANDS
        )
        batch_op.create_index(batch_op.f("ix_recusal_member_id"), ["member_id"], unique=False)


def downgrade() -> None:
    op.drop_table("recusal")
