"""A fake WeCom: the real protocol with its limits and errors, faults by script, and people who use the app."""

from tests.fakes.wecom.delivery import Delivery
from tests.fakes.wecom.server import FakeWeCom
from tests.fakes.wecom.state import Button, Call, Message, SentFile
from tests.fakes.wecom.user import Nothing, User

__all__ = ["Button", "Call", "Delivery", "FakeWeCom", "Message", "Nothing", "SentFile", "User"]
