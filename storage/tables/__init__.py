"""The tables, one noun a file. Importing this package is how Alembic and the engine come to know them all."""

from storage.tables import (
    approvals,
    audit,
    calls,
    cards,
    cases,
    counties,
    days,
    drafts,
    leaves,
    logins,
    mail,
    members,
    notes,
    processes,
    recusals,
    sandbox,
    visits,
)
from storage.tables.columns import METADATA

__all__ = [
    "METADATA",
    "approvals",
    "audit",
    "calls",
    "cards",
    "cases",
    "counties",
    "days",
    "drafts",
    "leaves",
    "logins",
    "mail",
    "members",
    "notes",
    "processes",
    "recusals",
    "sandbox",
    "visits",
]
