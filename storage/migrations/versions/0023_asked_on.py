"""visit: the day to which whoever makes it asks to move it

Revision ID: 0023
Revises: 0022
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("visit", sa.Column("asked_on", sa.Date(), nullable=True))


def downgrade() -> None:
    # no request waits in an older version: the day that holds is the one there was
    op.execute(
        sa.text("DELETE FROM visitevent WHERE kind IN ('move_asked', 'not_done_asked', 'move_refused')")
    )
    op.drop_column("visit", "asked_on")
