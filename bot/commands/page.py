"""/page · 网页: a link to one's own page, where one may see in full what the chat may not be told."""

from __future__ import annotations

from bot.commands.command import Answer, Command
from bot.context import Context
from bot.messages import Message
from casework import logins
from locales.catalogue import N_
from locales.phrase import Link, P
from storage.clock import lease_now
from storage.tables.logins import Purpose

NO_PAGES = P("There are no pages here yet: the office has to set the address of the server first.")


def run(ctx: Context, argument: str) -> Answer:
    if ctx.public_url is None:
        return [Message((NO_PAGES,))]
    code = logins.new_code(ctx.session, Purpose.link, ctx.member.id, real_now=lease_now())
    link = Link(f"{ctx.public_url.rstrip('/')}/page/in?code={code}")
    lines = (
        P("Your page: {link}", link=link),
        P("The link works once, for ten minutes; please pass it to nobody."),
    )
    return [Message(lines)]


# In no fixed menu: where something was left out, the message says what to send.
COMMAND = Command("page", ("网页",), N_("a link to your own page"), run, label=N_("Page"), needs_pages=True)
