"""A photo of a signed form in words: where it can be seen, and what it belongs to. The photo itself passes no chat."""

from __future__ import annotations

from bot import confirmations, way_in, wording
from bot.context import Context
from bot.messages import Action, Button, Message, act
from locales.phrase import Clock, Day, P, Phrase, Word, line
from storage.queries import confirmations as lists
from storage.queries import media as media_lists
from storage.queries.media import access_medium
from storage.queries.notes import KeptNote
from storage.tables.media import Medium
from storage.tables.members import Member

PATH = "/page/photo/"


def buttons(ctx: Context, kept: KeptNote) -> list[tuple[Button, ...]]:
    """The way to each photo that bears a note out, for those who may see it."""
    if not (ctx.actor.in_office or kept.note.author_id == ctx.member.id):
        return []
    asked = {one.id: one for one in lists.of_notes(ctx.session, [kept.id])[kept.id]}
    found = media_lists.of_confirmations(ctx.session, list(asked))
    label = P("Photo of the signed form")
    return [
        (
            Button(
                P("{label}: {name}", label=label, name=confirmations.who(ctx, asked[of]))
                if len(found) > 1
                else label,
                act("photo", id=photo),
            ),
        )
        for of, photo in found.items()
    ]


def see(ctx: Context, action: Action) -> list[Message]:
    """In a chat: where it can be seen."""
    medium = access_medium(ctx.session, ctx.actor, int(action.get("id") or 0))
    if ctx.public_url is None:
        return [Message((P("Photos are shown on the page alone, and no page is set up here."),))]
    link = way_in.link(ctx, to=f"{way_in.TO_PHOTO}-{medium.id}")
    return [Message((P("Photos are shown on your page alone: {link}", link=link), way_in.ONCE))]


def facts(ctx: Context, medium: Medium) -> list[Phrase]:
    """What a photo belongs to, who sent it and when, and by what it is recognised."""
    item = lists.by_ids(ctx.session, [medium.confirmation_id])[0]
    signed_on, sender = item.confirmation.paper_on, ctx.session.get_one(Member, medium.member_id)
    who = P("companion {name}", name=confirmations.who(ctx, item.confirmation))
    told = [who] if signed_on is None else [who, P("signed on paper on {day}", day=Day(signed_on))]
    sent_on = Day(ctx.mechanism.day(medium.kept_at))
    return [
        confirmations.described(ctx, item),
        line(*told),
        P(
            "Sent by {name}, {day} {time}",
            name=wording.member_ref(sender),
            day=sent_on,
            time=Clock(medium.kept_at),
        ),
        P("SHA-256 {digest}", digest=Word(medium.sha256)),
    ]


TAPS = {"photo": see}
