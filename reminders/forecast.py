"""Every notice that will be sent if nobody does anything: to whom, when, of which visits, by which step.

Nothing is defined here: when a visit is looked at, who hears and when it goes out are asked of rules, ladder, passing
and so come out as they will. Nothing is written. Notices come one after the other in the order of time, so that their
number costs no memory; what is kept is one small entry for each open visit in reach.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from enum import IntEnum

from sqlmodel import Session, select

from reminders import asking, calls, confirming, days_off, passing, rules
from reminders.foreseen import (
    Calls,
    Confirmations,
    Item,
    Matters,
    Notice,
    above_instead,
    acts_for,
    instead_of,
)
from reminders.ladder import Recipients, hearers, holding, is_reachable, told_by
from reminders.mechanism import Mechanism, mechanism_of
from reminders.outlook import LADDER, Open, Outlook, Queued, outlook
from reminders.rules import Step
from storage.queries.leaves import Away
from storage.tables.mail import Outbox
from storage.tables.members import Member


class _What(IntEnum):
    """What happens at a moment, in its order: as a tick does it."""

    call = 0
    look = 1
    morning = 2
    silence = 3
    delivery = 4


_Box = tuple[str, int, int | None]  # kind, member, and the officer or the safety call that it is about


def forecast(
    session: Session, county_id: int, *, now: datetime, until: datetime, mechanism: Mechanism | None = None
) -> Iterator[Notice]:
    """The notices of one county from `now` up to and including `until`."""
    rules_there = mechanism or mechanism_of(session, county_id)
    start = outlook(session, county_id, rules_there, now=now, until=until)
    return run(session, start, rules_there, now=now, until=until)


def run(
    session: Session, start: Outlook, mechanism: Mechanism, *, now: datetime, until: datetime
) -> Iterator[Notice]:
    """What follows from an outlook under the rules given."""
    return _Run(session, start, mechanism, now).until(until)


class _Run:
    def __init__(self, session: Session, start: Outlook, mechanism: Mechanism, now: datetime) -> None:
        self._session, self._mechanism, self._now = session, mechanism, now
        self._county_id = start.county_id
        self._rules = (mechanism.rulebook, mechanism.calendar, mechanism.zone)
        self._visits, self._digested = start.visits, start.digested
        self._told = {(one.visit_id, one.step, one.member_id) for one in start.told}
        self._people, self._reachable = Recipients(session), Recipients(session, reachable=True)
        self._reached: dict[int, bool] = {}
        self._absent: set[str] = set()
        self._keys: dict[_Box, set[str]] = defaultdict(set)  # of what is told once
        self._step: dict[int, int | None] = {visit.id: visit.step for visit in start.visits.values()}
        self._agenda: dict[int, list[Open]] = defaultdict(list)  # by officer, the earliest due first
        self._boxes: dict[datetime, dict[_Box, list[Item]]] = {}
        self._ahead: list[tuple[datetime, _What, int]] = []
        for visit in start.visits.values():
            if visit.officer_id is not None:
                self._agenda[visit.officer_id].append(visit)
            if visit.look_at is not None:
                self._at(visit.look_at, _What.look, visit.id)
        self._calls = Calls(session, start, mechanism)
        for look_at, which in self._calls.looks():
            self._at(look_at, _What.call, which)
        self._matters = Matters(start, mechanism, self._people)
        self._confirmations = Confirmations(session, start, mechanism)
        for look_at, which in self._confirmations.looks():
            self._at(look_at, _What.silence, which)
        self._mornings, self._own_hours = dict(start.mornings), start.own_hours
        for member_id, moment in start.mornings.items():
            self._at(moment, _What.morning, member_id)
        for row in start.queued:
            self._queue(row)

    def until(self, end: datetime) -> Iterator[Notice]:
        while self._ahead and self._ahead[0][0] <= end:
            moment, what, which = heapq.heappop(self._ahead)
            if what is _What.call:
                self._look_at_call(which, moment)
            elif what is _What.look:
                self._look(self._visits[which], moment)
            elif what is _What.morning:
                self._morning(which, moment)
            elif what is _What.silence:
                self._look_at_silence(which, moment)
            else:
                yield from self._deliver(moment)

    def _at(self, moment: datetime, what: _What, which: int) -> None:
        heapq.heappush(self._ahead, (max(moment, self._now), what, which))

    def _put(self, moment: datetime, box: _Box, items: list[Item]) -> None:
        its_day, moment = self._mechanism.day(moment), max(moment, self._now)
        if box[0] == confirming.CARD:
            moment = self._confirmations.card_moment(box[1], moment)
        else:
            moment = passing.goes_out(box[0], self._own_hours.get(box[1]), self._mechanism, now=moment)
        if box[0] in passing.OF_ITS_DAY and self._mechanism.day(moment) > its_day:
            return  # that day's own digest lists it all
        if moment not in self._boxes:
            self._boxes[moment] = {}
            self._at(moment, _What.delivery, 0)
        self._boxes[moment].setdefault(box, []).extend(items)

    def _queue(self, row: Queued) -> None:
        items = [
            Item(
                self._visits[visit_id], None if step is None else self._step_of(self._visits[visit_id], step)
            )
            for visit_id, step in row.visits
            if visit_id in self._visits
        ]
        if (items or not row.visits) and self._is_useful(row):
            box = row.kind, row.member_id, row.about_id
            self._put(row.due_at, box, items)
            if row.key is not None:
                self._keys[box].add(row.key)

    def _is_useful(self, row: Queued) -> bool:
        """Whether it still says anything once its reader may hear it."""
        own, ready = self._own_hours.get(row.member_id), max(row.due_at, self._now)
        moment = passing.goes_out(row.kind, own, self._mechanism, now=ready)
        return row.useful_until is None or self._mechanism.day(moment) <= row.useful_until

    def _step_of(self, visit: Open, index: int) -> Step:
        return rules.step(visit.due_on, index, *self._rules)

    # --- a tick ------------------------------------------------------------------------------------------------------

    def _look(self, visit: Open, moment: datetime) -> None:
        steps, look = rules.climb(visit.due_on, self._step[visit.id], moment, *self._rules)
        for step in steps:
            self._tell(visit, step, self._people, moment)
        self._step[visit.id] = look.step
        self._at(look.moment, _What.look, visit.id)

    def _tell(self, visit: Open, step: Step, people: Recipients, moment: datetime) -> None:
        goes_out = rules.in_hours(moment, *self._rules)
        day = self._mechanism.day(goes_out)
        for member_id, makes, _ in hearers(visit, step, people, day):
            told = (visit.id, step.index, member_id)
            if told not in self._told:
                self._told.add(told)
                morning = self._mornings.get(member_id)
                kind = told_by(step, makes, morning, moment)
                if kind is not None:
                    self._put(goes_out, (kind, member_id, None), [Item(visit, step)])

    def _look_at_call(self, which: int, moment: datetime) -> None:
        again, told = self._calls.look(which, moment)
        self._put_of_call(told, moment)
        self._at(again, _What.call, which)

    def _put_of_call(self, told: list[tuple[str | None, _Box]], moment: datetime) -> None:
        for key, box in told:
            if key is None:
                self._put(moment, box, [])
            else:
                self._put_once(key, box, moment)

    def _look_at_silence(self, which: int, moment: datetime) -> None:
        again, boxes = self._confirmations.look(which, moment)
        if again is not None:
            self._at(again, _What.silence, which)
        self._put_in_hours(boxes, moment)

    def _put_in_hours(self, boxes: list[_Box], moment: datetime) -> None:
        for box in boxes:
            self._put(rules.in_hours(moment, *self._rules), box, [])

    def _morning(self, member_id: int, moment: datetime) -> None:
        goes_out = rules.morning(moment, *self._rules)
        day = self._mechanism.day(goes_out)
        leave = self._away(day).get(member_id)
        if leave is not None:
            goes_out = datetime.combine(leave.last_on, time.max, self._mechanism.zone)
        elif (member_id, day) not in self._digested:
            self._put(goes_out, ("digest", member_id, None), [])
        self._mornings[member_id] = rules.next_digest(max(moment, goes_out), *self._rules)
        self._at(self._mornings[member_id], _What.morning, member_id)

    # --- what goes out -----------------------------------------------------------------------------------------------

    def _deliver(self, moment: datetime) -> Iterator[Notice]:
        """Whoever is on leave by now or cannot be reached comes first: those who hear instead of them hear at the same
        moment, in one message."""
        boxes, sent = self._boxes[moment], dict[_Box, list[Item]]()
        while boxes:
            box = next(iter(boxes))
            told = self._not_put_off(box, boxes.pop(box), moment)
            if self._hand_on(box, told, moment):
                continue
            if self._is_reached(box[1]):
                sent.setdefault(box, []).extend(told)
                continue
            items = self._content(box, told, moment)
            if box[0] in confirming.KINDS:
                self._put_in_hours(self._confirmations.pass_on(box, moment), moment)
            else:
                self._pass_on(box, told, moment)
            if items or box[0] in calls.KINDS or self._matters.of(box, moment):
                yield self._notice(moment, box, items, reached=False)
        for box, told in sent.items():
            items = self._content(box, told, moment)
            if (
                box[0] == "today" and ("digest", box[1], None) in sent
            ):  # which has just said what is theirs to make
                makers = self._people.makers
                items = [one for one in items if box[1] not in makers(one.visit, self._mechanism.day(moment))]
            also = box[2] is not None or self._matters.of(box, moment)
            if box[0] not in confirming.KINDS and (items or also):
                yield self._notice(moment, box, items, reached=True)
        yield from self._of_confirmations(moment, list(sent))
        del self._boxes[moment]

    def _of_confirmations(self, moment: datetime, boxes: list[_Box]) -> Iterator[Notice]:
        """What is told of confirmations at a moment: of a kind, one message to one member."""
        together: dict[tuple[str, int], list[_Box]] = defaultdict(list)
        for box in boxes:
            if box[0] in confirming.KINDS:
                together[box[:2]].append(box)
        for (kind, member_id), of_one in together.items():
            asked = self._confirmations.listed(of_one)
            if asked or kind in (confirming.DISPUTED, confirming.SECOND):
                yield Notice(moment.astimezone(self._mechanism.zone), kind, member_id, (), asked=asked)

    def _not_put_off(self, box: _Box, told: list[Item], moment: datetime) -> list[Item]:
        """Those that may be told; of a visit that is quiet by now the step is owed, as in `passing`."""
        if box[0] not in LADDER:
            return told
        stay = []
        for item in told:
            visit, step = item.visit, item.step
            acknowledged, rest = visit.acknowledged_until, visit.rest_until
            if step is None or not rules.is_quiet(acknowledged, rest, moment):
                stay.append(item)
                continue
            known = self._step[visit.id]
            owed = step.index if known is None else min(step.index, known)
            look = rules.next_look(
                visit.due_on, moment, *self._rules, first=owed, ack_until=acknowledged, rest_until=rest
            )
            self._told.discard((visit.id, step.index, box[1]))
            self._step[visit.id] = look.step
            self._at(look.moment, _What.look, visit.id)
        return stay

    def _notice(self, moment: datetime, box: _Box, items: list[Item], *, reached: bool) -> Notice:
        kind, member_id, about_id = box
        local = moment.astimezone(self._mechanism.zone)
        if kind in calls.KINDS:
            return Notice(local, kind, member_id, (), reached, call=self._calls.of(about_id))
        found = self._matters.told(box, moment) if reached else self._matters.of(box, moment)
        return Notice(local, kind, member_id, tuple(items), reached, about_id, matters=found)

    def _content(self, box: _Box, told: list[Item], moment: datetime) -> list[Item]:
        """What the message has to say of visits when it is sent."""
        kind, member_id, _ = box
        if kind == "digest":
            return [Item(visit) for visit in self._to_make(member_id, self._mechanism.day(moment))]
        items = {item.visit.id: item for item in told}
        if kind not in LADDER:
            return list(items.values())
        visits = [item.visit for item in items.values()]
        true = holding(kind, visits, member_id, self._reachable, now=moment, mechanism=self._mechanism)
        return [items[visit.id] for visit in true]

    def _to_make(self, member_id: int, today: date) -> list[Open]:
        """What the digest of a day lists: one's own, and of those whom one covers, what falls due in their leave."""
        last = rules.agenda_until(today, self._mechanism.rulebook, self._mechanism.calendar)
        found = [
            visit
            for who, day in acts_for(self._people, self._county_id, member_id, today, last).items()
            for visit in self._agenda[who][: bisect_right(self._agenda[who], day, key=_due_on)]
            if member_id not in self._people.barred(visit)
        ]
        return sorted(found, key=lambda visit: (visit.due_on, visit.id))

    def _is_reached(self, member_id: int) -> bool:
        if member_id not in self._reached:
            self._reached[member_id] = is_reachable(self._session, member_id)
        return self._reached[member_id]

    def _away(self, day: date) -> Mapping[int, Away]:
        return self._people.away(self._county_id, day)

    def _hand_on(self, box: _Box, told: list[Item], moment: datetime) -> bool:
        """Whether a notice of the ladder is for somebody who is on leave by now, so that others hear instead."""
        kind, member_id, _ = box
        day = self._mechanism.day(moment)
        if kind in asking.ABOVE | {passing.CHASE}:
            for_others = self._is_above_others if kind in asking.ABOVE else self._is_covered
            told[:] = [item for item in told if not for_others(box, item, moment)]
            return not told
        if kind not in passing.LADDER or member_id not in self._away(day):
            return False
        others = True
        for item in told if kind != "digest" else []:
            if item.step is not None:
                others &= passing.is_for_others(item.step, item.visit, member_id, self._reachable, day)
                self._tell(item.visit, item.step, self._reachable, moment)
        return others

    def _is_above_others(self, box: _Box, item: Item, moment: datetime) -> bool:
        """Whether what is told of a visit that is moved goes to others: its reader is on leave or keeps out by now."""
        barred = box[1] in self._people.barred(item.visit)
        if not barred and box[1] not in self._away(self._mechanism.day(moment)):
            return False
        return self._tell_others(box, item, moment) or barred

    def _is_covered(self, box: _Box, item: Item, moment: datetime) -> bool:
        day = self._mechanism.day(moment)
        for one in (found := passing.covers(item.visit, box[1], self._people, day)):
            self._put(moment, (box[0], one, None), [item])
        return bool(found)

    def _tell_others(self, box: _Box, item: Item, moment: datetime) -> bool:
        day = self._mechanism.day(moment)
        others = list(above_instead(box, item.visit, self._keys[box], self._reachable, day))
        for key, hearer in others:
            self._put_once(key, (box[0], hearer, None), moment, [item])
        return bool(others)

    def _pass_on(self, box: _Box, told: list[Item], moment: datetime) -> None:
        """As `passing.pass_on` does."""
        kind, member_id, about_id = box
        day = self._mechanism.day(moment)
        if kind == calls.KIND:
            self._put_of_call(self._calls.pass_on(box, moment), moment)
        elif kind in passing.STEPS:
            self._pass_on_steps(box, told, moment)
        elif kind in asking.ABOVE:
            for item in told:
                self._tell_others(box, item, moment)
        elif kind in (*passing.ABSENCES, days_off.KIND):
            for key, hearer in instead_of(self._session, box, self._keys[box], day):
                self._put_once(key, (kind, hearer, about_id), moment)
        elif kind in passing.OFFICERS:
            self._cannot_be_told(member_id, moment)

    def _pass_on_steps(self, box: _Box, told: list[Item], moment: datetime) -> None:
        (kind, member_id, _), day = box, self._mechanism.day(moment)
        theirs = [kind == "today" and member_id in self._people.makers(item.visit, day) for item in told]
        for item, mine in zip(told, theirs, strict=True):
            if item.step is not None and not mine:
                self._tell(item.visit, item.step, self._reachable, moment)
        if any(theirs):
            self._cannot_be_told(member_id, moment)

    def _cannot_be_told(self, member_id: int, moment: datetime) -> None:
        officer = self._session.get_one(Member, member_id)
        for hearer, key in passing.absence(self._session, officer, self._mechanism.day(moment)):
            self._put_once(key, ("absent", hearer, member_id), moment)

    def _put_once(self, key: str, box: _Box, moment: datetime, items: Sequence[Item] = ()) -> None:
        if key not in self._absent and not self._is_known(key):
            self._put(moment, box, list(items))
            self._keys[box].add(key)
        self._absent.add(key)

    def _is_known(self, key: str) -> bool:
        return self._session.exec(select(Outbox.id).where(Outbox.dedupe == key)).first() is not None


def _due_on(visit: Open) -> date:
    return visit.due_on
