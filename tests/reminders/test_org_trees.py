"""Counties whose people are missing, suspended, gone or their own superior, by dice: somebody hears of every step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlmodel import Session, col, select

from bot.channels.base import ChannelError
from casework import people
from reminders import rules
from reminders.mechanism import mechanism_of
from storage.clock import SandboxClock
from storage.lane import Lane
from storage.rulebook import Recipient, Via
from storage.tables.cases import Case
from storage.tables.counties import County
from storage.tables.mail import Outbox, OutboxState
from storage.tables.members import Address, Member, Role
from storage.tables.recusals import Recusal
from storage.tables.visits import Reminder, Visit
from tests import make
from tests.reminders import county

START = make.at("2026-11-23", "08:00")
WEEKS = timedelta(weeks=3)  # every step of the ladder
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # of the codes of counties
LINE = (Recipient.supervisor, Recipient.commission_staff, Recipient.leader)
# blocked: nobody knows until it is tried; recused: from this one case, and heard well of any other
FATES = ("well", "well", "well", "suspended", "unbound", "blocked", "recused")


@dataclass
class Tree:
    """One officer, the line above them as far as it hears anything, and one visit that nobody makes."""

    visit: int
    line: dict[Recipient, list[int]]

    def hears(self, step: rules.Step) -> set[int]:
        """Who has to hear of a step, by the words of the rule alone: the first in line of whom anybody can."""
        found: set[int] = set()
        for recipient in step.to:
            in_line = (self.line[above] for above in LINE[LINE.index(recipient) :])
            found |= set(next((able for able in in_line if able), []))
        return found


class Grower:
    """Grows one tree a county. The chats of `blocked` refuse whatever is sent to them."""

    def __init__(self, session: Session, dice: Random, blocked: set[str]) -> None:
        self.session, self.dice, self.blocked = session, dice, blocked
        self.recused: list[int] = []

    def tree(self, number: int) -> Tree:
        place = make.county(self.session, "".join(LETTERS[place] for place in divmod(number, len(LETTERS))))
        boss = self._people(place, Role.supervisor, 1)
        line = {
            Recipient.supervisor: [m for m, hears in boss if hears and self.dice.random() < 0.8],
            Recipient.commission_staff: [
                m for m, hears in self._people(place, Role.commission_staff, 2) if hears
            ],
            Recipient.leader: [m for m, hears in self._people(place, Role.leader, 2) if hears],
        }
        over = self.session.get(Member, line[Recipient.supervisor][0]) if line[Recipient.supervisor] else None
        officer = county.add(self.session, place, Role.care_officer, "责", START, bound=True, over=over)
        if (
            over is None and boss and self.dice.random() < 0.5
        ):  # somebody who does not hear, or they themselves
            unheard = [m for m, hears in boss if not hears]
            officer.supervisor_id = unheard[0] if unheard else officer.id
        if self.dice.random() < 0.2:  # an officer who works in the office
            also = people.NewMember(officer.name, Role.commission_staff)
            people.grant(self.session, officer, also, now=START, actor=None)
        case: Case = make.case(self.session, place, officer)
        for number, who in enumerate(self.recused):
            if number % 2:  # the case is about themselves
                also = people.NewMember(f"涉{number}", Role.subject, person_id=case.person_id)
                people.grant(self.session, self.session.get_one(Member, who), also, now=START, actor=None)
            else:
                recusal = Recusal(
                    county_id=place.id, case_id=case.id, member_id=who, by_id=officer.id, since=START
                )
                self.session.add(recusal)
        self.recused.clear()
        return Tree(make.visit(self.session, case, make.MONDAY, now=START).id, line)

    def _people(self, place: County, role: Role, most: int) -> list[tuple[int, bool]]:
        return [self._person(place, role, f"{role}{n}") for n in range(self.dice.randint(0, most))]

    def _person(self, place: County, role: Role, name: str) -> tuple[int, bool]:
        fate = self.dice.choice(FATES)
        member = county.add(self.session, place, role, name, START, bound=fate != "unbound")
        if fate == "suspended":
            people.suspend(self.session, member.id, now=START)
        elif fate == "blocked":
            address = self.session.exec(select(Address).where(Address.member_id == member.id)).one()
            self.blocked.add(address.address)
        elif fate == "recused":
            self.recused.append(member.id)
        return member.id, fate == "well"


async def everybody_hears(lane: Lane, url: str, seed: int, trees: int) -> int:
    blocked: set[str] = set()

    def grow(session: Session) -> list[Tree]:
        grower = Grower(session, Random(seed), blocked)
        return [grower.tree(number) for number in range(trees)]

    grown = lane.run_now(grow)
    house = county.house_of(lane, url, START)
    channel = house.channels[county.CHANNEL]
    _refuse(channel, blocked)
    assert isinstance(house.clock, SandboxClock)
    await house.ticker.advance(house.clock, START + WEEKS)
    return sum(lane.run_now(lambda session, tree=tree: _compare(session, tree)) for tree in grown)  # type: ignore[misc]


def _refuse(channel: Any, blocked: set[str]) -> None:
    inner: Callable[..., Any] = channel.send

    async def send(address: str, *given: Any, **more: Any) -> str:
        if address in blocked:
            raise ChannelError("blocked", unreachable=True)
        return str(await inner(address, *given, **more))

    channel.send = send


def _compare(session: Session, tree: Tree) -> int:
    """How many steps were told, each at its moment, to whom the rule says and to nobody else."""
    visit = session.get_one(Visit, tree.visit)
    there = mechanism_of(session, visit.county_id)
    told = session.exec(
        select(Reminder.step, Reminder.member_id, Outbox.sent_at)
        .join(Outbox, col(Outbox.id) == Reminder.outbox_id)
        .where(Reminder.visit_id == visit.id, Outbox.state == OutboxState.sent, Outbox.kind == "alert")
    ).all()
    steps = 0
    for index in range(len(there.rulebook.ladder.steps)):
        step = rules.step(visit.due_on, index, there.rulebook, there.calendar, there.zone)
        if step.via is Via.notice and step.offset > 0:
            heard = {member: sent_at for number, member, sent_at in told if number == index}
            assert heard == dict.fromkeys(tree.hears(step), step.moment), (index, tree)
            steps += bool(heard)
    return steps


async def test_somebody_hears_of_every_step_whoever_is_missing(lane: Lane, database_url: str) -> None:
    assert await everybody_hears(lane, database_url, 1, 40) > 40


@pytest.mark.soak
async def test_in_five_hundred_counties(lane: Lane, database_url: str) -> None:
    assert await everybody_hears(lane, database_url, 2, 500) > 500
