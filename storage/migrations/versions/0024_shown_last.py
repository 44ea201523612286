"""outbox: what somebody was shown last, however much they were sent before

Revision ID: 0024
Revises: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_NAME, _SENT = "ix_outbox_shown", sa.text("ended = 'sent'")


def upgrade() -> None:
    op.create_index(
        _NAME, "outbox", ["member_id", "id"], unique=False, sqlite_where=_SENT, postgresql_where=_SENT
    )


def downgrade() -> None:
    op.drop_index(_NAME, "outbox", sqlite_where=_SENT, postgresql_where=_SENT)
