"""/case … · 查询 …: how a case stands, by code, name, pinyin, initials or unit; only what the asker may see."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot import (
    admission,
    appeal,
    brief,
    difficulty,
    family,
    formality,
    handing,
    matters,
    notices,
    recusal,
    safety,
    standing,
    way_in,
    ways,
    wording,
)
from bot.commands import case_details, case_review, case_standing, contact, worry
from bot.commands.command import Answer, Command, Tap
from bot.context import Context
from bot.messages import Action, Button, Message, act
from casework import cases, lateness, vocabulary
from casework.cases import Found, Hit, Status
from locales.catalogue import N_
from locales.phrase import (
    Code,
    Count,
    Day,
    FreeText,
    Name,
    P,
    Phrase,
    Sanctioned,
    Term,
    Unit,
    Value,
    line,
    several,
)
from storage.errors import NotFound
from storage.queries import visits as visit_lists
from storage.queries.visits import VisitLine
from storage.tables.cases import Case, CaseState, Stage
from storage.tables.members import Role
from storage.tables.visits import Visit, VisitKind

ROLES = frozenset({Role.commission_staff, Role.leader, Role.care_officer, Role.supervisor})
AT_HAND = 4
ECHO = 30
_CODE = re.compile(r"[A-Z]{2}-[0-9A-Z]{4,6}")

_RAIL = {
    Stage.follow_up: N_("[Follow up] → Evaluate → Observe"),
    Stage.evaluation: N_("Follow up → [Evaluate] → Observe"),
    Stage.observation: N_("Follow up → Evaluate → [Observe]"),
}


def run(ctx: Context, argument: str) -> Answer:
    """Whoever holds several roles gets the widest view of them: the content first, else dates alone."""
    query = argument.strip()
    if query:
        _mind_names(ctx, query)
    if not ctx.tells_cases:
        return [way_in.instead(ctx)]
    if not query:
        return [_how(ctx)]
    reads = _reads_content(ctx)
    found = cases.find(ctx.session, ctx.actor, query, now=ctx.now) if reads else Found(())
    if len(found.hits) == 1:
        return [card(ctx, found.hits[0].case.id)]
    if found.hits:
        return [_choice(ctx, found.hits)]
    if ctx.actor.has(Role.supervisor):
        try:
            items = cases.supervised(ctx.session, ctx.actor, query, now=ctx.now)
        except NotFound:
            pass
        else:
            return [_duty_card(ctx, items)]
        stopped = cases.at_rest(ctx.session, ctx.actor, query)
        if stopped is not None:
            return [_at_rest(ctx, stopped)]
    return [_nothing(ctx, query, found.suggestions, by_code_only=not reads)]


def guess(ctx: Context, text: str) -> Answer | None:
    """A name or code typed without the command's word is taken as one if it finds anything, else not at all. Where no
    case may be told of, that would say who is one."""
    if not ctx.tells_cases:
        return None
    if not _reads_content(ctx):
        return (
            run(ctx, text)
            if ctx.actor.has(Role.supervisor) and _CODE.fullmatch(text.strip().upper())
            else None
        )
    found = cases.find(ctx.session, ctx.actor, text, now=ctx.now, by_unit=False)
    if not found.hits:
        return None
    _mind_names(ctx, text)
    return [card(ctx, found.hits[0].case.id) if len(found.hits) == 1 else _choice(ctx, found.hits)]


def finds_somebody(ctx: Context, query: str) -> bool:
    """Whether a query means a case that the asker may see."""
    if not _reads_content(ctx):
        return _CODE.fullmatch(query.strip().upper()) is not None
    return bool(cases.find(ctx.session, ctx.actor, query, now=ctx.now, by_unit=False).hits)


def _mind_names(ctx: Context, query: str) -> None:
    """A name that somebody typed stands beside the codes we answer with, unless it is taken back."""
    if not ctx.tells_names and not _CODE.fullmatch(query.strip().upper()):
        ctx.named_somebody = True


def tap(ctx: Context, action: Action) -> Answer:
    """A button for one case (`id`), or for what to look up (`query`)."""
    case_id = action.get("id")
    if case_id is None:
        return run(ctx, str(action.get("query") or ""))
    return [card(ctx, int(case_id))]


def _reads_content(ctx: Context) -> bool:
    return ctx.actor.in_office or ctx.actor.has(Role.care_officer)


# --- how to ask, and what was found --------------------------------------------------------------------------------


def _how(ctx: Context) -> Message:
    if _reads_content(ctx):
        lines = [
            P(
                "Whom do you want to look up? Send the case code, the name, its pinyin or initials, or the unit."
            ),
            P("For example: “/case JA-7K3Q” or “/case zhangming”."),
        ]
    else:
        lines = [
            P("Which case do you want to look up? Send its code; you see dates and lateness."),
            P("For example: “/case JA-7K3Q” or “/case 7K3Q”."),
        ]
    buttons = _at_hand(ctx)
    if buttons:
        lines.append(P("Or tap one that is due or overdue:"))
    return Message(tuple(lines), tuple(buttons[at : at + 2] for at in range(0, len(buttons), 2)))


def _at_hand(ctx: Context) -> tuple[Button, ...]:
    """The cases that are most likely meant: an officer's next ones, for the others the overdue ones."""
    items = notices.agenda(ctx) if ctx.actor.has(Role.care_officer) else []
    if ctx.actor.in_office or ctx.actor.has(Role.supervisor):
        items = [*items, *visit_lists.due_before(ctx.session, ctx.actor, ctx.today, limit=10 * AT_HAND)]
    by_code: dict[str, Value] = {}
    for item in items:
        own = item.case.care_officer_id == ctx.member.id
        shown = wording.case_ref(item) if own or ctx.actor.in_office else Code(item.case.code)
        by_code.setdefault(item.case.code, shown)
    return tuple(
        Button(P("{case}", case=shown), act("case", query=code))
        for code, shown in list(by_code.items())[:AT_HAND]
    )


def _choice(ctx: Context, hits: Sequence[Hit]) -> Message:
    namesakes = len({hit.person.name for hit in hits}) == 1
    if len(hits) > cases.SHOWN_HITS:
        many = P("{n} cases were found. Please add to the name, or send the case code.", None, n=len(hits))
        return Message((many,))
    if namesakes:
        head = P("{n} people of that name were found; please choose:", None, n=len(hits))
    else:
        head = P("{n} people were found; please choose:", None, n=len(hits))
    rows = tuple((Button(_label(ctx, hit, namesakes), act("case", id=hit.case.id)),) for hit in hits)
    return Message((head,), rows)


def _label(ctx: Context, hit: Hit, namesakes: bool) -> Phrase:
    """What tells hits apart; where names and units may not be told, the code alone."""
    code = Code(hit.case.code)
    if not ctx.tells_names:
        return P("{code}", code=code)
    if namesakes:
        return P("{code} {unit}", code=code, unit=Unit(hit.unit))
    return P("{code} {name} {unit}", code=code, name=Name(hit.person.name), unit=Unit(hit.unit))


def _nothing(ctx: Context, query: str, suggestions: Sequence[str], *, by_code_only: bool) -> Message:
    """The same answer for a case that does not exist and for one that is not the asker's."""
    lines = [P("No case was found among those you may see.")]
    if ctx.tells_names:
        echo = query if len(query) <= ECHO else query[:ECHO] + "…"
        lines = [P("Nothing was found for “{query}” among the cases you may see.", query=FreeText(echo))]
    if suggestions and ctx.tells_names:
        lines.append(P("Perhaps you meant: {names}", names=several(Name(name) for name in suggestions)))
    elif by_code_only:
        lines.append(P("Please check the code: letters, a dash, then letters and digits."))
        lines.append(P("Only the open tasks of your own officers are found."))
    else:
        lines.append(P("Please check the spelling, or try the case code, the initials or the unit."))
    buttons = tuple(Button(P("{name}", name=Name(name)), act("case", query=name)) for name in suggestions)
    return Message(tuple(lines), (buttons,) if buttons and ctx.tells_names else ())


# --- the status card -----------------------------------------------------------------------------------------------


def card(ctx: Context, case_ref: int | str) -> Message:
    """How a case stands, for those who may read it. Raises `NotFound` for everybody else."""
    status = cases.status(ctx.session, ctx.actor, case_ref, ctx.mechanism, now=ctx.now)
    hit = status.hit
    lines = [
        line(case_details.reference(ctx, hit), *_stage(ctx, hit)),
        *case_standing.lines(ctx, hit.case, status.stopped),
        line(*(Unit(part) for part in (hit.unit, hit.person.post) if part)),
        _restriction(ctx, hit),
        line(_last(status), _next(ctx, status), _officer(status)),
    ]
    if status.upcoming is not None:
        lines += wording.may_move(ctx.mechanism.calendar, status.upcoming.due_on)
    if any(one.grade != "not_rated" for one in status.ratings):
        lines.append(case_details.ratings_line(status.ratings))
    counts = P(
        "{planned} visits planned, {done} done", planned=Count(status.planned), done=Count(status.done)
    )
    counted = [*difficulty.count(status.difficulties), *matters.count(ctx, hit.case), counts]
    besides = [case_details.beyond_plan(status.besides)] if status.besides else []
    lines.append(line(*counted, *besides, *formality.counted(ctx, hit.case.id)))
    lines += appeal.card_lines(ctx, hit.case)
    lines += recusal.card_line(ctx, hit.case)
    recording = _record_row(ctx, hit)
    rows = [case_details.details_row(hit.case.id), *recording]
    if recording:
        rows = list(brief.beside(ctx, rows, case_id=hit.case.id))
    rows += matters.card_rows(ctx, hit.case)
    if status.overdue and status.upcoming is not None and ctx.actor.in_office:
        rows += ways.alert_buttons(ctx, visit_lists.by_ids(ctx.session, [status.upcoming.id]))
    rows += family.card_rows(ctx, hit.case)
    rows += admission.card_rows(ctx, hit.case)
    rows += handing.card_rows(ctx, hit.case)
    rows += recusal.card_rows(ctx, hit.case)
    if not recording:  # else it stands with what else can be recorded: a small card has room for six
        rows.append((brief.button(case_id=hit.case.id), worry.button(hit.case.id)))
    rows += appeal.card_rows(ctx, hit.case)
    rows += case_standing.buttons(ctx, hit.case)
    return safety.above(ctx, Message(tuple(lines), tuple(rows)), case_id=hit.case.id)


def _stage(ctx: Context, hit: Hit) -> list[Value]:
    stage = Stage(hit.case.stage)
    name = Term(vocabulary.STAGES[stage])
    parts: list[Value] = [name]
    if stage is not Stage.early_care:
        parts = [P(_RAIL[stage]), P("{stage} (stage {number} of 3)", stage=name, number=int(stage))]
    state = case_standing.state(ctx, hit.case)
    return parts if state is None else [*parts, state]


def _restriction(ctx: Context, hit: Hit) -> Phrase:
    """When the restriction period ends. The word itself is marked as part of a sanction, so that the sentence stays
    where sanctions may be told."""
    period, ends = Sanctioned(N_("Restriction period")), hit.case.expires_on
    if ends is None:
        return P("{period}: its end is not determined yet", period=period)
    if ends < ctx.today:
        return P("{period}: ended on {day}", period=period, day=Day(ends))
    return P("{period}: runs until {day}", period=period, day=Day(ends))


def _last(status: Status) -> Phrase:
    if status.last is None:
        return P("Last: none yet")
    day = status.last.done_on or status.last.due_on
    return P("Last: {day} {kind}", day=Day(day), kind=wording.kind_of(status.last))


def _next(ctx: Context, status: Status) -> Phrase:
    visit = status.upcoming
    if visit is None:
        return P("Next: nothing planned")
    day, kind = Day(visit.due_on), _kind(visit)
    stands = lateness.stands(visit, ctx.now, ctx.mechanism)
    if stands is not None:
        return P("Next: {day} {kind} ({late})", day=day, kind=kind, late=stands)
    return P("Next: {day} {kind}", day=day, kind=kind)


def _kind(visit: Visit) -> Value:
    """A review is no task of the care officer, whose name stands behind it; an opinion names whose it is."""
    kind = wording.kind_of(visit)
    return P("{kind} (by the office)", kind=kind) if visit.kind is VisitKind.review else kind


def _officer(status: Status) -> Phrase:
    if status.officer is not None:
        return P("Care officer {name}", name=Name(status.officer))
    awaited = status.hit.case.awaits_officer
    if awaited is not None:
        return P("Care officer {name} (not registered yet)", name=Name(awaited))
    return P("Care officer {name}", name=Term(N_("nobody yet")))


def _record_row(ctx: Context, hit: Hit) -> list[tuple[Button, ...]]:
    """The way to the next note, for the officer who writes it."""
    if hit.case.state != CaseState.open or not ctx.actor.has(Role.care_officer):
        return []
    items = visit_lists.of_case(ctx.session, hit.case.id)
    mine = [item for item in items if wording.is_open(item) and item.visit.officer_id == ctx.member.id]
    buttons = [ways.record_button(item) for item in mine[:1]]
    if hit.case.care_officer_id == ctx.member.id:
        buttons.append(contact.button(hit.case.id))
    return [tuple(buttons)] if buttons else []


# --- the supervisor's card -----------------------------------------------------------------------------------------


def _duty_card(ctx: Context, items: Sequence[VisitLine]) -> Message:
    """Dates and lateness of the visits that the supervisor's officers make in a case; nothing of its content."""
    lines = [P("{code}: visits your officers have to make", code=Code(items[0].case.code))]
    lines += [_duty_line(ctx, item) for item in items]
    late = [item for item in items if standing.is_late(ctx, item)]
    rows = (*ways.alert_buttons(ctx, late), (worry.button(items[0].case.id),))
    answer = Message(tuple(lines), rows)
    return safety.above(ctx, answer, case_id=items[0].case.id)


def _at_rest(ctx: Context, case: Case) -> Message:
    """The same for a case on hold and for a closed one, and as the messages say it that spoke of its visits."""
    lines = (
        P("{case}: no visits are arranged for now.", case=Code(case.code)),
        P("Nothing falls due meanwhile, and nobody is reminded."),
    )
    return safety.above(ctx, Message(lines, ((worry.button(case.id),),)), case_id=case.id)


def _duty_line(ctx: Context, item: VisitLine) -> Phrase:
    parts: list[Value] = [wording.kind_of(item.visit), P("due {day}", day=Day(item.visit.due_on))]
    stands = lateness.stands(item.visit, ctx.now, ctx.mechanism)
    if stands is not None:
        parts.append(stands)
    if item.officer is not None:
        parts.append(wording.made_by(item))
    return line(*parts)


COMMAND = Command(
    "case",
    ("查询",),
    N_("how a case stands, by code or by what else you may know of it"),
    run,
    ROLES,
    argument=True,
    clear=finds_somebody,
    label=N_("Look up"),
)


def _politely(opened: Tap) -> Tap:
    """A button of a case that is no longer the asker's says so without the number inside the button."""

    def tapped(ctx: Context, action: Action) -> Answer:
        try:
            return opened(ctx, action) if ctx.tells_cases else [way_in.instead(ctx)]
        except NotFound:
            raise NotFound(N_("No case was found among those you may see.")) from None

    return tapped


TAPS: dict[str, Tap] = {
    verb: _politely(opened) for verb, opened in {"case": tap, **case_details.TAPS, **case_review.TAPS}.items()
}
