"""notes that were voided or refiled, and calls that had more than one reason

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.clock

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.add_column(sa.Column("voided_at", storage.clock.Moment(), nullable=True))
    with op.batch_alter_table("noteevent", schema=None) as batch_op:
        batch_op.add_column(sa.Column("other_id", sa.BigInteger(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_noteevent_other_id"), "note", ["other_id"], ["id"])
    with op.batch_alter_table("safetycall", schema=None) as batch_op:
        batch_op.add_column(sa.Column("joined_at", storage.clock.Moment(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("safetycall", schema=None) as batch_op:
        batch_op.drop_column("joined_at")
    with op.batch_alter_table("noteevent", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_noteevent_other_id"), type_="foreignkey")
        batch_op.drop_column("other_id")
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.drop_column("voided_at")
