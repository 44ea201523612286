"""what is due lies together by county and officer

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_DUE = sa.text("next_look_at IS NOT NULL")


def upgrade() -> None:
    _index("next_look_at", "county_id", "officer_id")


def downgrade() -> None:
    _index("next_look_at")


def _index(*columns: str) -> None:
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.drop_index("ix_visit_next_look_at")
        batch_op.create_index(
            "ix_visit_next_look_at", list(columns), unique=False, sqlite_where=_DUE, postgresql_where=_DUE
        )
