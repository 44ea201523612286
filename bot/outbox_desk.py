"""What the operator does with the outbox at the command line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from bot.config import Settings
from bot.operator import opened
from casework import vocabulary
from locales.catalogue import N_
from locales.phrase import P, Phrase, Reader, Word
from reminders import hold, letters
from reminders.hold import Released
from reminders.letters import Letter, Which
from reminders.waiting import Why
from storage import ids
from storage.clock import lease_now


def list_letters(settings: Settings, which: Sequence[Which], limit: int, now: datetime) -> list[str]:
    """One line each: what it is called, how it stands, since when, for whom, what kind, where, attempts, those of them
    without an answer, the last error, why it waits. Nothing of what it says."""
    reader = Reader(settings.language, settings.zone, now.astimezone(settings.zone).date())
    with opened(settings) as lane:
        found = lane.run_now(
            lambda session: letters.listed(session, which, limit, now=now, real_now=lease_now())
        )
    return [_line(letter, reader) for letter in found]


# Why a message waits: of one, with when it goes on; of several.
_WHY = {
    Why.held: N_("the outbox is held"),
    Why.sending: N_("it is being sent"),
    Why.day: N_("until {time}: the channel’s day is used up but for answers and safety calls"),
    Why.chat: N_("until {time}: this chat has had as many as it may have"),
    Why.channel: N_("until {time}: the channel takes no more for now"),
    Why.failed: N_("until {time}: then it is tried once more"),
    Why.behind: N_("an earlier message to the same person comes first"),
    Why.free: N_("nobody has taken it up yet"),
}


def _why(letter: Letter, reader: Reader) -> str:
    if letter.why is None:
        return "-"
    until = letter.row.lease_until
    if until is None:
        return P(_WHY[letter.why]).render(reader)
    return P(_WHY[letter.why], time=Word(f"{until.astimezone(reader.zone):%m-%d %H:%M}")).render(reader)


def _line(letter: Letter, reader: Reader) -> str:
    row = letter.row
    roles = ", ".join(P(vocabulary.ROLES[role]).render(reader) for role in letter.roles)
    cells = (
        ids.short(row.id),
        row.state.value,
        f"{row.due_at.astimezone(reader.zone):%Y-%m-%d %H:%M}",
        "-" if letter.number is None else f"{letter.number} {roles}".strip(),
        row.kind,
        row.channel or "-",
        f"{row.attempts}",
        f"{row.unanswered}",
        row.error or "-",
        _why(letter, reader),
    )
    return "\t".join(cells)


def retry(settings: Settings, called: str | None, now: datetime) -> Phrase:
    with opened(settings) as lane:
        n = lane.run_now(lambda session: letters.retry(session, called, now=now))
    return P("{n} message is tried once more.", "{n} messages are tried once more.", n=n)


class _OnlyAsked(Exception):
    """Undoes a release that was only asked about."""

    def __init__(self, released: Released) -> None:
        self.released = released


def hold_all(settings: Settings, now: datetime) -> Phrase:
    with opened(settings) as lane:
        new = lane.run_now(lambda session: hold.hold(session, now=now))
    if not new:
        return P("The outbox was held already.")
    return P("The outbox is held: nothing but answers goes out. Release it with: fangpingcha outbox release")


def release(settings: Settings, now: datetime, *, yes: bool) -> list[Phrase]:
    """Let the outbox go again; without `yes` only say what that would do."""

    def unit(session: Session) -> Released:
        released = hold.release(session, now=now, real_now=lease_now())
        if not yes:
            raise _OnlyAsked(released)
        return released

    with opened(settings) as lane:
        try:
            done = lane.run_now(unit)
        except _OnlyAsked as asked:
            done = asked.released
    return [
        P("{n} message goes out as it is.", "{n} messages go out as they are.", n=done.ready),
        P(
            "{n} message older than a day is withdrawn or merged.",
            "{n} messages older than a day are withdrawn or merged.",
            n=done.withdrawn,
        ),
        P(
            "{n} person gets one message that says what is open now.",
            "{n} people get one message each that says what is open now.",
            n=done.caught_up,
        ),
    ]
