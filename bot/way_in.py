"""The way from a chat to our pages: a link that works once. It says nothing of what it leads to."""

from __future__ import annotations

from bot.context import Context
from bot.messages import Message
from casework import logins
from locales.phrase import Link, P
from storage.clock import lease_now
from storage.tables.logins import Purpose

PATH = "/page/in"
# Where the link leads: to the form that one is filling in, to whom it is about, to the brief of a visit or a case, to a
# photo, to where a workbook of notes is handed in, to the alarm, to
# a matter to follow up.
TO_FORM, TO_NAME, TO_BRIEF, TO_PHOTO, TO_BOOK = "form", "name", "brief", "photo", "workbook"
TO_SAFETY, TO_MATTER = "safety", "matter"
ONCE = P("The link works once, for ten minutes; please pass it to nobody.")
AND_BACK = P("If it is the right one, tap Submit; if not, tap Cancel.")
CONTINUES = P("What you fill in there is kept at once, and you can go on here at any time.")


def link(ctx: Context, *, to: str = "") -> Link:
    """A new link for the member who is speaking. There have to be pages."""
    code = logins.new_code(ctx.session, Purpose.link, ctx.member.id, real_now=lease_now())
    goal = f"&to={to}" if to else ""
    return Link(f"{str(ctx.public_url).rstrip('/')}{PATH}?code={code}{goal}")


def instead(ctx: Context) -> Message:
    """In place of an answer of which nothing may be told here; the same whatever was asked for, found or not."""
    head = P("What you ask for may not be told on this channel.")
    if ctx.public_url is None:
        return Message((head,))
    return Message((head, P("On your own page: {link}", link=link(ctx)), ONCE))


def to_form(ctx: Context) -> Message:
    """The form that is open in the chat, as a page; where the channel may be told too little, it is a page alone."""
    address = link(ctx, to=TO_FORM)
    if ctx.fills_on_page:
        return Message((P("This is filled in on your own page: {link}", link=address), ONCE))
    return Message((P("This form as one page: {link}", link=address), ONCE, CONTINUES))


def to_name(ctx: Context) -> Message:
    """Whom the form that is open in the chat is about, where the chat may not say so."""
    return Message(
        (P("The name, and what to recognise the case by: {link}", link=link(ctx, to=TO_NAME)), ONCE)
    )
