"""/my · 我的 and /contact · 请人联系我: what the person concerned sees of their own case, and asking for contact."""

from __future__ import annotations

from bot import family, own_word, wording
from bot.commands.command import Answer, Command
from bot.context import Context
from bot.messages import Button, Message, act
from casework import safety, vocabulary
from locales.catalogue import N_
from locales.phrase import Clock, Day, P, Phrase, Term, Word, line
from storage.queries import own
from storage.tables.calls import SafetyCall
from storage.tables.members import Role
from storage.tables.visits import Visit

SUBJECT = frozenset({Role.subject})
SHOWN = 6
EMERGENCY = P(
    "In an emergency please call {police}, {ambulance} or the helpline {helpline}.",
    police=Word("110"), ambulance=Word("120"), helpline=Word("12356"),
)  # fmt: skip
CONTACT_ME, ARRANGEMENTS = N_("Please contact me"), N_("My arrangements")


def buttons() -> tuple[Button, ...]:
    """The two ways that are always open to the person concerned."""
    return contact_button(), Button(P(ARRANGEMENTS), act("command", name="my"))


def contact_button() -> Button:
    return Button(P(CONTACT_ME), act("command", name="contact"))


def arrangements(ctx: Context, argument: str) -> Answer:
    """When somebody comes, and nothing of what anybody wrote."""
    case = own.case_of(ctx.session, ctx.member.id)
    visits = own.meetings(ctx.session, case)[:SHOWN] if case is not None else []
    call = own.open_call(ctx.session, case, ctx.member.id) if case is not None else None
    lines = [P("What is arranged with you:")] if visits else [P("Nothing is arranged with you for now.")]
    lines += [_meeting(ctx, visit) for visit in visits]
    lines += wording.may_move(ctx.mechanism.calendar, *(visit.due_on for visit in visits))
    if call is not None:
        lines += _asked(ctx, call)
    rows: list[tuple[Button, ...]] = []
    if case is not None:
        for said, buttons in (family.invitation(ctx, case), own_word.invitation(ctx, case)):
            lines += said
            rows += buttons
    return [Message((*lines, EMERGENCY), (*rows, (contact_button(),)))]


def _meeting(ctx: Context, visit: Visit) -> Phrase:
    """By when; a day that is past tells the person nothing of who is late."""
    when = P("By {day}", day=Day(visit.due_on)) if visit.due_on >= ctx.today else P("In the next days")
    return line(when, Term(vocabulary.KINDS[visit.kind]))


def _asked(ctx: Context, call: SafetyCall) -> list[Phrase]:
    day = Day(ctx.mechanism.day(call.opened_at))
    asked = P("You asked on {day} at {time} to be contacted.", day=day, time=Clock(call.opened_at))
    return [asked, P("Somebody is about to contact you.")] if call.taken_by is not None else [asked]


def contact(ctx: Context, argument: str) -> Answer:
    """One tap is enough: nobody in need is asked whether they are sure."""
    safety.ask_for_contact(ctx.session, ctx.actor, now=ctx.now)
    lines = (
        P("Noted. Those who look after you are told now and asked to contact you as soon as they can."),
        P("They are told again and again, at any hour, until somebody has spoken with you."),
        EMERGENCY,
    )
    return [Message(lines, ((Button(P(ARRANGEMENTS), act("command", name="my")),),))]


MY = Command(
    "my",
    ("我的", "我的安排"),
    N_("when somebody comes to see you"),
    arrangements,
    SUBJECT,
    label=ARRANGEMENTS,
)
CONTACT = Command(
    "contact",
    ("请人联系我", "联系我"),
    N_("have somebody contact you, at any hour"),
    contact,
    SUBJECT,
    label=CONTACT_ME,
)
