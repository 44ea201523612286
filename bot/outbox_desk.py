"""What the operator does with the outbox at the command line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from bot.channels.base import Finding
from bot.config import Settings
from bot.operator import opened
from casework import vocabulary
from locales.phrase import Day, P, Phrase, Reader
from reminders import hold, letters
from reminders.hold import Released
from reminders.letters import Letter, Which
from storage import ids
from storage.clock import lease_now


def list_letters(settings: Settings, which: Sequence[Which], limit: int, now: datetime) -> list[str]:
    """One line each: what it is called, how it stands, since when, for whom, what kind, where, attempts, those of them
    without an answer, the last error. Nothing of what it says."""
    reader = Reader(settings.language, settings.zone, now.astimezone(settings.zone).date())
    with opened(settings) as lane:
        found = lane.run_now(lambda session: letters.listed(session, which, limit, now=now))
    return [_line(letter, reader) for letter in found]


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


def examine(session: Session, *, now: datetime) -> list[Finding]:
    """How deliveries fare, for doctor."""
    findings = []
    since = hold.held_since(session)
    if since is not None:
        text = P(
            "Outbox: held since {day}; nothing but answers goes out. Release it with: fangpingcha outbox release",
            day=Day(since.date()),
        )
        findings.append(Finding(False, text))
    died, stuck = letters.died(session, now=now), letters.stuck(session, now=now)
    if died:
        text = P(
            "Outbox: {n} message of the last 7 days could not be delivered. See: fangpingcha outbox list --dead",
            "Outbox: {n} messages of the last 7 days could not be delivered. See: fangpingcha outbox list --dead",
            n=died,
        )
        findings.append(Finding(False, text))
    if stuck and since is None:
        text = P(
            "Outbox: {n} message has been waiting for more than 15 minutes. See: fangpingcha outbox list --waiting",
            "Outbox: {n} messages have been waiting for more than 15 minutes. See: fangpingcha outbox list --waiting",
            n=stuck,
        )
        findings.append(Finding(False, text))
    if not findings:
        findings.append(Finding(True, P("Outbox: nothing is stuck")))
    twice = letters.perhaps_twice(session, real_now=lease_now())
    if twice:
        text = P(
            "Outbox: {n} message of the last 7 days perhaps arrived twice. See: fangpingcha outbox list --twice",
            "Outbox: {n} messages of the last 7 days perhaps arrived twice. See: fangpingcha outbox list --twice",
            n=twice,
        )
        findings.append(Finding(True, text))
    return findings
