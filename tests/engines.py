"""What hundreds of tests on as many databases would pay for again and again, though none of them tests it.

An engine compiles every statement once and keeps it. A test opens engines for its own database and throws them away, so
the same statements were compiled a thousand times over: a third of all the work. Here all engines of a process share
what one of them compiled.

And SQLite does not wait for the disk: only a power cut could lose anything by that, and no test makes one. What the
product asks for is kept in `tests/storage/test_engine.py`.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy
from sqlalchemy import Engine

from storage import engine as product

REAL_PRAGMAS = product._PRAGMAS
_KEPT = 5000  # statements: more than the product has
_first: dict[str, Engine] = {}


def share() -> None:
    """From now on, in this process."""
    product.create_engine = _sharing  # type: ignore[attr-defined]
    spared = tuple(pragma for pragma in REAL_PRAGMAS if "synchronous" not in pragma)
    product._PRAGMAS = (*spared, "PRAGMA synchronous=OFF")  # type: ignore[assignment]


def _sharing(*args: Any, **options: Any) -> Engine:
    made = sqlalchemy.create_engine(*args, query_cache_size=_KEPT, **options)
    first = _first.setdefault(made.dialect.name, made)
    # What is kept belongs to one dialect, which knows of a database only its kind and version.
    made.dialect = made.pool._dialect = first.dialect
    made._compiled_cache = first._compiled_cache
    return made
