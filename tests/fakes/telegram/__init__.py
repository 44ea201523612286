"""A Telegram Bot API server for tests, and for trying the product by hand (`python -m tests.fakes.telegram`)."""

from tests.fakes.telegram.delivery import Attempt
from tests.fakes.telegram.faults import Fault, Faults
from tests.fakes.telegram.groups import Group
from tests.fakes.telegram.limits import Limits
from tests.fakes.telegram.server import FakeTelegram
from tests.fakes.telegram.state import Call, Click
from tests.fakes.telegram.user import CannotDo, User
from tests.fakes.telegram.views import Seen, SeenFile

__all__ = [
    "Attempt",
    "Call",
    "CannotDo",
    "Click",
    "FakeTelegram",
    "Fault",
    "Faults",
    "Group",
    "Limits",
    "Seen",
    "SeenFile",
    "User",
]
