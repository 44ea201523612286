"""The forecast in words: a line for each notice, day by day, and what it comes to for each person."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby

from babel.dates import format_date
from rich.cells import cell_len
from sqlmodel import Session, col, select

from bot import wording
from casework import vocabulary
from locales.phrase import Clock, Code, Day, Name, P, Parts, Phrase, Reader, Term, Value, Word, several
from reminders import calls, confirming, days_off, forecast
from reminders.foreseen import Item, Notice
from reminders.mechanism import Mechanism, mechanism_of
from reminders.rules import Step
from storage.rulebook import Ladder
from storage.tables.counties import County
from storage.tables.members import Member, MemberRole, Role

CODES = 6  # named in a line
_WEEK = 7


class People:
    """Members as `member list` shows them: number, name and roles. Remembered, since the same few are told again."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[int, tuple[Phrase, frozenset[Role]]] = {}

    def shown(self, member_id: int) -> Phrase:
        return self._of(member_id)[0]

    def roles(self, member_id: int) -> frozenset[Role]:
        return self._of(member_id)[1]

    def _of(self, member_id: int) -> tuple[Phrase, frozenset[Role]]:
        if member_id not in self._known:
            member = self._session.get_one(Member, member_id)
            query = select(MemberRole.role).where(MemberRole.member_id == member_id)
            held = self._session.exec(query.order_by(col(MemberRole.id))).all()
            roles = list(dict.fromkeys(Role(role) for role in held))
            phrase = P(
                "{number} {name} ({roles})",
                number=Word(str(member.number)),
                name=Name(member.name),
                roles=several(Term(vocabulary.ROLES[role]) for role in roles),
            )
            self._known[member_id] = phrase, frozenset(roles)
        return self._known[member_id]


def last_moment(now: datetime, days: int, mechanism: Mechanism) -> datetime:
    """The end of the last day of a forecast."""
    return datetime.combine(mechanism.day(now) + timedelta(days=days), time.max, mechanism.zone)


def told(session: Session, county: County, *, now: datetime, days: int, reader: Reader) -> Iterator[str]:
    """The whole forecast, line by line."""
    mechanism = mechanism_of(session, county.id)
    until = last_moment(now, days, mechanism)
    people, sum_ = People(session), Summary(mechanism)
    first, last = Day(mechanism.day(now)), Day(mechanism.day(until))
    title = P(
        "{county}: what will be sent from {first} to {last} if nobody does anything",
        county=Code(county.code), first=first, last=last,
    )  # fmt: skip
    yield title.render(reader)
    for year in sorted({first.day.year, last.day.year}):
        if not mechanism.calendar.is_published(year):
            unknown = P(
                "Calendar: {year} is not published yet; its days are estimated from the law",
                year=Word(str(year)),
            )
            yield unknown.render(reader)
    notices = forecast.forecast(session, county.id, now=now, until=until, mechanism=mechanism)
    for day, of_day in groupby(notices, key=lambda notice: notice.moment.date()):
        yield ""
        yield f"{day.isoformat()} {format_date(day, 'EEEE', locale=reader.language)}"
        for notice in of_day:
            sum_.add(notice)
            yield f"  {notice_line(notice, people, mechanism).render(reader)}"
    yield ""
    yield from sum_.lines(people, reader)


def notice_line(notice: Notice, people: People, mechanism: Mechanism) -> Phrase:
    """When, what, to whom, which cases, by which rule."""
    parts: list[Value] = [
        Clock(notice.moment),
        Term(wording.TITLES[notice.kind]),
        people.shown(notice.member_id),
    ]
    if not notice.reached:
        parts.append(P("cannot be reached at present: the next in line hears"))
    if notice.kind == days_off.KIND:
        year = Word(str(notice.about_id))
        parts.append(P("on 1 and 15 December, while the days off of {year} are not known", year=year))
        return Phrase("{parts}", {"parts": Parts(tuple(parts))})
    if notice.about_id is not None:
        parts.append(people.shown(notice.about_id))
    if notice.kind in confirming.KINDS:
        if notice.asked:
            parts.append(several(Code(one.case) for one in notice.asked[:CODES]))
        parts.append(_rule_of_confirmations(notice, mechanism))
        return Phrase("{parts}", {"parts": Parts(tuple(parts))})
    if notice.call is not None:
        parts += [Code(notice.call.case), _rule_of_calls(notice, mechanism)]
        return Phrase("{parts}", {"parts": Parts(tuple(parts))})
    for cause, items in _by_rule(notice, mechanism):
        parts += [codes([item.visit.case for item in items]), cause] if items else [cause]
    if notice.matters:
        parts += [codes([one.case for one in notice.matters]), rule_of_matters(mechanism)]
    named = {Role(to.value) for item in notice.items if item.step is not None for to in item.step.to}
    if named and not named & people.roles(notice.member_id):
        parts.append(P("as the next in line"))
    return Phrase("{parts}", {"parts": Parts(tuple(parts))})


def _rule_of_calls(notice: Notice, mechanism: Mechanism) -> Phrase:
    """When a safety call is told again; without a round of its own the message waits already."""
    book = mechanism.rulebook.safety
    if notice.kind == calls.TAKEN:
        return P("once")
    return P(
        "again every {n} minutes, later every {later}, at any hour", None,
        n=book.repeat_minutes, later=book.later_minutes,
    )  # fmt: skip


def _rule_of_confirmations(notice: Notice, mechanism: Mechanism) -> Phrase:
    if notice.kind != confirming.SILENT:
        return P("waits in the outbox already")
    n = mechanism.rulebook.formal.silent_workdays
    return P("{n} working day without an answer", "{n} working days without an answer", n=n)


def _by_rule(notice: Notice, mechanism: Mechanism) -> list[tuple[Phrase, list[Item]]]:
    """The visits of a notice by the rule that put them there."""
    if notice.kind == "digest":
        cause = P("every working day while there is something to do")
        return [(cause, list(notice.items))] if notice.items else []
    if notice.about_id is not None:
        return [(P("once"), [])]
    ladder = mechanism.rulebook.ladder
    found: dict[int, tuple[Phrase, list[Item]]] = {}
    for item in notice.items:
        step = item.step
        index = -1 if step is None else min(step.index, len(ladder.steps))  # all repeats follow one rule
        found.setdefault(index, (rule(step, ladder), []))[1].append(item)
    return list(found.values())


def rule(step: Step | None, ladder: Ladder) -> Phrase:
    """The rule of the ladder that a step follows, in few words; without a step, the message is made already."""
    if step is None:
        return P("waits in the outbox already")
    if step.index >= len(ladder.steps):
        n = ladder.repeat_every
        return P("again every {n} working day", "again every {n} working days", n=n)
    return offset(step.offset)


def offset(workdays: int) -> Phrase:
    """Where a step stands, seen from the due day."""
    if workdays > 0:
        return P("{n} working day after the due day", "{n} working days after the due day", n=workdays)
    if workdays == 0:
        return P("on the due day")
    return P("{n} working day before the due day", "{n} working days before the due day", n=-workdays)


def rule_of_matters(mechanism: Mechanism) -> Phrase:
    """When a matter to follow up is listed."""
    n = mechanism.rulebook.limits.matters_every
    return P(
        "to follow up: on the day, then every {n} working day while it is open",
        "to follow up: on the day, then every {n} working days while it is open",
        n=n,
    )


def codes(named: Sequence[str]) -> Value:
    """The cases by their codes, each once; of many, the first and how many there are."""
    cases = list(dict.fromkeys(named))
    shown = several(Code(case) for case in cases[:CODES])
    if len(cases) <= CODES:
        return shown
    return P("{cases} … ({n} in all)", None, cases=shown, n=len(cases))


class Summary:
    """What a forecast comes to: counts only, by person and week and by day."""

    def __init__(self, mechanism: Mechanism) -> None:
        self._mechanism = mechanism
        self._weeks: dict[int, Counter[date]] = defaultdict(Counter)
        self._days: Counter[date] = Counter()
        self._most: Counter[int] = Counter()
        self._today: tuple[date | None, Counter[int]] = None, Counter()
        self._lost = 0

    def add(self, notice: Notice) -> None:
        if not notice.reached:
            self._lost += 1
            return
        day = notice.moment.date()
        self._weeks[notice.member_id][day - timedelta(days=day.weekday())] += 1
        self._days[day] += 1
        if self._today[0] != day:
            self._today = day, Counter()
        self._today[1][notice.member_id] += 1
        self._most[notice.member_id] = max(self._most[notice.member_id], self._today[1][notice.member_id])

    def lines(self, people: People, reader: Reader) -> Iterator[str]:
        total = self._days.total()
        if not total:
            yield P("Nothing will be sent.").render(reader)
        else:
            yield P("{n} message in all.", "{n} messages in all.", n=total).render(reader)
            day, most = max(self._days.items(), key=lambda found: (found[1], -found[0].toordinal()))
            busiest = P(
                "The busiest day is {day}, with {n} message.",
                "The busiest day is {day}, with {n} messages.",
                n=most,
                day=Day(day),
            )
            yield busiest.render(reader)
        if self._lost:
            lost = P(
                "{n} message would find nobody, because its reader is not bound to any chat or cannot be reached.",
                "{n} messages would find nobody, because their readers are not bound to any chat or cannot be reached.",
                n=self._lost,
            )
            yield lost.render(reader)
        if total:
            yield ""
            yield from self._table(people, reader)

    def _table(self, people: People, reader: Reader) -> Iterator[str]:
        """A row a person, a column a week."""
        weeks = sorted({week for of_one in self._weeks.values() for week in of_one})
        head = [
            P("Messages a week, from Monday").render(reader),
            *(f"{week:%m-%d}" for week in weeks),
            P("most a day").render(reader),
        ]
        rows = [
            [
                people.shown(member_id).render(reader),
                *(str(of_one[week] or "-") for week in weeks),
                str(self._most[member_id]),
            ]
            for member_id, of_one in sorted(self._weeks.items(), key=lambda found: -found[1].total())
        ]
        yield from aligned([head, *rows])


def aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows as columns: the first to the left, numbers to the right. A Chinese character takes two places."""
    widths = [max(cell_len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        padded = [
            _padded(cell, width, left=not n) for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(padded).rstrip()


def _padded(cell: str, width: int, *, left: bool) -> str:
    gap = " " * (width - cell_len(cell))
    return cell + gap if left else gap + cell
