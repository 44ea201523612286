"""what is urgent is found among all that waits

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_URGENT = sa.text("state IN ('todo', 'sending') AND kind IN ('safety', 'safety_taken', 'safety_unheard')")


def upgrade() -> None:
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbox_urgent",
            ["due_at", "id"],
            unique=False,
            sqlite_where=_URGENT,
            postgresql_where=_URGENT,
        )


def downgrade() -> None:
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_urgent")
