"""/calendar · 日历: a year as it holds, for the administrators; and the State Council's notice, pasted, looked at and
adopted."""

from __future__ import annotations

from bot import calendar_words, wording
from bot.commands.command import Answer, Command, Tap
from bot.context import Context
from bot.house_notices import HOW_TO_IMPORT
from bot.messages import Action, Button, Message, act
from casework import days
from casework.notice_text import ReadNotice, is_notice, missing_line, year_of
from locales.catalogue import N_
from locales.phrase import FreeText, P, Phrase, Word
from storage.errors import Refused
from storage.tables.members import Role

ROLES = frozenset({Role.administrator})
LONGEST = 30


def run(ctx: Context, argument: str) -> Answer:
    if not argument:
        return [_year(ctx, ctx.today.year)]
    if argument.isdecimal() and int(argument) in days.YEARS:
        return [_year(ctx, int(argument))]
    if is_notice(argument):
        return [_tried(ctx, argument)]
    raise Refused(
        N_("“{text}” is neither a year nor the notice: send {example}, or paste the whole notice."),
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
    others = [one for one in (coming - 1, coming) if one != year]
    row = tuple(Button(P("{year}", year=Word(str(one))), act("calendar", year=one)) for one in others)
    return Message(tuple(lines), (row,))


def of_year(ctx: Context, action: Action) -> Answer:
    return run(ctx, str(action.get("year") or ""))


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
    N_("the days off of a year; paste the yearly notice to read it in"),
    run,
    ROLES,
    argument=True,
    label=N_("Calendar"),
)
TAPS: dict[str, Tap] = {"calendar": of_year, "calendar_adopt": adopt, "calendar_drop": drop}
