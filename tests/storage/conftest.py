from __future__ import annotations

from tests.swift import database_url, one_postgres

__all__ = ["database_url", "one_postgres"]
