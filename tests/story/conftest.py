"""Everything the product logs during a story, at the most talkative level."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot.logs import set_up_logs


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What goes to the log, ours and that of the libraries, as `serve` sets it up."""
    stream = io.StringIO()
    loggers = [logging.getLogger(name) for name in ("", *logging.root.manager.loggerDict)]
    levels = [(logger, logger.level) for logger in loggers]
    handler = logging.StreamHandler(stream)
    logging.root.addHandler(handler)
    logging.root.setLevel(logging.DEBUG)
    set_up_logs("DEBUG")
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(stream), cache_logger_on_first_use=False)
    yield stream
    logging.root.removeHandler(handler)
    for logger, level in levels:
        logger.setLevel(level)
    structlog.reset_defaults()
