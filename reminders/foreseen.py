"""What the forecast is made of, and its parts that are about safety calls (whom which round is told), about
confirmations (when a card goes out, when the office hears of a silence), about what a digest lists to be followed up,
and about who hears instead of somebody whom no message reaches."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlmodel import Session

from reminders import asking, calls, confirming, days_off, heartbeats, matters, passing, rungs, silence
from reminders.ladder import Recipients, overseers_of
from reminders.mechanism import Mechanism
from reminders.outlook import Asked, Open, OpenCall, OpenMatter, Outlook
from reminders.rules import Step
from storage.rulebook import Recipient
from storage.tables.members import Member

Box = tuple[str, int, int | None]  # kind, member, and what it is about


@dataclass(frozen=True, slots=True)
class Item:
    """A visit that a notice speaks of, and the step that put it there; a digest lists what is open anyway."""

    visit: Open
    step: Step | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to one member. `reached`: as far as anybody knows, it finds them; else the next in line hears.
    `about_id`: the officer of whom it says that they cannot be reached, or are on leave, or a year whose days off are
    not known; `call` the safety call, `asked` the confirmations that it asks for or finds missing, `matters` what a
    digest lists to be followed up."""

    moment: datetime
    kind: str
    member_id: int
    items: tuple[Item, ...]
    reached: bool = True
    about_id: int | None = None
    call: OpenCall | None = None
    asked: tuple[Asked, ...] = ()
    matters: tuple[OpenMatter, ...] = ()


class Calls:
    """The safety calls that nobody has ended, as a run of the forecast goes on. What is told comes with its key where
    it is told once."""

    def __init__(self, session: Session, start: Outlook, mechanism: Mechanism) -> None:
        self._session, self._mechanism = session, mechanism
        self._open, self._told = dict(start.calls), set(start.called)

    def looks(self) -> Iterator[tuple[datetime, int]]:
        """When to look at each for the first time."""
        return ((one.look_at, one.id) for one in self._open.values() if one.look_at is not None)

    def of(self, which: int | None) -> OpenCall:
        return self._open[which or 0]

    def look(self, which: int, moment: datetime) -> tuple[datetime, list[tuple[str | None, Box]]]:
        """One look: when to look again, and whom this round is told now."""
        one, book = self._open[which], self._mechanism.rulebook.safety
        told = list[tuple[str | None, Box]]()
        to = rungs.due(one.opened_at, one.told_at, moment, book)
        if to:
            one = replace(one, round=one.round + 1, told_at=moment)
            told = self._tell(one, to, moment)
        self._open[which] = one
        return rungs.next_look(one.opened_at, one.told_at, one.rest_until, book), told

    def pass_on(self, box: Box, moment: datetime) -> list[tuple[str | None, Box]]:
        """Whom a message that finds nobody goes to instead."""
        _, member_id, which = box
        one = self.of(which)
        to = rungs.so_far(one.opened_at, moment, self._mechanism.rulebook.safety)
        return self._tell(one, to, moment, without=member_id)

    def _tell(
        self, one: OpenCall, to: tuple[Recipient, ...], moment: datetime, without: int | None = None
    ) -> list[tuple[str | None, Box]]:
        day, first = self._mechanism.day(moment), one.round == 1
        found = calls.hearers(self._session, one, to, day, first=first, without=without)
        told = list[tuple[str | None, Box]]()
        for member_id in found.members:
            if (one.id, one.round, member_id) not in self._told:
                self._told.add((one.id, one.round, member_id))
                told.append((None, (calls.KIND, member_id, one.id)))
        for member_id in found.unheard:
            key = f"{calls.UNHEARD}:{one.id}:{one.round}:{member_id}"
            told.append((key, (calls.UNHEARD, member_id, one.id)))
        return told


class Confirmations:
    """What is awaited, as a run of the forecast goes on."""

    def __init__(self, session: Session, start: Outlook, mechanism: Mechanism) -> None:
        self._session, self._mechanism = session, mechanism
        self._rules = (mechanism.rulebook, mechanism.calendar, mechanism.zone)
        self._asked = dict(start.asked)
        self._told: set[tuple[int, int]] = set()  # confirmation and member
        self._heard: set[int] = set()

    def looks(self) -> Iterator[tuple[datetime, int]]:
        """When to look at each for the first time."""
        return ((one.look_at, one.id) for one in self._asked.values() if one.look_at is not None)

    def look(self, which: int, moment: datetime) -> tuple[datetime | None, list[Box]]:
        """One look: when to look again, because leave has come between; or who of the office is told now."""
        one = self._asked[which]
        heard_at = silence.heard_at(one.asked_at, one.own, one.leave, *self._rules)
        if heard_at > moment:
            return heard_at, []
        return None, self._tell(one, moment)

    def card_moment(self, member_id: int, moment: datetime) -> datetime:
        """When a card that is ready at a moment may go out to its reader."""
        one = next((one for one in self._asked.values() if one.member_id == member_id), None)
        return moment if one is None else silence.asked_at(moment, one.own, one.leave, *self._rules)

    def pass_on(self, box: Box, moment: datetime) -> list[Box]:
        """Whom a message that finds nobody goes to instead."""
        kind, member_id, which = box
        if kind == confirming.CARD:
            return [new for one in self._waiting(member_id) for new in self._tell(one, moment)]
        one = self._asked.get(which or 0)
        return [] if one is None else self._tell(one, moment, without=member_id)

    def listed(self, boxes: list[Box]) -> tuple[Asked, ...]:
        """What one message to one member lists."""
        kind, member_id, _ = boxes[0]
        if kind == confirming.CARD:
            return tuple(self._waiting(member_id))
        return tuple(
            self._asked[which] for _, _, which in boxes if which is not None and which in self._asked
        )

    def _waiting(self, member_id: int) -> list[Asked]:
        return [one for one in self._asked.values() if one.member_id == member_id and not one.carried]

    def _tell(self, one: Asked, moment: datetime, without: int | None = None) -> list[Box]:
        if without is None and one.id in self._heard:
            return []
        self._heard.add(one.id)
        found = confirming.office_for(
            self._session, one.county_id, one.case_id, one.author_id, self._mechanism,
            now=moment, asked=one.member_id, without=without,
        )  # fmt: skip
        fresh = [member_id for member_id in found if (one.id, member_id) not in self._told]
        self._told |= {(one.id, member_id) for member_id in fresh}
        return [(confirming.SILENT, member_id, one.id) for member_id in fresh]


class Matters:
    """What is to be followed up, and to whom which digest listed it, as a run of the forecast goes on."""

    def __init__(self, start: Outlook, mechanism: Mechanism, people: Recipients) -> None:
        self._county_id, self._mechanism, self._people = start.county_id, mechanism, people
        self._open, self._listed = start.matters, dict(start.listed)

    def of(self, box: Box, moment: datetime) -> tuple[OpenMatter, ...]:
        """What a message lists, if it is a digest: as `matters.of_morning`."""
        kind, member_id, _ = box
        if kind != "digest" or not self._open:
            return ()
        today = self._mechanism.day(moment)
        until = acts_for(self._people, self._county_id, member_id, today, date.max)
        return tuple(
            one
            for one in self._open
            if one.officer_id in until
            and one.due_on <= until[one.officer_id]
            and member_id not in self._people.barred(one)
            and matters.is_listed(one.due_on, self._listed.get((one.id, member_id)), today, self._mechanism)
        )

    def told(self, box: Box, moment: datetime) -> tuple[OpenMatter, ...]:
        """The same of a message that is sent."""
        found = self.of(box, moment)
        self._listed |= {(one.id, box[1]): self._mechanism.day(moment) for one in found}
        return found


def acts_for(people: Recipients, county_id: int, member_id: int, today: date, last: date) -> dict[int, date]:
    """For whom a member acts on a day, and up to what day: for themselves, and for those whom they cover."""
    away, until = people.away(county_id, today), {member_id: last}
    if member_id not in away:
        until |= {who: min(last, leave.last_on) for who, leave in away.items() if leave.cover_id == member_id}
    return until


def instead_of(session: Session, box: Box, keys: Collection[str], day: date) -> Iterator[tuple[str, int]]:
    """Who hears of an absence, or that days off are not known, instead of its reader: key and member, as `passing`."""
    kind, member_id, about_id = box
    if kind == days_off.KIND:
        reader = session.get_one(Member, member_id)
        hearers = [one.id for one in heartbeats.others(session, kind, reader, day)]
        keys = [key for key in keys if days_off.day_of(key) <= day]
    else:
        officer = session.get_one(Member, about_id)
        hearers = overseers_of(session, officer, day, reachable=True, without=member_id)
    for hearer in hearers:
        for key in keys:
            yield passing.also_told(key, hearer), hearer


def above_instead(
    box: Box, visit: Open, keys: Collection[str], people: Recipients, day: date
) -> Iterator[tuple[str, int]]:
    """Who else above hears that a visit is to be moved, or was: key and member, as `passing`."""
    others = [one for one in asking.deciders(visit, people, day) if one != box[1]]
    for key in keys:
        if key.split(":")[1] == str(visit.id):
            yield from ((passing.also_told(key, one), one) for one in others)
