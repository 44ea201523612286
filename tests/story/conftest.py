"""What several stories share: the log at its most talkative, and the county with an address in the net."""

from __future__ import annotations

import io
import logging
from collections.abc import AsyncIterator, Iterator

import pytest
import structlog

from bot.app import House, build
from bot.logs import set_up_logs
from tests.chat import Town
from tests.web import SITE


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


@pytest.fixture
async def site(house: House) -> AsyncIterator[Town]:
    """The county with an address in the net, so that there are pages."""
    settings = house.settings.model_copy(update={"public_url": SITE})
    opened = Town(build(settings, house.lane, house.clock))
    yield opened
    await opened.client.aclose()
