"""Who is there in the invented county, but for the person concerned: officers, supervisors, officials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bot import demo_data as data
from bot.demo_timeline import Dice
from casework import people
from casework.people import NewMember
from reminders import rules
from reminders.mechanism import Mechanism
from storage.tables.counties import County
from storage.tables.members import Member, Role

CHANNEL = "sandbox"
SEED = 20261123
_CASES_EACH, _OFFICERS_EACH = 12, 8  # cases an officer, officers a supervisor
_MOST_OFFICERS = 80


@dataclass(frozen=True, slots=True)
class Crew:
    officers: Sequence[Member]
    supervisors: Sequence[Member]


def make_members(
    session: Session, county: County, cases: int, founded: datetime, start: datetime, mechanism: Mechanism
) -> Crew:
    """Everybody but the person concerned, in the order in which the page shows them."""

    def add(persona: str, new: NewMember) -> Member:
        member = people.add_member(session, county, new, now=founded)
        people.bind_address(session, member, CHANNEL, persona, now=founded)
        return member

    number = max(len(data.OFFICERS), min(_MOST_OFFICERS, cases // _CASES_EACH))
    overseers = max(len(data.SUPERVISORS), -(-number // _OFFICERS_EACH))
    dice = Dice(SEED)
    officers = [
        add(f"officer-{i + 1}", NewMember(name, Role.care_officer, data.UNITS[i % len(data.UNITS)]))
        for i, name in enumerate(_names(data.OFFICERS, number, dice))
    ]
    supervisors = [
        add(f"supervisor-{i + 1}", NewMember(name, Role.supervisor, data.COMMISSION))
        for i, name in enumerate(_names(data.SUPERVISORS, overseers, dice))
    ]
    first_digest = rules.next_digest(start, mechanism.rulebook, mechanism.calendar, mechanism.zone)
    for i, officer in enumerate(officers):
        officer.supervisor_id = supervisors[i * overseers // number].id
        officer.digest_at = first_digest
    for official in data.OFFICIALS:
        member = add(official.persona, NewMember(official.name, official.role, official.unit, official.duty))
        if member.digest_at is not None or official.role is Role.commission_staff:
            member.digest_at = first_digest
    return Crew(officers, supervisors)


def _names(first: Sequence[str], number: int, dice: Dice) -> list[str]:
    """The names given, and as many others as are missing."""
    found = dict.fromkeys(first)
    while len(found) < number:
        found[dice.choice(data.SURNAMES) + "".join(dice.sample(data.GIVEN, 2))] = None
    return list(found)
