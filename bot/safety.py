"""The safety call in words. What it is about is told at `full` alone: below, it is a case that needs contact."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot import wording
from bot.commands.command import Answer, Tap
from bot.context import Context
from bot.dialogs import runner
from bot.messages import Action, Button, Message, act
from casework import safety
from locales.catalogue import N_
from locales.phrase import CaseRef, Clock, Code, Day, Grade, Name, P, Phrase, Term, Value, Word, one_of
from reminders import calls
from storage.queries import calls as call_lists
from storage.queries.access import may_know_call
from storage.queries.calls import CallLine
from storage.rulebook import SafetyRules
from storage.tables.calls import CallSource, SafetyCall
from storage.tables.members import Member, Role

CONCERN, TAKE = N_("Safety concern"), N_("I am on it")
SPOKEN_WITH = N_("Spoken with the person")
_BUTTON = N_("{label}")


def case_of(ctx: Context, item: CallLine) -> Value:
    """The case as the reader may know it: a supervisor by its code alone, until it is they who contact the person."""
    call = item.call
    knows = ctx.actor.in_office or ctx.actor.has(Role.care_officer) or _is_theirs(ctx, call)
    return CaseRef(item.case.code, item.person.name) if knows else Code(item.case.code)


def _is_theirs(ctx: Context, call: SafetyCall) -> bool:
    """Whether they said that they contact the person, and still have to."""
    return call.taken_by == ctx.member.id and call.closed_at is None


# --- the message ---------------------------------------------------------------------------------------------------


def message(ctx: Context, item: CallLine) -> Message:
    """How a call stands, for one of those who may know of it."""
    if item.call.closed_at is not None:
        return Message((_settled(ctx, item),))
    what, *rest = _body(ctx, item)
    return Message((_head(ctx, item), what, *_so_often(ctx, item.call), *rest), (buttons(ctx, item),))


def _so_often(ctx: Context, call: SafetyCall) -> list[Phrase]:
    n = call_lists.times_told(ctx.session, call.id, ctx.member.id)
    day, time = Day(ctx.mechanism.day(call.opened_at)), Clock(call.opened_at)
    told = P("Opened on {day} at {time}; you have been told {n} times.", None, day=day, time=time, n=n)
    return [told] if n > 1 else []


def retold(ctx: Context, payload: dict[str, Any]) -> Message:
    """A message that told of a call as it should read now: one line where a later one has reached its reader."""
    item = call_lists.by_id(ctx.session, payload["call"])
    round_ = payload.get("round")  # a notice that somebody is on it has none
    if round_ is None or not call_lists.is_told_anew(ctx.session, item.call.id, ctx.member.id, round_):
        return message(ctx, item)
    line = one_of(
        P("{case}: told again since, see the newest message.", case=case_of(ctx, item)),
        P("Told again since, see the newest message."),
    )
    return Message((line,))


# What anybody may read anywhere; who may know why is told the helpline, too.
CALL_FIRST = P("In an emergency please call {police} or {ambulance} first.",
               police=Word("110"), ambulance=Word("120"))  # fmt: skip


def _head(ctx: Context, item: CallLine) -> Phrase:
    return one_of(
        P("{signal} | {case}", signal=Grade(CONCERN), case=case_of(ctx, item)),
        P("A matter that needs contact at once: case {code}", code=Code(item.case.code)),
        P("You have {n} matter to see to at once.", "You have {n} matters to see to at once.", n=1),
    )


def _body(ctx: Context, item: CallLine) -> list[Phrase]:
    word, call = Term(wording.SPOKEN), item.call
    plainly = P(
        "Please contact the person yourself at once, then tap “{word}”. {first}", word=word, first=CALL_FIRST
    )
    lines = [one_of(_why(item), plainly)]
    if isinstance(case_of(ctx, item), Code):
        lines += _who_is_meant(ctx)
    if call.taken_by is not None:
        lines.append(_taken(ctx, call))
    if call.next_look_at is not None:
        lines.append(
            P("Until somebody has tapped “{word}” it is told again, next at {time}.",
              word=word, time=Clock(call.next_look_at))
        )  # fmt: skip
    return lines


def _why(item: CallLine) -> Phrase:
    """What opened it, and what to do now. Its values are such as `full` alone may know."""
    who = Name(item.opener.name) if item.opener is not None else Grade(N_("somebody"))
    call_them = Grade(
        N_("Speak with the person at once; in an emergency call 110 or 120. The helpline is 12356.")
    )
    match item.call.source:
        case CallSource.note:
            return P("{name} saw signs of danger. {todo}", name=who, todo=call_them)
        case CallSource.not_done:
            return P("{name} could not reach the person and is worried. {todo}", name=who, todo=call_them)
        case CallSource.subject:
            return P("The person asks to be contacted. {todo}", todo=call_them)
        case CallSource.office:
            return P("{name} asks for contact with the person. {todo}", name=who, todo=call_them)


def _who_is_meant(ctx: Context) -> list[Phrase]:
    """Who may know a case by its code alone has to learn whom to call; that they did is on record by this one tap."""
    return [P("Tap “{word}” to see the name.", word=Term(TAKE))] if ctx.tells_names else []


def _taken(ctx: Context, call: SafetyCall) -> Phrase:
    return P(
        "{state}: {name}, since {time}",
        state=Term(N_("Somebody is on it")),
        name=_member(ctx, call.taken_by),
        time=Clock(call.taken_at or ctx.now),
    )


def _settled(ctx: Context, item: CallLine) -> Phrase:
    call = item.call
    when: dict[str, Any] = {"time": Clock(call.closed_at or ctx.now)}
    withdrawn = calls.is_withdrawn(call)
    state = (
        Grade(N_("Withdrawn, for the note does not stand in this case")) if withdrawn else Term(SPOKEN_WITH)
    )
    return one_of(
        P("✓ {state} {time} | {case} | {name}", state=state,
          case=case_of(ctx, item), name=_member(ctx, call.closed_by), **when),
        P("✓ Settled {time}", None, **when),
    )  # fmt: skip


def _member(ctx: Context, member_id: int | None) -> Value:
    return wording.member_ref(ctx.session.get_one(Member, member_id))


def spoken_button(call: SafetyCall) -> Button:
    # The labels are terms, so that at `notice` there is no button: everything happens on one's page.
    return Button(P(_BUTTON, None, label=Term(wording.SPOKEN)), act("spoken", call=call.id))


def buttons(ctx: Context, item: CallLine) -> tuple[Button, ...]:
    take = Button(P(_BUTTON, None, label=Term(TAKE)), act("take_call", call=item.call.id))
    return (spoken_button(item.call), *([take] if item.call.taken_by != ctx.member.id else []))


# --- the notices -----------------------------------------------------------------------------------------------------


def notice(ctx: Context, kind: str, payload: dict[str, Any]) -> Message | None:
    """What a waiting notice says now; None where it says nothing any more."""
    item = call_lists.by_id(ctx.session, payload["call"])
    if item.call.closed_at is not None:
        return None
    if kind == calls.UNHEARD:
        return Message(_UNHEARD)
    if not may_know_call(ctx.session, ctx.actor, item.call, ctx.today):
        return None
    if kind == calls.TAKEN:
        return _told_of_taker(ctx, item, payload["by"])
    return message(ctx, item)


def _told_of_taker(ctx: Context, item: CallLine, by: int) -> Message | None:
    if item.call.taken_by != by:
        return None
    text = one_of(
        P("{case}: {name} is contacting the person.", case=case_of(ctx, item), name=_member(ctx, by)),
        P("Somebody is seeing to the matter you were told of."),
    )
    return Message((text,), ((spoken_button(item.call),),))


# To administrators, who may know of no case.
_UNHEARD = (
    P("An urgent matter of the commission office reaches nobody who has to know of it."),
    P(
        "Please call the office and the supervisors by telephone now, and see why no chat of theirs can be reached."
    ),
)


# --- in other messages -----------------------------------------------------------------------------------------------


def above(ctx: Context, answer: Message, *, case_id: int | None = None) -> Message:
    """An answer with the open calls that its reader may know of, on top."""
    found = call_lists.open_for(ctx.session, ctx.actor, ctx.today, case_id=case_id)
    if not found:
        return answer
    shown = found[: ctx.mechanism.rulebook.limits.alert_items]
    lines = [line for item in shown for line in (_head(ctx, item), *_body(ctx, item)[1:], P(""))]
    rows = tuple(_named(ctx, item, len(shown)) for item in shown)
    return Message((*lines, *answer.lines), (*rows, *answer.buttons), answer.file)


def _named(ctx: Context, item: CallLine, of: int) -> tuple[Button, ...]:
    """With several calls the labels carry the code."""
    if of == 1:
        return buttons(ctx, item)
    code = Code(item.case.code)
    labelled = ((P("{label} {code}", label=one.label, code=code), one.action) for one in buttons(ctx, item))
    return tuple(Button(label, action) for label, action in labelled)


def why(ctx: Context, payload: dict[str, Any], book: SafetyRules) -> list[Phrase]:
    """Which rule told it, as the rules stood then, and how the call stands; nothing of what is the matter with the
    person."""
    item = call_lists.by_id(ctx.session, payload["call"])
    lines = [
        P("Rule: at any hour, days off included, until somebody records having spoken with the person."),
        *(
            P("{n} minute after the opening: {who}.", "{n} minutes after the opening: {who}.",
              n=one.after_minutes, who=wording.roles(one.to))
            if one.after_minutes
            else P("At once: {who}.", who=wording.roles(one.to))
            for one in book.steps
        ),
        P(
            "Then every {n} minutes for {hours} hours, later every {later} minutes: {who}.", None,
            n=book.repeat_minutes, hours=book.close_hours, later=book.later_minutes, who=wording.roles(book.repeat_to),
        ),
        P("Whoever is on leave or cannot be reached is passed over, and the next in line hears."),
        P(""),
    ]  # fmt: skip
    return [*lines, *_course(ctx, item)]


def _course(ctx: Context, item: CallLine) -> list[Phrase]:
    call, day = item.call, ctx.mechanism.day
    opened = P(
        "Case {code}: opened on {day} at {time}, told once.",
        "Case {code}: opened on {day} at {time}, told {n} times.", code=Code(item.case.code),
        day=Day(day(call.opened_at)), time=Clock(call.opened_at), n=call.round,
    )  # fmt: skip
    if call.closed_at is not None:
        return [opened, _settled(ctx, item)]
    return [opened, *_body(ctx, item)[1:]]


# --- what is tapped --------------------------------------------------------------------------------------------------


def spoken(ctx: Context, action: Action) -> Answer:
    item = _item(ctx, action)
    if item.call.closed_at is not None:
        return [Message((P(safety.SETTLED), _settled(ctx, item)))]
    return [runner.open_form(ctx, "spoken", item.call.id)]


def take(ctx: Context, action: Action) -> Answer:
    item = _item(ctx, action)
    if item.call.closed_at is not None:
        return [Message((P(safety.SETTLED), _settled(ctx, item)))]
    call = safety.take(ctx.session, ctx.actor, item.call.id, now=ctx.now)
    ctx.call = call.id
    item = call_lists.by_id(ctx.session, call.id)
    lines = [
        _head(ctx, item),
        P("Noted: you are contacting the person. Those who were told of it hear that."),
        P("This alone ends nothing. Without a record it is told again at {time}.", time=_look(call)),
    ]
    return [Message(tuple(lines), ((spoken_button(call),),))]


def _look(call: SafetyCall) -> Clock:
    moment: datetime = call.next_look_at or call.opened_at
    return Clock(moment)


def _item(ctx: Context, action: Action) -> CallLine:
    call = safety.of(ctx.session, ctx.actor, int(action.get("call") or 0), now=ctx.now)
    return call_lists.by_id(ctx.session, call.id)


TAPS: dict[str, Tap] = {"spoken": spoken, "take_call": take}
