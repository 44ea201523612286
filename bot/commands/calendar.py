"""/calendar · 日历: a year as it holds, for the administrators; the State Council's notice, pasted, looked at and
adopted; and a day of the county's own, set or taken back."""

from __future__ import annotations

from datetime import date

from bot import calendar_words, wording
from bot.calendar_words import KINDS
from bot.commands.command import Answer, Command, Tap
from bot.context import Context
from bot.dialogs.dates import read_date
from bot.house_notices import HOW_TO_IMPORT
from bot.messages import Action, Button, Message, act
from casework import days
from casework.notice_text import ReadNotice, is_notice, missing_line, year_of
from locales.catalogue import N_
from locales.phrase import Day, FreeText, P, Phrase, Term, Word, line
from storage.errors import Refused
from storage.tables.days import DayKind
from storage.tables.members import Role

ROLES = frozenset({Role.administrator})
LONGEST = 30
EXAMPLE = P("/calendar 12-24 county anniversary")


def run(ctx: Context, argument: str) -> Answer:
    if not argument:
        return [_year(ctx, ctx.today.year)]
    if argument.isdecimal() and int(argument) in days.YEARS:
        return [_year(ctx, int(argument))]
    if is_notice(argument):
        return [_tried(ctx, argument)]
    found = _day_and_reason(ctx, argument)
    if found is not None:
        return [_day(ctx, *found)]
    raise Refused(
        N_("“{text}” is neither a year, a day nor the notice: send {example}, or paste the whole notice."),
        text=FreeText(argument[:LONGEST]),
        example=Word(f"日历 {ctx.today.year + 1}"),
    )


def is_pasted(ctx: Context, text: str) -> bool:
    """Whether this is the notice, pasted without a word before it."""
    return ctx.actor.has(*ROLES) and is_notice(text)


def _year(ctx: Context, year: int) -> Message:
    """A year, what was set by hand in it, and the way to the years beside it."""
    calendar, county_id = ctx.mechanism.calendar, ctx.member.county_id
    own = days.own_days(ctx.session, county_id, year)
    lines = calendar_words.of_year(calendar, year)
    lines += [calendar_words.own_day(one) for one in own if one.notice_year is None]
    coming = ctx.today.year + 1
    if not calendar.is_published(coming):
        lines += [P(""), wording.not_announced(coming)]
        lines += [HOW_TO_IMPORT] if days.keeps(ctx.session, ctx.actor) else []
    if days.keeps(ctx.session, ctx.actor):
        lines.append(
            P("A day of your county's own: send its date and the reason, as {example}.", example=EXAMPLE)
        )
    others = [one for one in (coming - 1, coming) if one != year]
    row = tuple(Button(P("{year}", year=Word(str(one))), act("calendar", year=one)) for one in others)
    return Message(tuple(lines), (row,))


def of_year(ctx: Context, action: Action) -> Answer:
    return run(ctx, str(action.get("year") or ""))


# --- a day of the county's own ---------------------------------------------------------------------------------------


def _day_and_reason(ctx: Context, text: str) -> tuple[date, str] | None:
    """The day at the beginning, as long as can be, and what stands behind it."""
    for end in range(min(len(text), LONGEST), 0, -1):
        between_digits = text[end - 1].isdigit() and text[end : end + 1].isdigit()
        day = None if between_digits else read_date(text[:end], ctx.today, "future")
        if day is not None:
            return day, text[end:].strip(" ，,。：:、；;\n")
    return None


def _day(ctx: Context, day: date, reason: str) -> Message:
    """How a day holds, and with a reason what setting it would change; nothing of it is kept before a tap."""
    days.require_keeper(ctx.session, ctx.actor)
    is_worked = ctx.mechanism.calendar.is_workday(day)
    lines: list[Phrase] = [line(Day(day), Term(KINDS[DayKind.work if is_worked else DayKind.off]))]
    own, buttons = days.own_of(ctx.session, ctx.actor.county_id, day), list[Button]()
    if own is not None:
        lines.append(calendar_words.own_day(own))
        buttons.append(_clear(day))
    if days.came_with(ctx.session, ctx.actor.county_id, day) is not None:
        lines.append(P(days.WITH_NOTICE, None, day=Day(day)))
    elif reason:
        other = DayKind.off if is_worked else DayKind.work
        change = days.try_day(ctx.session, ctx.actor, day, other, reason, now=ctx.now)
        lines += [
            P("Reason: {reason}", reason=FreeText(reason)),
            P("If it is set as {kind}:", kind=Term(KINDS[other])),
        ]
        lines += [*calendar_words.effect(change), P("Nothing is kept yet.")]
        label = P("Set as {kind}", kind=Term(KINDS[other]))
        buttons.insert(
            0, Button(label, act("calendar_set", day=day.isoformat(), kind=other.value, note=reason))
        )
    else:
        lines.append(P("To set it anew, send the reason with it, as {example}.", example=EXAMPLE))
    return Message(tuple(lines), (tuple(buttons),) if buttons else ())


def _clear(day: date) -> Button:
    return Button(P("Clear the setting"), act("calendar_clear", day=day.isoformat()))


def set_day(ctx: Context, action: Action) -> Answer:
    day, kind = date.fromisoformat(str(action.get("day"))), DayKind(str(action.get("kind")))
    change = days.set_own(ctx.session, ctx.actor, day, kind, str(action.get("note")), now=ctx.now)
    said = P("{day} is now set: {kind}.", day=Day(day), kind=Term(KINDS[kind]))
    return [Message((said, *calendar_words.effect(change)), ((_clear(day),),))]


def clear_day(ctx: Context, action: Action) -> Answer:
    day = date.fromisoformat(str(action.get("day")))
    change = days.clear_own(ctx.session, ctx.actor, day, now=ctx.now)
    said = P("Nothing of your own is set for {day} any more.", day=Day(day))
    row = (Button(P("Calendar"), act("command", name="calendar")),)
    return [Message((said, *calendar_words.effect(change)), (row,))]


# --- the notice ------------------------------------------------------------------------------------------------------


def _tried(ctx: Context, text: str) -> Message:
    """What the text says and what it would change; nothing of it is kept before somebody has looked."""
    notice = days.parse(text, year_of(text))
    if notice.problems:
        return Message(
            (*calendar_words.not_kept(notice), P("Please paste the notice once more as it stands."))
        )
    tried = days.try_notice(ctx.session, ctx.actor, notice, now=ctx.now)
    lines = [*_read(notice, tried), P("Nothing is kept yet. Please compare it with the notice.")]
    adopt = Button(P("Adopt"), act("calendar_adopt", text=text))
    return Message(tuple(lines), ((adopt, Button(P("Leave it"), act("calendar_drop"))),))


def adopt(ctx: Context, action: Action) -> Answer:
    text = str(action.get("text") or "")
    notice = days.parse(text, year_of(text))
    tried = days.adopt_notice(ctx.session, ctx.actor, notice, now=ctx.now)
    year = Word(str(notice.year))
    lines = [P("The days off of {year} are adopted.", year=year), *calendar_words.effect(tried.change)]
    shown = Button(P("{year}", year=year), act("calendar", year=notice.year))
    return [Message((*lines, *_missing(notice)), ((shown,),))]


def drop(ctx: Context, action: Action) -> Answer:
    days.require_keeper(ctx.session, ctx.actor)
    row = (Button(P("Calendar"), act("command", name="calendar")),)
    return [Message((P("Not adopted: the calendar stays as it is."),), (row,))]


def _read(notice: ReadNotice, tried: days.Tried) -> list[Phrase]:
    return [
        calendar_words.read(notice),
        *calendar_words.of_year(tried.calendar, notice.year),
        *calendar_words.effect(tried.change),
        *_missing(notice),
    ]


def _missing(notice: ReadNotice) -> list[Phrase]:
    return [missing_line(notice)] if notice.missing else []


COMMAND = Command(
    "calendar",
    ("日历", "放假安排"),
    N_("the days off of a year; paste the yearly notice to read it in, or set a day of the county's own"),
    run,
    ROLES,
    argument=True,
    label=N_("Calendar"),
)
TAPS: dict[str, Tap] = {
    "calendar": of_year,
    "calendar_adopt": adopt,
    "calendar_drop": drop,
    "calendar_set": set_day,
    "calendar_clear": clear_day,
}
