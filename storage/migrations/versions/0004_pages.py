"""codes that work once, and sessions of our pages

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.clock

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "logincode",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.String(40), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("code_index", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", storage.clock.Moment(), nullable=False),
        sa.Column("used_at", storage.clock.Moment(), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_logincode_member_id_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logincode")),
        sa.UniqueConstraint("code_index", name=op.f("uq_logincode_code_index")),
    )
    op.create_table(
        "pagesession",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("token_index", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", storage.clock.Moment(), nullable=False),
        sa.Column("seen_at", storage.clock.Moment(), nullable=False),
        sa.Column("ended_at", storage.clock.Moment(), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_pagesession_member_id_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pagesession")),
        sa.UniqueConstraint("token_index", name=op.f("uq_pagesession_token_index")),
    )
    with op.batch_alter_table("pagesession", schema=None) as batch_op:
        batch_op.create_index("ix_pagesession_member_id", ["member_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("pagesession", schema=None) as batch_op:
        batch_op.drop_index("ix_pagesession_member_id")

    op.drop_table("pagesession")
    op.drop_table("logincode")
