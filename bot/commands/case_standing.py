"""On the status card: whether visits are made in the case, since when not, and why; the office's buttons for that."""

from __future__ import annotations

from bot import appeal, wording
from bot.commands.command import Answer, Tap
from bot.context import Context
from bot.dialogs import runner
from bot.messages import Action, Button, act
from casework import standing
from casework.forms.catalog.admit import BASES
from casework.forms.catalog.hand_over import HAND_OVER_REASONS
from casework.forms.catalog.standing import REASONS
from locales.catalogue import N_
from locales.phrase import Day, FreeText, P, Phrase, Term, Value, line
from storage.tables.cases import Case, CaseEvent, CaseEventKind, CaseState
from storage.tables.members import Member

NO_VISITS = N_("No visits for now")
_STATES = {CaseState.held: N_("On hold"), CaseState.closed: N_("Closed")}
_SINCE = {CaseState.held: N_("On hold since {day}"), CaseState.closed: N_("Closed since {day}")}
HAPPENED = {
    CaseEventKind.held: N_("Put on hold"),
    CaseEventKind.resumed: N_("Resumed"),
    CaseEventKind.closed: N_("Closed and archived"),
    CaseEventKind.reopened: N_("Reopened"),
    CaseEventKind.handed_over: N_("Care officer changed"),
    CaseEventKind.admitted: N_("Admitted to the follow-up"),
    CaseEventKind.not_admitted: N_("Not admitted to the follow-up"),
    CaseEventKind.family_uninformed: N_("Home visits rest"),
    CaseEventKind.family_informed: N_("Home visits go on"),
    CaseEventKind.appeal_filed: N_("Appeal under way"),
    CaseEventKind.appeal_ended: N_("Appeal ended"),
}
_FAMILY = {
    CaseEventKind.family_uninformed: Term(N_("The family does not know, by the person's own word")),
    CaseEventKind.family_informed: Term(N_("The family knows, by the person's own word")),
}
_REASONS = {**REASONS, **HAND_OVER_REASONS, **BASES}
# The form that each deed is, and its button.
FORMS = {
    CaseEventKind.held: "hold",
    CaseEventKind.resumed: "resume",
    CaseEventKind.closed: "close",
    CaseEventKind.reopened: "reopen",
}
_LABELS = {
    CaseEventKind.held: N_("Put on hold"),
    CaseEventKind.resumed: N_("Resume"),
    CaseEventKind.closed: N_("Close and archive"),
    CaseEventKind.reopened: N_("Reopen"),
}


def state(ctx: Context, case: Case) -> Phrase | None:
    """What stands beside the stage. Outside the office a case on hold and a closed one are told alike."""
    if case.state is CaseState.open:
        return None
    return P(_STATES[case.state]) if ctx.actor.in_office else P(NO_VISITS)


def lines(ctx: Context, case: Case, event: CaseEvent | None) -> list[Phrase]:
    """Since when, by whom and why: for the office and the leading group, who alone are given the event."""
    if event is None or case.state is CaseState.open:
        return []
    by = ctx.session.get(Member, event.actor_id) if event.actor_id else None
    parts: list[Value] = [P(_SINCE[case.state], day=Day(ctx.mechanism.day(event.at)))]
    if by is not None:
        parts.append(P("by {name}", name=wording.member_ref(by)))
    return [line(*parts), P("Reason: {reason}", reason=reason(ctx, event))]


def reason(ctx: Context, event: CaseEvent) -> FreeText:
    """The reason in words. It is what somebody answered, so it counts as free text even where it was chosen."""
    if (said := appeal.reason(ctx, event)) is not None:
        return FreeText(said)
    chosen = _FAMILY.get(event.kind) or _REASONS.get(event.reason)
    return FreeText(chosen.render(ctx.reader) if chosen is not None else event.reason)


def buttons(ctx: Context, case: Case) -> list[tuple[Button, ...]]:
    row = tuple(
        Button(P(_LABELS[kind]), act(f"case_{FORMS[kind]}", id=case.id))
        for kind in standing.possible(ctx.actor, case)
    )
    return [row] if row else []


def _opens(form_id: str) -> Tap:
    def tapped(ctx: Context, action: Action) -> Answer:
        return [runner.open_form(ctx, form_id, int(action.get("id") or 0))]

    return tapped


# Not among those of the card itself: a page shows the card and changes nothing.
TAPS: dict[str, Tap] = {
    f"case_{form_id}": _opens(form_id)
    for form_id in (*FORMS.values(), "hand_over", "admit", "appeal", "appeal_ended")
}
