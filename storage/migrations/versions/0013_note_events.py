"""what happened to a note afterwards, and what a note brought about

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.clock

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_BY_NOTE = sa.text("note_id IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "noteevent",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("note_id", sa.BigInteger(), nullable=False),
        sa.Column("at", storage.clock.Moment(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("answers_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["member.id"], name=op.f("fk_noteevent_actor_id")),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"], name=op.f("fk_noteevent_county_id")),
        sa.ForeignKeyConstraint(["note_id"], ["note.id"], name=op.f("fk_noteevent_note_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_noteevent")),
    )
    with op.batch_alter_table("noteevent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_noteevent_note_id"), ["note_id"], unique=False)
    with op.batch_alter_table("visitevent", schema=None) as batch_op:
        batch_op.add_column(sa.Column("note_id", sa.BigInteger(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_visitevent_note_id"), "note", ["note_id"], ["id"])
        batch_op.create_index(
            "ix_visitevent_note_id",
            ["note_id"],
            unique=False,
            sqlite_where=_BY_NOTE,
            postgresql_where=_BY_NOTE,
        )


def downgrade() -> None:
    with op.batch_alter_table("visitevent", schema=None) as batch_op:
        batch_op.drop_index("ix_visitevent_note_id", sqlite_where=_BY_NOTE, postgresql_where=_BY_NOTE)
        batch_op.drop_constraint(batch_op.f("fk_visitevent_note_id"), type_="foreignkey")
        batch_op.drop_column("note_id")
    op.drop_table("noteevent")
