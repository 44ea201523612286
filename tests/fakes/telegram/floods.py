"""Too many messages: when the server says so, and who called again before the time was over.

Counted are messages, not edits, deletions, answers or chat actions: what those cost is documented nowhere.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass

from tests.fakes.telegram.errors import too_many
from tests.fakes.telegram.limits import Limits

SENDING = frozenset({"sendMessage", "sendDocument", "sendPhoto", "sendVoice"})
TOLERANCE = 0.02  # two clocks of one machine


@dataclass(frozen=True)
class Wait:
    """Who has been told to wait. None means all."""

    methods: frozenset[str] | None
    chat: int | None
    until: float

    def concerns(self, method: str, chat: int | None) -> bool:
        return (self.methods is None or method in self.methods) and self.chat in (None, chat)


class Floods:
    """The limits of the FAQ: so many a second overall, one a second per chat, so many a minute per group."""

    def __init__(self, clock: Callable[[], float], limits: Limits, on: bool) -> None:
        self.on, self._clock, self._limits = on, clock, limits
        self._overall: deque[float] = deque()
        self._of_group: defaultdict[int, deque[float]] = defaultdict(deque)
        self._owed: dict[int, tuple[float, float]] = {}  # per chat: how full the bucket was, and when
        self._waits: list[Wait] = []

    def admit(self, chat: int, *, private: bool) -> None:
        """Count one message, or refuse it with 429."""
        if not self.on:
            return
        now = self._clock()
        self._must_wait(_free_in(self._overall, now, 1.0, self._limits.a_second_overall), None)
        if private:
            self._must_wait(self._bucket(chat, now), chat)
        else:
            free_in = _free_in(self._of_group[chat], now, 60.0, self._limits.a_minute_per_group)
            self._must_wait(free_in, chat)
            self._of_group[chat].append(now)
        self._overall.append(now)
        if private:
            self._owed[chat] = (self._level(chat, now) + 1, now)

    def _level(self, chat: int, now: float) -> float:
        """How many messages of the burst are used up; one is forgiven a second."""
        level, since = self._owed.get(chat, (0.0, now))
        return max(0.0, level - (now - since))

    def _bucket(self, chat: int, now: float) -> float:
        return self._level(chat, now) + 1 - self._limits.burst_per_chat

    def _must_wait(self, seconds: float, chat: int | None) -> None:
        if seconds > TOLERANCE:
            raise too_many(self.hold(math.ceil(seconds), SENDING, chat))

    def hold(self, seconds: int, methods: frozenset[str] | None, chat: int | None) -> int:
        """Remember that somebody was told to wait."""
        self._waits.append(Wait(methods, chat, self._clock() + seconds))
        return seconds

    def left(self, method: str, chat: int | None) -> int:
        """How many seconds this call comes too early; 0 when it does not."""
        now = self._clock() + TOLERANCE
        self._waits = [wait for wait in self._waits if wait.until > now]
        concerned = (wait.until - now for wait in self._waits if wait.concerns(method, chat))
        return math.ceil(max(concerned, default=0.0))

    def forgive(self) -> None:
        """Nobody has to wait any more, and nothing was counted."""
        self._waits.clear()
        self._overall.clear()
        self._of_group.clear()
        self._owed.clear()


def _free_in(sent: deque[float], now: float, span: float, most: int) -> float:
    """In how many seconds a sliding window has room again."""
    while sent and sent[0] <= now - span:
        sent.popleft()
    return sent[-most] + span - now if len(sent) >= most else 0.0
