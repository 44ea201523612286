"""How deliveries fare, in words: for doctor, and for the administrator who asks in chat."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from bot.channels.base import Finding
from locales.phrase import Day, P, Phrase
from reminders import hold, letters
from reminders.waiting import Why
from storage.clock import lease_now


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
    died, waits = letters.died(session, now=now), letters.stuck(session, now=now, real_now=lease_now())
    stuck = waits.total()
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
        findings += [Finding(False, _of_them(why, n)) for why, n in waits.most_common()]
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


def _of_them(why: Why, n: int) -> Phrase:
    told = {
        Why.held: P("Outbox: {n} of them: the outbox is held", n=n),
        Why.sending: P("Outbox: {n} of them: being sent at the moment", n=n),
        Why.day: P("Outbox: {n} of them: the channel’s day is used up but for answers and safety calls", n=n),
        Why.chat: P("Outbox: {n} of them: their chats have had as many as they may have", n=n),
        Why.channel: P("Outbox: {n} of them: the channel takes no more for now", n=n),
        Why.failed: P("Outbox: {n} of them: tried, and will be once more; the list names the error", n=n),
        Why.behind: P("Outbox: {n} of them: an earlier message to the same person comes first", n=n),
        Why.free: P("Outbox: {n} of them: nobody has taken them up yet. Is serve running?", n=n),
    }
    return told[why]
