"""matter: what a note promises to see to by a day, and which digests told of it

Revision ID: 0022
Revises: 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.clock

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "matter",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("note_id", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("done_at", storage.clock.Moment(), nullable=True),
        sa.Column("done_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"], name=op.f("fk_matter_county_id")),
        sa.ForeignKeyConstraint(["case_id"], ["care_case.id"], name=op.f("fk_matter_case_id")),
        sa.ForeignKeyConstraint(["note_id"], ["note.id"], name=op.f("fk_matter_note_id")),
        sa.ForeignKeyConstraint(["done_by"], ["member.id"], name=op.f("fk_matter_done_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matter")),
        sa.UniqueConstraint("note_id", name=op.f("uq_matter_note_id")),
    )
    op.create_index("ix_matter_case", "matter", ["case_id"])
    op.create_table(
        "mattertold",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("outbox_id", sa.BigInteger(), nullable=False),
        sa.Column("matter_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_mattertold_outbox_id")),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name=op.f("fk_mattertold_matter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mattertold")),
        sa.UniqueConstraint("outbox_id", "matter_id", name=op.f("uq_mattertold_outbox_id_matter_id")),
    )
    op.create_index("ix_mattertold_matter_id", "mattertold", ["matter_id"])


def downgrade() -> None:
    op.drop_index("ix_mattertold_matter_id", table_name="mattertold")
    op.drop_table("mattertold")
    op.drop_index("ix_matter_case", table_name="matter")
    op.drop_table("matter")
