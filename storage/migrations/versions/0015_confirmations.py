"""confirmation: who bears a note out

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.clock

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_WAITS = sa.text("state = 'asked'")
_LOOKS = sa.text("next_look_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "confirmation",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("note_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("asked_at", storage.clock.Moment(), nullable=False),
        sa.Column("card_id", sa.BigInteger(), nullable=True),
        sa.Column("next_look_at", storage.clock.Moment(), nullable=True),
        sa.Column("told_at", storage.clock.Moment(), nullable=True),
        sa.Column("answered_at", storage.clock.Moment(), nullable=True),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("paper_on", sa.Date(), nullable=True),
        sa.Column("paper_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"], name=op.f("fk_confirmation_county_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_confirmation_member_id")),
        sa.ForeignKeyConstraint(["note_id"], ["note.id"], name=op.f("fk_confirmation_note_id")),
        sa.ForeignKeyConstraint(["paper_by"], ["member.id"], name=op.f("fk_confirmation_paper_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmation")),
    )
    with op.batch_alter_table("confirmation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_confirmation_county_id"), ["county_id"], unique=False)
        batch_op.create_index(
            "ix_confirmation_waits",
            ["member_id"],
            unique=False,
            sqlite_where=_WAITS,
            postgresql_where=_WAITS,
        )
        batch_op.create_index(
            "ix_confirmation_next_look_at",
            ["next_look_at"],
            unique=False,
            sqlite_where=_LOOKS,
            postgresql_where=_LOOKS,
        )
        batch_op.create_index("uq_confirmation_note_member", ["note_id", "kind", "member_id"], unique=True)


def downgrade() -> None:
    op.drop_table("confirmation")
