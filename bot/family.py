"""While the family does not know: what is answered where a note was refused for it, the button that ends it, and what
the person concerned says of it themselves.

Where names may not be told the reason is not either: there it speaks of home visits alone, for a chat may lie open at
home.
"""

from __future__ import annotations

from bot import wording
from bot.commands.command import Answer, Tap
from bot.context import Context
from bot.messages import Action, Button, Message, act
from casework import family, notes, vocabulary
from casework.forms.form import Form
from locales.catalogue import N_
from locales.phrase import CaseRef, Day, Grade, P, Phrase, Term, Value, line
from storage.queries import standing
from storage.tables.cases import Case, Person
from storage.tables.visits import VisitKind

_BUTTON = N_("{label}")
_HOME_VISIT = Term(vocabulary.KINDS[VisitKind.home_visit])
_RESTS, _GOES_ON = N_("Home visits rest"), N_("Home visits go on")


def does_not_know(ctx: Context, form: Form, about_id: int) -> Message:
    """Instead of a note of this form."""
    found = notes.about(ctx.session, ctx.actor, form.id, about_id, today=ctx.today, submitting=True)
    case = family.does_not_know(ctx.session, ctx.actor, found, now=ctx.now)
    lines = [
        line(P("Noted"), P(_RESTS), _ref(ctx, case)),
        P("Home visits are withdrawn and not planned for now; talks are due as before."),
    ]
    if ctx.tells_names:
        lines.append(
            P("Please mention nothing to the family. Once it knows, say so on the card of the case.")
        )
    return Message(tuple(lines), (*card_rows(ctx, case), (Button(P("Today"), act("today")),)))


def card_rows(ctx: Context, case: Case) -> list[tuple[Button, ...]]:
    """For its officer and the office, while it is written down that the family does not know."""
    theirs = ctx.actor.in_office or case.care_officer_id == ctx.member.id
    if not theirs or not family.can_say(ctx.session, ctx.actor, case):
        return []
    label = P("The family knows by now") if ctx.tells_names else P(_GOES_ON)
    return [(Button(label, act("family_knows", id=case.id)),)]


def knows(ctx: Context, action: Action) -> Answer:
    case, visit = family.knows(ctx.session, ctx.actor, int(action.get("id") or 0), now=ctx.now)
    lines: list[Phrase] = [line(P("Noted"), P(_GOES_ON), _ref(ctx, case))]
    if visit is not None:
        lines.append(P("Next: {day} {kind}", day=Day(visit.due_on), kind=wording.kind_of(visit)))
    return [Message(tuple(lines), ((Button(P("Status"), act("case", id=case.id)),),))]


def _ref(ctx: Context, case: Case) -> Value:
    return CaseRef(case.code, ctx.session.get_one(Person, case.person_id).name)


# --- the person concerned --------------------------------------------------------------------------------------------


def invitation(ctx: Context, case: Case) -> tuple[list[Phrase], list[tuple[Button, ...]]]:
    """Where somebody is to come to their home: what they said of it, and the buttons that say so."""
    if not family.asked_of(ctx.session, case):
        return [], []
    no, yes = standing.uninformed(ctx.session, case.id), standing.informed(ctx.session, case.id)
    if no is not None:
        said = _said(
            ctx,
            N_("By your word of {day} your family does not know: nobody visits your home or asks them."),
            N_("{visit}: none for now, as you said on {day}."),
            Day(ctx.mechanism.day(no.at)),
        )
        return [said], [(_own_button(ctx, knows=True),)]
    if yes is not None:
        said = _said(
            ctx,
            N_("By your word of {day} your family knows, and your home may be visited."),
            N_("{visit}: may be made, as you said on {day}."),
            Day(ctx.mechanism.day(yes.at)),
        )
        return [said], [(_own_button(ctx, knows=False),)]
    asked = _said(
        ctx,
        N_("Does your family know? That is yours to say; while it does not, nobody visits your home."),
        N_("{visit}: may it be made? That is yours to say, and nobody asks why."),
    )
    return [asked], [(_own_button(ctx, knows=True), _own_button(ctx, knows=False))]


def _said(ctx: Context, plainly: str, discreetly: str, day: Day | None = None) -> Phrase:
    more: dict[str, Value] = {} if day is None else {"day": day}
    return P(plainly, None, **more) if ctx.tells_names else P(discreetly, None, visit=_HOME_VISIT, **more)


def _own_button(ctx: Context, *, knows: bool) -> Button:
    # Terms, so that at `notice` there is none: everything happens on one's page.
    if ctx.tells_names:
        no = N_("Family does not know: no home visits for now")
        label = N_("Family knows: home visits may be made") if knows else no
    else:
        label = N_("Home visits may be made") if knows else _RESTS
    return Button(P(_BUTTON, None, label=Term(label)), act("family_own", knows=int(knows)))


def own_answer(ctx: Context, action: Action) -> Answer:
    says_so = bool(action.get("knows"))
    family.own_answer(ctx.session, ctx.actor, knows=says_so, now=ctx.now)
    lines = [line(P("Noted"), Term(_GOES_ON if says_so else _RESTS))]
    if not says_so:
        lines.append(P("Nobody comes to your home until you say otherwise. Talks go on as before."))
    lines.append(P("Those who look after you are told. It counts in no rating."))
    return [Message(tuple(lines), ((Button(P("My arrangements"), act("command", name="my")),),))]


def notice(ctx: Context, payload: dict[str, int]) -> Message:
    """For whoever makes the home visits: what the person said of them, as it stands now."""
    case = ctx.session.get_one(Case, payload["case"])
    rests = standing.uninformed(ctx.session, case.id) is not None
    why = (
        N_("The family does not know, by the person's own word. Please mention nothing to it.")
        if rests
        else N_("The family knows, by the person's own word.")
    )
    head = line(Term(_RESTS if rests else _GOES_ON), _ref(ctx, case), Grade(why))
    return Message((head,), ((Button(P("Status"), act("case", id=case.id)),),))


TAPS: dict[str, Tap] = {"family_knows": knows, "family_own": own_answer}
