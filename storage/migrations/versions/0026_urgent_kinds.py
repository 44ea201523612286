"""outbox: whether a new row is urgent is asked without a list, of which SQLite makes a table each time

Revision ID: 0026
Revises: 0025
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_NAME = "ix_outbox_urgent"
_BEFORE = "kind IN ('safety', 'safety_taken', 'safety_unheard')"
_AFTER = "(kind = 'safety' OR kind = 'safety_taken' OR kind = 'safety_unheard')"


def _say(urgent: str) -> None:
    which = sa.text(f"ended IS NULL AND {urgent}")
    op.drop_index(_NAME, "outbox")
    op.create_index(_NAME, "outbox", ["due_at", "id"], sqlite_where=which, postgresql_where=which)


def upgrade() -> None:
    _say(_AFTER)


def downgrade() -> None:
    _say(_BEFORE)
