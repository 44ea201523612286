"""Whether one officer rates the state of mind markedly otherwise than the others: a reason to compare notes, no more.

No ranking, no score, nothing that is kept. Everybody an officer has rated counts once, by the latest rating, so that
one person who is visited often does not decide it. The share of yellow and red is compared with that of all other
officers by Fisher's test, which is exact for small numbers, too; its limit is divided by how many are looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import comb

from sqlmodel import Session

from casework.forms.catalog import RATING_FORMS
from casework.forms.catalog.common import NEEDS_BASIS
from reminders.mechanism import mechanism_of
from storage import audit
from storage.queries import notes
from storage.queries.access import Actor, require
from storage.rulebook import DriftRules
from storage.tables.members import Member, Role


@dataclass(frozen=True)
class Tally:
    """How many people were rated, and how many of them yellow or red."""

    people: int = 0
    concerned: int = 0

    def without(self, other: Tally) -> Tally:
        return Tally(self.people - other.people, self.concerned - other.concerned)


@dataclass(frozen=True)
class Drift:
    officer: Member
    own: Tally
    others: Tally


def marked(session: Session, actor: Actor, *, now: datetime) -> list[Drift]:
    """Officers whose ratings differ markedly, in the order of their numbers; for the office. That somebody looked is
    recorded where there was something to see."""
    require(actor, Role.commission_staff)
    mechanism = mechanism_of(session, actor.county_id)
    rules = mechanism.rulebook.drift
    since = mechanism.day(now) - timedelta(rules.days)
    latest = notes.latest_ratings(session, actor.county_id, since, RATING_FORMS)
    graded: dict[int, list[str]] = {}
    for (author, _), grade in latest.items():
        graded.setdefault(author, []).append(grade)
    tallies = {
        one: Tally(len(found), sum(grade in NEEDS_BASIS for grade in found)) for one, found in graded.items()
    }
    found = [
        Drift(session.get_one(Member, member_id), tallies[member_id], others)
        for member_id, others in standing_out(tallies, rules)
    ]
    if found:
        audit.record(
            session, actor, "ratings_compared", "county", actor.county_id, now=now, marked=len(found)
        )
    return sorted(found, key=lambda one: one.officer.number)


def standing_out(tallies: Mapping[int, Tally], rules: DriftRules) -> Sequence[tuple[int, Tally]]:
    """Whose ratings differ markedly from those of all others together, with the others' numbers."""
    if len(tallies) <= rules.officers:
        return []
    whole = Tally(sum(t.people for t in tallies.values()), sum(t.concerned for t in tallies.values()))
    compared = {
        key: whole.without(own)
        for key, own in tallies.items()
        if own.people >= rules.people and whole.people - own.people >= rules.others
    }
    return [
        (key, others)
        for key, others in compared.items()
        if chance(tallies[key], others) * rules.once_in * len(compared) <= 1
    ]


def chance(own: Tally, others: Tally) -> float:
    """How often a difference as large as this, either way, comes about where there is none (Fisher, two-sided)."""
    people, concerned = own.people + others.people, own.concerned + others.concerned
    least, most = max(0, own.people - (people - concerned)), min(own.people, concerned)
    ways = [comb(concerned, n) * comb(people - concerned, own.people - n) for n in range(least, most + 1)]
    seen = ways[own.concerned - least]
    return sum(way for way in ways if way <= seen) / comb(people, own.people)
