"""Logs: one JSON line an event, from an allow-list of fields. No personal data, no message text, no traceback."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_FIELDS = frozenset({"event", "level", "timestamp", "channel", "kind", "error", "path", "count", "port"})


def _allowed_only(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: value for key, value in event.items() if key in _FIELDS}


def set_up_logs(level: str) -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _allowed_only,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    # Libraries that would print addresses with tokens, statements with parameters, or requests with codes.
    for name in ("httpx", "httpcore", "sqlalchemy", "apscheduler", "uvicorn.access", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)
