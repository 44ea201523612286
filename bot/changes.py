"""A change of the rulebook in words: what differs, whom it touches, and examples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from bot import wording
from bot.forecasting import People, aligned
from casework import rulebooks, vocabulary
from locales.catalogue import N_
from locales.phrase import Clock, Code, Day, P, Phrase, Reader, Term, Value, Word, line
from reminders.preview import NextDate, Preview, Shift
from storage.rulebook import Rulebook

EXAMPLES = 5


def rules(before: Rulebook, after: Rulebook) -> Iterator[Phrase]:
    """Each rule that differs, by its name."""
    for name, was, is_ in rulebooks.differences(before, after):
        yield P("{rule}: {before} → {after}", rule=Word(name), before=Word(was), after=Word(is_))


def told(preview: Preview, people: People, reader: Reader) -> Iterator[str]:
    """Notices first, then what each person gets, then dates."""
    counts = P(
        "Notices: {come} new, {gone} gone, {moved} moved.",
        come=len(preview.come),
        gone=len(preview.gone),
        moved=len(preview.moved),
    )
    yield counts.render(reader)
    for shifts in (preview.come, preview.gone, preview.moved):
        for shift in shifts[:EXAMPLES]:
            yield f"  {_shift(shift, people).render(reader)}"
        if len(shifts) > EXAMPLES:
            n = len(shifts) - EXAMPLES
            yield "  " + P("… and {n} more.", "… and {n} more.", n=n).render(reader)
    if preview.shifts:
        yield ""
        yield from _table(preview, people, reader)
    if preview.dates:
        yield ""
        yield from _dates(preview.dates, reader)


def _shift(shift: Shift, people: People) -> Phrase:
    parts: list[Value] = [Term(wording.TITLES[shift.kind]), people.shown(shift.member_id)]
    if shift.visit is not None:
        parts.append(Code(shift.visit.case))
    if shift.before is None and shift.after is not None:
        parts.append(P("new: {moment}", moment=_moment(shift.after)))
    elif shift.after is None and shift.before is not None:
        parts.append(P("gone: {moment}", moment=_moment(shift.before)))
    elif shift.before is not None and shift.after is not None:
        parts.append(P("{before} → {after}", before=_moment(shift.before), after=_moment(shift.after)))
    return line(*parts)


def _moment(moment: datetime) -> Phrase:
    return P("{day} {time}", day=Day(moment.date()), time=Clock(moment))


def _table(preview: Preview, people: People, reader: Reader) -> Iterator[str]:
    head = [P(text, None).render(reader) for text in (N_("Messages for each person"), N_("now"), N_("then"))]
    members = sorted(preview.before.keys() | preview.after.keys(), key=lambda m: (-preview.after[m], m))
    rows = [[people.shown(m).render(reader), str(preview.before[m]), str(preview.after[m])] for m in members]
    yield from aligned([head, *rows])


def _dates(dates: Sequence[NextDate], reader: Reader) -> Iterator[str]:
    n = len(dates)
    yield P(
        "{n} visit would be followed on another day (dates planned already stay as they are):",
        "{n} visits would be followed on another day (dates planned already stay as they are):",
        n=n,
    ).render(reader)
    for one in dates[:EXAMPLES]:
        what = P("made on {day}", day=Day(one.due_on))
        change = P("next {before} → {after}", before=_day(one.before), after=_day(one.after))
        yield f"  {line(Code(one.case), Term(vocabulary.KINDS[one.kind]), what, change).render(reader)}"
    if n > EXAMPLES:
        yield "  " + P("… and {n} more.", "… and {n} more.", n=n - EXAMPLES).render(reader)


def _day(day: date | None) -> Value:
    return Day(day) if day is not None else Word("-")
