"""A change of the rulebook in words: what differs, whom it touches, and examples."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Any

from bot import wording
from bot.forecasting import People, aligned, offset
from casework import rulebooks, vocabulary
from casework.sanctions import SanctionKind
from locales.catalogue import N_, gettext
from locales.phrase import Clock, Code, Day, P, Phrase, Reader, Sanctioned, Term, Value, Word, line
from reminders.preview import NextDate, Preview, Shift
from storage.rulebook import LadderStep, Rulebook, SafetyStep

EXAMPLES = 5


def rules(before: Rulebook, after: Rulebook, reader: Reader) -> Iterator[str]:
    """Each rule that differs, by what it is called in the rulebook."""
    often = Counter(_name(about, reader) for (_, about), _ in rulebooks.leaves(after))
    for one in rulebooks.differences(before, after):
        rule, was, is_ = _rule(one, reader, often), *_shown(one.before, one.after)
        yield P("{rule}: {before} → {after}", rule=rule, before=was, after=is_).render(reader)


def _rule(one: rulebooks.Difference, reader: Reader, often: Counter[str]) -> Value:
    match one.path:
        case ("restriction_months", str(kind)):
            return P("Months of restriction, {kind}", kind=Sanctioned(SanctionKind(kind).label))
        case ("ladder", "steps", int(n)):
            return P("Step {n} of the ladder", None, n=n + 1)
        case ("safety", "steps", int(n)):
            return P("Step {n} of a safety call", None, n=n + 1)
    name = _name(one.about, reader)
    if often[name] < 2:
        return Word(name)
    section = Rulebook.model_fields[str(one.path[0])].default  # two sections say the same: which one is it
    return line(
        Word(_name(type(section).model_fields[str(one.path[1])].description or "", reader)), Word(name)
    )


def _name(about: str, reader: Reader) -> str:
    """What a rule says of itself, without where it comes from."""
    said = gettext(reader.language, about)
    return re.split(r"。|\.(?= |$)", said)[0]


def _shown(before: Any, after: Any) -> tuple[Value, Value]:
    """What a rule was and what it is; of a step only what differs."""
    parts = [_parts(before), _parts(after)]
    if before is not None and after is not None:
        kept = [at for at, (was, is_) in enumerate(zip(*parts, strict=True)) if was != is_]
        parts = [[one[at] for at in kept] for one in parts]
    was, is_ = (line(*one) if one else P("none") for one in parts)
    return was, is_


def _parts(value: Any) -> list[Value]:
    match value:
        case None:
            return []
        case LadderStep():
            how = P("a notice at {hour}", hour=_hour(value.at)) if value.at else P("in the morning digest")
            return [offset(value.offset), wording.roles([value.to]), how]
        case SafetyStep():
            n = value.after_minutes
            after = P("{n} minute after the opening", "{n} minutes after the opening", n=n)
            return [after if n else P("at once"), wording.roles(value.to)]
        case time():
            return [_hour(value)]
        case tuple():
            return [wording.roles(value)]
    return [Word(str(value))]


def _hour(at: time) -> Word:
    return Word(f"{at:%H:%M}")


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
