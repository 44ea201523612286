"""inbox: old keys are found by going through it, so that no message has to say in an index when it came

Revision ID: 0027
Revises: 0026
"""

from __future__ import annotations

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_NAME = "ix_inbox_received_at"


def upgrade() -> None:
    op.drop_index(_NAME, "inbox")


def downgrade() -> None:
    op.create_index(_NAME, "inbox", ["received_at"], unique=False)
