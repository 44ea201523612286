"""difficulties: what somebody asked for help with

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.clock

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "difficulty",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("visit_id", sa.BigInteger(), nullable=False),
        sa.Column("opened_by", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", storage.clock.Moment(), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"], name=op.f("fk_difficulty_county_id")),
        sa.ForeignKeyConstraint(["case_id"], ["care_case.id"], name=op.f("fk_difficulty_case_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_difficulty_visit_id")),
        sa.ForeignKeyConstraint(["opened_by"], ["member.id"], name=op.f("fk_difficulty_opened_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_difficulty")),
        sa.UniqueConstraint("visit_id", name=op.f("uq_difficulty_visit_id")),
    )
    op.create_index("ix_difficulty_case", "difficulty", ["case_id"])


def downgrade() -> None:
    op.drop_index("ix_difficulty_case", table_name="difficulty")
    op.drop_table("difficulty")
