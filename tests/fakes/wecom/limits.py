"""How much is too much: calls a minute, messages a member, person-times a day, wrong secrets an hour."""

from __future__ import annotations

from collections import deque

from tests.fakes.wecom.errors import ApiError
from tests.fakes.wecom.state import DAY, Member, State

MEMBER_LIMITS = ((60.0, 30), (3600.0, 1000))
WRONG_SECRETS = 5
BAN = 3600.0
_UNCOUNTED = ("message/send",)  # has its own limits
_OFFSET = 8 * 3600  # a calendar day begins at midnight in China


def member_takes(member: Member, now: float) -> bool:
    """Whether a message would still be shown. Windows slide, which is the strictest reading of 'a minute'."""
    member.accepted = [at for at in member.accepted if now - at < MEMBER_LIMITS[-1][0]]
    return all(sum(now - at < seconds for at in member.accepted) < most for seconds, most in MEMBER_LIMITS)


def check_frequency(state: State, endpoint: str) -> None:
    """Calls of one endpoint in the last minute."""
    if endpoint in _UNCOUNTED:
        return
    now, recent = state.now(), state.minute.setdefault(endpoint, deque())
    recent.append(now)
    while now - recent[0] >= 60.0:
        recent.popleft()
    if len(recent) > state.calls_per_minute:
        raise ApiError(45009, "minute")


def check_concurrency(state: State, endpoint: str) -> None:
    """Calls of one endpoint at the same time, this one included."""
    if state.max_concurrent is not None and state.under_way[endpoint] > state.max_concurrent:
        raise ApiError(45033)


def within_quota(state: State, people: int) -> bool:
    """Whether the day's quota of person-times has room for so many more; if so they are counted."""
    today = int((state.now() + _OFFSET) // DAY)
    if state.quota_day != today:
        state.quota_day, state.quota_used = today, 0
    if state.quota_used + people > state.daily_quota:
        return False
    state.quota_used += people
    return True


def check_secrets(state: State) -> None:
    """An address that guesses secrets is shut out for an hour, the right secret included."""
    if sum(state.now() - at < BAN for at in state.wrong_secrets) >= WRONG_SECRETS:
        raise ApiError(45009, "ip banned")
