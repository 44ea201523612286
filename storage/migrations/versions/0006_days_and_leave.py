"""days of a county's own, and leave with cover

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.clock

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_OF_ALL = sa.text("county_id IS NULL")


def upgrade() -> None:
    op.create_table(
        "ownday",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("note", sa.String(60), nullable=True),
        sa.Column("notice_year", sa.Integer(), nullable=True),
        sa.Column("created_at", storage.clock.Moment(), nullable=False),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"], name=op.f("fk_ownday_county_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ownday")),
    )
    with op.batch_alter_table("ownday", schema=None) as batch_op:
        batch_op.create_index("uq_ownday_county_day", ["county_id", "day"], unique=True)
        batch_op.create_index(
            "uq_ownday_day", ["day"], unique=True, sqlite_where=_OF_ALL, postgresql_where=_OF_ALL
        )

    op.create_table(
        "leave",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("cover_id", sa.BigInteger(), nullable=True),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("created_at", storage.clock.Moment(), nullable=False),
        sa.Column("withdrawn_at", storage.clock.Moment(), nullable=True),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"], name=op.f("fk_leave_county_id")),
        sa.ForeignKeyConstraint(["cover_id"], ["member.id"], name=op.f("fk_leave_cover_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_leave_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave")),
    )
    with op.batch_alter_table("leave", schema=None) as batch_op:
        batch_op.create_index("ix_leave_county_last_on", ["county_id", "last_on"], unique=False)
        batch_op.create_index("ix_leave_member_last_on", ["member_id", "last_on"], unique=False)
        batch_op.create_index("ix_leave_cover_last_on", ["cover_id", "last_on"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("leave", schema=None) as batch_op:
        batch_op.drop_index("ix_leave_cover_last_on")
        batch_op.drop_index("ix_leave_member_last_on")
        batch_op.drop_index("ix_leave_county_last_on")

    op.drop_table("leave")
    with op.batch_alter_table("ownday", schema=None) as batch_op:
        batch_op.drop_index("uq_ownday_day", sqlite_where=_OF_ALL, postgresql_where=_OF_ALL)
        batch_op.drop_index("uq_ownday_county_day")

    op.drop_table("ownday")
