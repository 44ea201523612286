"""Whether what a channel is told has been allowed: what doctor and start-up keep saying until it is."""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import Session

from bot.channels.base import Finding
from bot.channels.disclosure import Level, tells_more
from bot.channels.registry import CHANNELS
from casework import approvals
from locales.phrase import Day, P, Term, Word


def examine(session: Session, levels: Mapping[str, Level]) -> list[Finding]:
    """One finding for each real channel that is set up. The sandbox needs nobody's leave."""
    return [_finding(session, kind, level) for kind, level in levels.items() if kind in CHANNELS]


def _finding(session: Session, kind: str, level: Level) -> Finding:
    channel, told = Term(CHANNELS[kind].name), Word(level.value)
    given = approvals.holding(session, kind)
    if given is None:
        return Finding(
            False,
            P(
                "{channel}: nobody has approved yet that it is told “{level}”. Record it with: {command}",
                channel=channel,
                level=told,
                command=Word(f"fangpingcha channel approve {kind}"),
            ),
        )
    if tells_more(level, Level(given.level)):
        return Finding(
            False,
            P(
                "{channel}: it is told “{level}”, but no more than “{approved}” was approved on {day}.",
                channel=channel,
                level=told,
                approved=Word(given.level),
                day=Day(given.approved_on),
            ),
        )
    return Finding(
        True,
        P(
            "{channel}: “{level}” was approved on {day}",
            channel=channel,
            level=told,
            day=Day(given.approved_on),
        ),
    )
