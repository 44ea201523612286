"""A visit that its officer has moved, for those above: what they read of it in the morning. And one that is to be moved
once more than that is theirs to do: how somebody is asked, and what is said of it. The day agreed to is more time
granted, by the same act."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from bot import outcomes, standing, wording
from bot.context import Context
from bot.messages import Button, Message, act
from casework.forms.catalog import common
from casework.forms.catalog.moved import REASONS
from locales.phrase import Clock, Code, Count, Day, FreeText, P, Phrase, Value, line
from reminders import asking, rules
from reminders.course import STILL_ASKED
from storage.queries import visits as visit_lists
from storage.queries.access import actor_of, may_direct
from storage.queries.visits import VisitLine
from storage.tables.mail import Outbox
from storage.tables.members import Member
from storage.tables.visits import Visit, VisitEvent, VisitEventKind

_ASKED = (VisitEventKind.move_asked, VisitEventKind.not_done_asked)
_ANSWERS = tuple(set(VisitEventKind) - set(STILL_ASKED))
_REASONS = {reason.value: reason.label for reason in REASONS}
LISTED = 8
DAYS = (Button(P("Today"), act("today")), Button(P("This week"), act("week")))
Rows = tuple[tuple[Button, ...], ...]


def buttons(items: Sequence[VisitLine]) -> Rows:
    """For each request yes and no. The labels say of which case, so that several go into one message."""
    return tuple(tuple(answers(item, P("Agree {code}", None, code=Code(item.case.code)),
                               P("Disagree {code}", None, code=Code(item.case.code)))) for item in items)  # fmt: skip


def answers(item: VisitLine, agree: Phrase, disagree: Phrase) -> list[Button]:
    """What decides about a request: each names the day that is asked for, so that nobody agrees to another one."""
    asked = item.visit.asked_on
    if asked is None:
        return []
    about: dict[str, Any] = {"visit": item.visit.id, "day": asked.isoformat()}
    return [Button(agree, act("extend", **about)), Button(disagree, act("keep_day", **about))]


# --- to whoever decides ----------------------------------------------------------------------------------------------


def notice(ctx: Context, payload: dict[str, Any]) -> tuple[Message, tuple[int, ...]] | None:
    """The request, while it waits for its reader."""
    item = next(iter(visit_lists.by_ids(ctx.session, [payload["visit"]])), None)
    if item is None or not _stands(ctx, item, payload) or not _decides(ctx, item.visit):
        return None
    return Message(tuple(_said(ctx, item)), buttons([item])), (item.visit.id,)


def _stands(ctx: Context, item: VisitLine, payload: dict[str, Any]) -> bool:
    return standing.still(ctx, item) and item.visit.asked_on == date.fromisoformat(payload["on"])


def _decides(ctx: Context, visit: Visit) -> bool:
    return may_direct(ctx.session, ctx.actor, visit, ctx.today)


def _said(ctx: Context, item: VisitLine) -> list[Phrase]:
    event = visit_lists.last_event(ctx.session, item.visit, _ASKED)
    asker = ctx.session.get(Member, event.actor_id) if event is not None else None
    lines = []
    if asker is not None:
        lines = [P("{name} asks to move a visit. Please decide:", name=wording.member_ref(asker))]
    lines.append(_line(ctx, item))
    reason = _reason(ctx, event)
    if reason:
        lines.append(P("Reason: {reason}", reason=reason))
    return [*lines, P("Until it is answered, {day} stays, and reminders go on.", day=Day(item.visit.due_on))]


def _line(ctx: Context, item: VisitLine) -> Phrase:
    times = visit_lists.times_moved(ctx.session, item.visit)
    parts: list[Value] = [wording.known_as(item, ctx.actor), wording.kind_of(item.visit)]
    parts.append(P("by {day} so far", day=Day(item.visit.due_on)))
    parts += wording.asked_for(item.visit)
    return line(*parts, P("moved once", "moved {n} times", n=times))


def _reason(ctx: Context, event: VisitEvent | None) -> FreeText | None:
    """An answer that somebody gave: it counts as free text even where it was chosen."""
    if event is None or not event.detail or not ctx.tells_names:
        return None
    return FreeText(reason_of(ctx, event.detail))


def reason_of(ctx: Context, detail: str) -> str:
    """Why a visit was moved, in words."""
    chosen, _, typed = detail.partition(": ")
    if chosen not in _REASONS:
        return detail
    return typed or _REASONS[chosen].render(ctx.reader)


def retold(
    ctx: Context, row: Outbox, payload: dict[str, Any], said: Message, since: datetime | None
) -> tuple[Message, bool]:
    """What was said to those above, with what became of it, and whether anything did."""
    item = visit_lists.by_ids(ctx.session, [payload["visit"]])[0]
    if row.kind == asking.MOVED:
        became = standing.became(ctx, item, since)
        if became is None:
            return said, False
        line_now = wording.settled_line(item, became, wording.known_as(item, ctx.actor))
        return Message((said.lines[0], line_now)), True
    if _stands(ctx, item, payload) and _decides(ctx, item.visit):
        return said, False
    marks = _became(ctx, item, since)
    return Message((wording.settled_line(item, marks, wording.known_as(item, ctx.actor)),)), True


def _became(ctx: Context, item: VisitLine, since: datetime | None) -> Phrase:
    event = visit_lists.last_event(ctx.session, item.visit, _ANSWERS)
    if event is not None and not standing.is_barred(ctx, item):
        if event.kind is VisitEventKind.move_refused:
            return P("Not agreed to {time}", time=Clock(event.at))
        if event.kind in _ASKED and item.visit.asked_on is not None:
            return P("Asked anew")
    return standing.became(ctx, item, since) or P("No longer needed")


# --- what those above read in the morning ----------------------------------------------------------------------------


def moved(ctx: Context, payload: dict[str, Any]) -> tuple[Message, tuple[int, ...]] | None:
    """That a visit was moved to a later day, while that is so: from which day to which, and why."""
    item = next(iter(visit_lists.by_ids(ctx.session, [payload["visit"]])), None)
    if item is None or not standing.still(ctx, item) or not _decides(ctx, item.visit):
        return None
    event = asking.moved_by(ctx.session, item.visit)
    if event is None or not asking.stands(ctx.session, asking.MOVED, item.visit, payload):
        return None
    return _list([_moved_line(ctx, item, event, payload)]), (item.visit.id,)


def listed(moves: Sequence[Message]) -> Message:
    """Several such notices as one list."""
    return _list([line for message in moves for line in message.lines[1:]])


def _list(lines: Sequence[Phrase]) -> Message:
    head = P(
        "{n} visit was put off by its officer:", "{n} visits were put off by their officers:", n=len(lines)
    )
    return Message((head, *lines))


def _moved_line(ctx: Context, item: VisitLine, event: VisitEvent, payload: dict[str, Any]) -> Phrase:
    was, times = date.fromisoformat(payload["was"]), visit_lists.times_moved(ctx.session, item.visit)
    parts = [wording.known_as(item, ctx.actor), wording.kind_of(item.visit), wording.made_by(item)]
    mover = ctx.session.get(Member, event.actor_id) if event.actor_id != item.visit.officer_id else None
    if mover is not None:
        parts.append(P("put off by {name}", name=wording.member_ref(mover)))
    if event.kind is VisitEventKind.not_done:
        parts.append(P("could not be done"))
    parts.append(P("from {old} to {day}", None, old=Day(was), day=Day(item.visit.due_on)))
    parts.append(P("moved once", "moved {n} times", n=times))
    reason = _reason(ctx, event) if ctx.actor.in_office else _reason_chosen(ctx, event)
    if reason:
        parts.append(P("Reason: {reason}", reason=reason))
    return line(*parts)


def _reason_chosen(ctx: Context, event: VisitEvent) -> FreeText | None:
    """Without what was typed, which may name or describe somebody: to learn of it a supervisor need not know that."""
    if not _is_chosen(event) or not ctx.tells_names:
        return None
    return FreeText(_REASONS[_chosen(event)].render(ctx.reader))


def _is_chosen(event: VisitEvent) -> bool:
    """Whether there is a reason that says something without what was typed."""
    chosen = _chosen(event)
    return chosen in _REASONS and chosen != common.OTHER.value


def _chosen(event: VisitEvent) -> str:
    return (event.detail or "").partition(": ")[0]


# --- what waits ------------------------------------------------------------------------------------------------------


def waiting(ctx: Context) -> tuple[list[Phrase], list[tuple[Button, ...]]]:
    """For the list of what waits: the requests that the reader may answer."""
    found = [item for item in visit_lists.asked_to_move(ctx.session, ctx.actor) if _decides(ctx, item.visit)]
    if not found:
        return [], []
    head = P("Request to move a visit: {n}", "Requests to move a visit: {n}", n=len(found))
    lines = [
        P("{number}. {line}", number=Count(number), line=_line(ctx, item))
        for number, item in enumerate(found[:LISTED], start=1)
    ]
    if len(found) > LISTED:
        lines.append(P("… and {n} more.", "… and {n} more.", n=len(found) - LISTED))
    return [head, *lines], list(buttons(found[: ctx.mechanism.rulebook.limits.alert_items]))


# --- to whoever moves it, or asks ------------------------------------------------------------------------------------


def answer(ctx: Context, visit: Visit, wanted: date, text: Phrase, *noted: Phrase) -> Message:
    """What became of it: moved, or `noted` and to be agreed to. Where the day that was wanted is a day off, it says so,
    for the one on the recap is not the one that holds; and one tap has it on that day all the same."""
    item = visit_lists.by_ids(ctx.session, [visit.id])[0]
    head = line(P("Submitted"), wording.kind_of(visit), wording.case_ref(item))
    if visit.asked_on is not None:
        return Message((head, *noted, *asked(ctx, visit)), (DAYS,))
    said, rows = [head, text], list[tuple[Button, ...]]([DAYS])
    if visit.due_on != wanted:
        said.append(P("{day} is a day off; the next working day counts.", day=Day(wanted)))
        keep = act("keep_day_off", visit=visit.id, day=wanted.isoformat())
        rows = [(Button(P("Keep {day}", day=Day(wanted)), keep),), DAYS]
    said += [*wording.may_move(ctx.mechanism.calendar, visit.due_on), *_heard_of(ctx, visit)]
    return Message(tuple(said), tuple(rows))


def _heard_of(ctx: Context, visit: Visit) -> list[Phrase]:
    """That somebody above reads of it, before they do, and what: by what they are, for who they are is no news, and no
    name has to go anywhere."""
    session = ctx.session
    day, ids = asking.heard_by(session, visit, ctx.mechanism, now=ctx.now)
    actors = [actor_of(session, session.get_one(Member, one), ctx.actor.language) for one in ids]
    readers = [one for one in actors if may_direct(session, one, visit, day)]
    event = asking.moved_by(session, visit)
    if not readers or event is None:
        return []
    officer = session.get(Member, visit.officer_id)
    to_supervisor = officer is not None and readers[0].member_id == officer.supervisor_id
    in_office = any(one.in_office for one in readers)
    who = P("the supervisor") if to_supervisor else P("the office") if in_office else P("the leading group")
    if in_office or _is_chosen(event):
        return [P("On the morning of {day}, {who} will read from which day to which it was put off, and the reason.",
                  day=Day(day), who=who)]  # fmt: skip
    return [P("On the morning of {day}, {who} will read from which day to which it was put off, not what you typed.",
              day=Day(day), who=who)]  # fmt: skip


def kept(ctx: Context, visit: Visit) -> Message:
    """What is answered where a day off was chosen knowingly."""
    item, calendar = visit_lists.by_ids(ctx.session, [visit.id])[0], ctx.mechanism.calendar
    before, late = calendar.previous_workday(visit.due_on), rules.due_day(visit.due_on, calendar)
    head = line(P("Submitted"), wording.kind_of(visit), wording.case_ref(item))
    lines = (
        P("It is planned for {day}, which is a day off.", day=Day(visit.due_on)),
        P("Reminders come on working days alone; before it, last on {day}.", day=Day(before)),
        P("If nothing is recorded, it is overdue from {day} on.", day=Day(calendar.next_workday(late))),
        *wording.may_move(calendar, visit.due_on),
    )
    return Message((head, *lines), (DAYS,))


def asked(ctx: Context, visit: Visit) -> list[Phrase]:
    """What is answered to whoever wanted another day: that it is asked for."""
    if visit.asked_on is None:
        raise ValueError("nothing is asked for")
    n, days = visit_lists.times_moved(ctx.session, visit), {"day": visit.asked_on, "old": visit.due_on}
    return [
        P(
            "It was moved once before, so another day has to be agreed to.",
            "It was moved {n} times before, so another day has to be agreed to.",
            n=n,
        ),
        P(
            "Asked to move it to {day}; until that is answered, {old} stays.",
            None,
            **{name: Day(day) for name, day in days.items()},
        ),
        *outcomes.told_later(ctx),
    ]
