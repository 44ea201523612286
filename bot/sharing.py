"""A draft that its author cannot end, in words: offered to a colleague who may write it, taken or not.

One owner at a time: while it is offered it waits, whoever goes on with it takes it back, and whoever accepts has it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, or_, text
from sqlalchemy import select as select_columns
from sqlmodel import col

from bot import wording
from bot.commands.command import Answer, Tap
from bot.context import Context
from bot.dialogs import runner, showing, store
from bot.messages import Action, Button, Message, act
from casework import sharing as acts
from casework.forms.catalog import FORMS
from locales.catalogue import N_
from locales.phrase import Clock, Day, P, Phrase, Term, line
from reminders import confirming, ladder, outbox
from storage import audit
from storage.errors import NotFound, Refused
from storage.prepared import Prepared
from storage.tables.mail import UNASKED, Outbox, OutboxState
from storage.tables.members import Member
from storage.tables.visits import Visit

OFFERED, ANSWERED = KINDS = ("draft_offered", "draft_answered")
NO_LONGER = N_("This draft is no longer offered to you.")
NOT_TO_THEM = N_("This draft cannot be given to this colleague.")
HAS_ONE = N_("You have a draft of the same note. Please hand it in or cancel it first.")
_CARDS = Prepared(
    select_columns(col(Outbox.id), col(Outbox.payload_sealed))
    .where(
        col(Outbox.member_id) == bindparam("member"),
        text(f"outbox.{UNASKED}"),
        col(Outbox.kind) == OFFERED,
        or_(col(Outbox.ended).is_(None), col(Outbox.ended) == OutboxState.sent),
        col(Outbox.created_at) > bindparam("since"),
    )
    .order_by(col(Outbox.id))
)
SETTLED = Message((P("✓ Nothing more is needed here."),))


def _mine(ctx: Context, action: Action) -> store.Open:
    draft = store.by_id(ctx.session, ctx.member.id, int(action.get("id") or 0), lock=True)
    if draft is None:
        raise NotFound(runner.GONE.msgid)
    return draft


def _choose(ctx: Context, action: Action) -> Answer:
    draft = _mine(ctx, action)
    able = showing.colleagues(ctx, draft)[: ctx.mechanism.rulebook.limits.alert_items]
    if not able:
        raise Refused(NOT_TO_THEM)
    lines = (
        about(draft),
        P("To whom do you give this draft? They see what you filled in, and hand it in."),
        P(
            "Only those who may write this note are listed. Whoever went along does not write it, but confirms it."
        ),
    )
    rows = tuple(
        (Button(P("{name}", name=wording.member_ref(one)), act("draft_give", id=draft.id, to=one.id)),)
        for one in able
    )
    return [Message(lines, (*rows, (runner.resume_button(draft),)))]


def begun(ctx: Context, visit: Visit) -> tuple[tuple[Button, ...], ...]:
    """For somebody whose visit is a colleague's by now: the way to give them the note that was begun."""
    draft = store.of_subject(ctx.session, ctx.member.id, visit.kind, visit.id)
    return showing.share_rows(ctx, draft) if draft is not None else ()


def about(draft: store.Open) -> Phrase:
    return line(Term(FORMS[draft.form].title), draft.subject)


def _give(ctx: Context, action: Action) -> Answer:
    draft, to = _mine(ctx, action), int(action.get("to") or 0)
    taker = next((one for one in showing.colleagues(ctx, draft) if one.id == to), None)
    if taker is None:
        raise Refused(NOT_TO_THEM)
    runner.tell_it_is_back(ctx, draft)  # whoever was asked before
    row = outbox.row(
        OFFERED,
        now=ctx.now,
        county_id=ctx.member.county_id,
        member_id=taker.id,
        due_at=confirming.card_moment(ctx.session, taker, ctx.mechanism, now=ctx.now),
        payload={"draft": draft.id, "from": ctx.member.id},
    )
    outbox.put(ctx.session, [row])
    store.offer(ctx.session, draft, (taker.id, row["id"]), now=ctx.now)
    audit.record(ctx.session, ctx.actor, "draft_offered", "draft", draft.id, now=ctx.now, to=taker.id)
    name = wording.member_ref(taker)
    lines = (
        P("Offered to {name}.", name=name),
        about(draft),
        *_arrives(ctx, row["due_at"]),
        P("It waits until they take it. To take it back, go on with it."),
    )
    return [Message(lines, ((Button(P("Take it back"), act("draft", id=draft.id, rev=0, do="resume")),),))]


def _arrives(ctx: Context, moment: datetime) -> list[Phrase]:
    """When the colleague hears of it, if that is not now: their hours, and a leave of theirs."""
    day, at = Day(ctx.mechanism.day(moment)), Clock(moment)
    return [P("It reaches them on {day} at {time}.", day=day, time=at)] if moment > ctx.now else []


def notice(ctx: Context, kind: str, payload: dict[str, Any]) -> Message | None:
    """For the colleague what is offered, as long as it is; for whoever offered it what they said."""
    who = ctx.session.get_one(Member, payload["from"])
    if kind == ANSWERED:
        said = N_("{name} has taken your draft and goes on with it.") if payload["taken"] else DECLINED
        return Message((P(said, name=wording.member_ref(who)),), ((Button(P("Record"), act("record")),),))
    found = store.offered_to(ctx.session, ctx.member.id, payload["draft"])
    me = ctx.session.get_one(Member, ctx.member.id)
    if found is None or not acts.may_write(
        ctx.session, me, found[0].form, found[0].subject_id, today=ctx.today
    ):
        return None
    draft, n = found[0], sum(one is not None for one in found[0].state.answers.values())
    lines = (
        P("{name} asks you to finish a draft:", name=wording.member_ref(who)),
        about(draft),
        P("{n} question is answered. You check it and hand it in under your name.",
          "{n} questions are answered. You check them and hand it in under your name.", n=n),
    )  # fmt: skip
    take = Button(P("Take it"), act("draft_take", id=draft.id))
    return Message(lines, ((take, Button(P("Not now, give it back"), act("draft_decline", id=draft.id))),))


def waiting(ctx: Context) -> tuple[list[Phrase], list[tuple[Button, ...]]]:
    """The drafts that are offered to the reader and wait for an answer, though their card may not be here yet."""
    shown = [notice(ctx, OFFERED, payload) for payload in _cards(ctx)]
    found = [message for message in shown if message is not None][: ctx.mechanism.rulebook.limits.alert_items]
    return [said for one in found for said in one.lines], [row for one in found for row in one.buttons]


def asked_to_finish(ctx: Context, form_id: str, subject_id: int) -> Message | None:
    """What a colleague asks the reader to finish, where it is the very note that they are about to begin."""
    for payload in _cards(ctx):
        found = store.offered_to(ctx.session, ctx.member.id, payload["draft"])
        if found is not None and (found[0].form, found[0].subject_id) == (form_id, subject_id):
            return notice(ctx, OFFERED, payload)
    return None


def _cards(ctx: Context) -> list[dict[str, Any]]:
    """What asks the reader to finish a draft: one for each, sent or on its way."""
    since = ctx.now - timedelta(days=ctx.mechanism.rulebook.limits.draft_days)
    found = _CARDS.all(ctx.session, {"member": ctx.member.id, "since": since})
    return list(
        {payload["draft"]: payload for payload in (outbox.payload_of(*row) for row in found)}.values()
    )


DECLINED = N_("{name} does not take your draft. It is yours again.")


def _offered(ctx: Context, action: Action) -> tuple[store.Open, int]:
    found = store.offered_to(ctx.session, ctx.member.id, int(action.get("id") or 0))
    if found is None:
        raise NotFound(NO_LONGER)
    return found


def _take(ctx: Context, action: Action) -> Answer:
    draft, giver_id = _offered(ctx, action)
    me = ctx.session.get_one(Member, ctx.member.id)
    if not acts.may_write(ctx.session, me, draft.form, draft.subject_id, today=ctx.today):
        raise NotFound(NO_LONGER)
    if store.of_subject(ctx.session, ctx.member.id, draft.form, draft.subject_id) is not None:
        raise Refused(HAS_ONE)
    days = ctx.mechanism.rulebook.limits.draft_days
    me_in = ctx.member.county_id, ctx.member.id
    taken = store.move(ctx.session, draft, giver_id, *me_in, now=ctx.now, days=days, chat=ctx.chat)
    runner.taken_from(ctx, draft, giver_id)
    _answered(ctx, draft, giver_id, taken=True)
    return [runner.resume(ctx, taken)]


def _decline(ctx: Context, action: Action) -> Answer:
    draft, giver_id = _offered(ctx, action)
    store.offer(ctx.session, draft, None, now=ctx.now)
    _answered(ctx, draft, giver_id, taken=False)
    return [Message((P("Given back."), about(draft)))]


def _answered(ctx: Context, draft: store.Open, giver_id: int, *, taken: bool) -> None:
    verb = "draft_taken" if taken else "draft_declined"
    audit.record(ctx.session, ctx.actor, verb, "draft", draft.id, now=ctx.now, giver=giver_id)
    row = outbox.row(
        ANSWERED,
        now=ctx.now,
        county_id=ctx.member.county_id,
        member_id=giver_id,
        payload={"from": ctx.member.id, "taken": taken},
    )
    outbox.put(ctx.session, [row])
    card = ctx.session.get(Outbox, draft.offered[1]) if draft.offered is not None else None
    if card is not None and card.sent_at is not None:
        ladder.retell(ctx.session, card, now=ctx.now)


TAPS: dict[str, Tap] = {
    "draft_share": _choose,
    "draft_give": _give,
    "draft_take": _take,
    "draft_decline": _decline,
}
