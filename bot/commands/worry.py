"""/safety · 安全: somebody may be in danger. From any screen, with no note at hand: which case, then those who have to
know are told. In the middle of a form it is about that form's case, and the form waits."""

from __future__ import annotations

import re
from datetime import timedelta

from bot import safety, way_in, wording
from bot.commands.command import Answer, Command, Tap
from bot.context import Context
from bot.dialogs import store
from bot.messages import Action, Button, Message, act
from bot.outcomes import with_call
from casework import cases
from casework import safety as acts
from locales.catalogue import N_
from locales.phrase import CaseRef, Code, Grade, P, Phrase, Value, line, one_of
from storage.errors import NotFound
from storage.queries import calls as call_lists
from storage.queries import visits as visit_lists
from storage.queries.access import access_case_to_warn, require
from storage.queries.visits import VisitLine
from storage.tables.cases import Case, Person
from storage.tables.members import Role

ROLES = frozenset(
    {Role.care_officer, Role.supervisor, Role.commission_staff, Role.leader, Role.unit_party_org}
)
LISTED = 12
ANOTHER = 0  # no case has this number
AHEAD = timedelta(days=366)
_TASK = re.compile(r"T-?([2-9A-HJ-NP-Z]{8})")


def button(case_id: int | None = None) -> Button:
    """The way here, from a case or from anywhere. Where a chat may not know why, it says what is to be done."""
    label = one_of(P("{signal}", signal=Grade(safety.CONCERN)), P("Contact needed at once"))
    return Button(label, act("safety") if case_id is None else act("safety", id=case_id))


def run(ctx: Context, argument: str) -> Answer:
    """安全风险 张明: whom it is about may follow; in the middle of another's form too."""
    require(ctx.actor, *ROLES)
    query = argument.strip()
    if not query:
        return tap(ctx, act("safety"))
    if not ctx.tells_cases and (task := _TASK.fullmatch(query.upper())):
        visit = visit_lists.by_code(ctx.session, f"T-{task[1]}")
        case_id = near(ctx, visit.visit.id) if visit is not None else None
        return [_choose(ctx, [])] if case_id is None else tap(ctx, act("safety", id=case_id))
    ctx.named_somebody = ctx.named_somebody or not ctx.tells_names
    if not ctx.tells_cases:
        return [_choose(ctx, [])]  # the same whoever was named: else it would say who is a case
    found = cases.find(ctx.session, ctx.actor, query, now=ctx.now, by_unit=False).hits[:LISTED]
    if len(found) == 1:
        return tap(ctx, act("safety", id=found[0].case.id))
    return [_choose(ctx, [(hit.case, hit.person) for hit in found])]


def tap(ctx: Context, action: Action) -> Answer:
    require(ctx.actor, *ROLES)
    named = action.get("id")
    if named == ANOTHER:
        return [_choose(ctx, [])]
    case_id = int(named) if named is not None else _at_hand(ctx)
    if case_id is None:
        return [_choose(ctx, [])]
    case = access_case_to_warn(ctx.session, ctx.actor, case_id, today=ctx.today)
    return [_ask(ctx, case, guessed=named is None)]


def _at_hand(ctx: Context) -> int | None:
    """The case of the form that is open just now, if it is about one that is near to them."""
    draft = store.active(ctx.session, ctx.member.id)
    return near(ctx, draft.subject_id) if draft is not None else None


def near(ctx: Context, about: int | None) -> int | None:
    """The case that something is about, if they may warn of it."""
    found = call_lists.case_of(ctx.session, about) if about is not None else None
    try:
        if found is not None:
            access_case_to_warn(ctx.session, ctx.actor, found, today=ctx.today)
    except NotFound:
        return None
    return found


def _choose(ctx: Context, named: list[tuple[Case, Person]]) -> Message:
    """Of those who were named; where nobody was, or nobody is, of those who are near to them. Where no case may be told
    of, of the tasks that lead to one, and on one's page."""
    if not ctx.tells_cases:
        return _by_task(ctx)
    found = named or call_lists.near(ctx.session, ctx.actor, ctx.today, limit=LISTED)
    lines = [P("Who needs to be spoken with at once?")] if found else []
    if ctx.actor.has(Role.care_officer, Role.supervisor) or ctx.actor.in_office:
        lines.append(
            P("For another case send “{word}” and its code, then tap the button.", word=P("case"))
            if found
            else P("Please send “{word}” and the code of the case, then tap the button.", word=P("case"))
        )
    elif not found:
        lines.append(P("No case is yours."))
    buttons = [
        Button(P("{case}", case=CaseRef(case.code, person.name)), act("safety", id=case.id))
        for case, person in found
    ]
    rows = tuple(tuple(buttons[at : at + 2]) for at in range(0, len(buttons), 2))
    return Message((*lines, FIRST), rows)


def _by_task(ctx: Context) -> Message:
    items = visit_lists.to_make(ctx.session, ctx.member.id, until=ctx.today + AHEAD, today=ctx.today)
    if ctx.actor.in_office or ctx.actor.has(Role.supervisor):
        items = [*items, *visit_lists.due_before(ctx.session, ctx.actor, ctx.today, limit=10 * LISTED)]
    first: dict[int, VisitLine] = {}
    for item in sorted(items, key=lambda one: one.visit.due_on):
        if item.case.id not in first and len(first) < LISTED and near(ctx, item.visit.id) is not None:
            first[item.case.id] = item
    lines = [P("Who needs to be spoken with at once?")]
    if first:
        lines.append(P("Tap the task, or send “{word}” and the code of another one.", word=P("safety")))
    else:
        lines.append(P("Please send “{word}” and the code of the task.", word=P("safety")))
    if ctx.public_url is not None:
        address = way_in.link(ctx, to=way_in.TO_SAFETY)
        lines += [P("On your own page you choose the person: {link}", link=address), way_in.ONCE]
    buttons = [Button(wording.which_visit(one), act("safety", id=one.case.id)) for one in first.values()]
    rows = tuple(tuple(buttons[at : at + 2]) for at in range(0, len(buttons), 2))
    return Message((safety.CALL_FIRST, *lines), rows)


FIRST = P("In an emergency please call 110 or 120 first. The helpline is 12356.")


def _reference(ctx: Context, case: Case) -> Value:
    """As the alert will call it: by name for those who know it, else by code."""
    if not ctx.actor.in_office and not ctx.actor.has(Role.care_officer, Role.unit_party_org):
        return Code(case.code)
    return CaseRef(case.code, ctx.session.get_one(Person, case.person_id).name)


def _ask(ctx: Context, case: Case, *, guessed: bool = False) -> Message:
    """One tap wakes people, so it is asked once. `guessed`: it is the case of the open form, and may be another."""
    head = one_of(
        P("{signal} | {case}", signal=Grade(safety.CONCERN), case=_reference(ctx, case)),
        P("A matter that needs contact at once: case {code}", code=Code(case.code)),
        P("A matter that needs contact at once"),
    )
    what = P(
        "The care officer, the supervisor and the office are then told at once, at any hour, again and again until "
        "somebody records having spoken with the person."
    )
    tell = Button(P("Tell them now"), act("safety_open", id=case.id))
    other = (Button(P("Another case"), act("safety", id=ANOTHER)),) if guessed else ()
    first = one_of(P("{first}", first=Grade(FIRST.msgid)), safety.CALL_FIRST)
    return Message((head, what, first), ((tell, *other),))


def tell(ctx: Context, action: Action) -> Answer:
    require(ctx.actor, *ROLES)
    call = acts.raise_concern(ctx.session, ctx.actor, int(action.get("id") or 0), now=ctx.now)
    case = ctx.session.get_one(Case, call.case_id)
    head: Phrase = one_of(line(P("Told"), _reference(ctx, case)), P("Told"))
    return [with_call(ctx, Message((head,)), call)]


COMMAND = Command(
    "safety",
    ("安全", "安全风险"),
    N_("somebody may be in danger: have those who must know told at once"),
    run,
    ROLES,
    argument=True,
    label=N_("Safety concern"),
)
TAPS: dict[str, Tap] = {"safety": tap, "safety_open": tell}
