"""safety calls, and who was told of them

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.clock

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_LOOKED_AT, _OPEN = sa.text("next_look_at IS NOT NULL"), sa.text("closed_at IS NULL")
_MEMBERS = ("officer_id", "opened_by", "taken_by", "closed_by")


def upgrade() -> None:
    op.create_table(
        "safetycall",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("visit_id", sa.BigInteger(), nullable=True),
        sa.Column("officer_id", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("opened_by", sa.BigInteger(), nullable=True),
        sa.Column("opened_at", storage.clock.Moment(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("told_at", storage.clock.Moment(), nullable=True),
        sa.Column("next_look_at", storage.clock.Moment(), nullable=True),
        sa.Column("taken_by", sa.BigInteger(), nullable=True),
        sa.Column("taken_at", storage.clock.Moment(), nullable=True),
        sa.Column("rest_until", storage.clock.Moment(), nullable=True),
        sa.Column("closed_by", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", storage.clock.Moment(), nullable=True),
        sa.Column("outcome_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"], name=op.f("fk_safetycall_county_id")),
        sa.ForeignKeyConstraint(["case_id"], ["care_case.id"], name=op.f("fk_safetycall_case_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_safetycall_visit_id")),
        *(
            sa.ForeignKeyConstraint([column], ["member.id"], name=op.f(f"fk_safetycall_{column}"))
            for column in _MEMBERS
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_safetycall")),
    )
    with op.batch_alter_table("safetycall", schema=None) as batch_op:
        batch_op.create_index(
            "ix_safetycall_next_look_at",
            ["next_look_at"],
            unique=False,
            sqlite_where=_LOOKED_AT,
            postgresql_where=_LOOKED_AT,
        )
        batch_op.create_index(
            "uq_safetycall_open_case", ["case_id"], unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN
        )
        batch_op.create_index("ix_safetycall_county_closed", ["county_id", "closed_at"], unique=False)
        batch_op.create_index(op.f("ix_safetycall_case_id"), ["case_id"], unique=False)

    op.create_table(
        "safetytold",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("at", storage.clock.Moment(), nullable=False),
        sa.Column("outbox_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"], name=op.f("fk_safetytold_county_id")),
        sa.ForeignKeyConstraint(["call_id"], ["safetycall.id"], name=op.f("fk_safetytold_call_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_safetytold_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_safetytold")),
        sa.UniqueConstraint(
            "call_id", "round", "member_id", name=op.f("uq_safetytold_call_id_round_member_id")
        ),
    )
    with op.batch_alter_table("safetytold", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_safetytold_outbox_id"), ["outbox_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("safetytold", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_safetytold_outbox_id"))

    op.drop_table("safetytold")
    with op.batch_alter_table("safetycall", schema=None) as batch_op:
        batch_op.drop_index(op.f("ix_safetycall_case_id"))
        batch_op.drop_index("ix_safetycall_county_closed")
        batch_op.drop_index("uq_safetycall_open_case", sqlite_where=_OPEN, postgresql_where=_OPEN)
        batch_op.drop_index(
            "ix_safetycall_next_look_at", sqlite_where=_LOOKED_AT, postgresql_where=_LOOKED_AT
        )

    op.drop_table("safetycall")
