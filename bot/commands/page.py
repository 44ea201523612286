"""/page · 网页: a link to one's own page, where one may see in full what the chat may not be told.

Said in the middle of a form, it leads to that form as one page.
"""

from __future__ import annotations

from bot import way_in
from bot.commands.command import Answer, Command
from bot.context import Context
from bot.dialogs import store
from bot.messages import Message
from locales.catalogue import N_
from locales.phrase import P

NO_PAGES = P("There are no pages here yet: the office has to set the address of the server first.")


def run(ctx: Context, argument: str) -> Answer:
    if ctx.public_url is None:
        return [Message((NO_PAGES,))]
    if store.active(ctx.session, ctx.member.id) is not None:
        return [way_in.to_form(ctx)]
    return [Message((P("Your page: {link}", link=way_in.link(ctx)), way_in.ONCE))]


# In no fixed menu: where something was left out, the message says what to send. The longer words are a form's button.
COMMAND = Command(
    "page",
    ("网页", "在网页填写", "网页填写"),
    N_("a link to your own page"),
    run,
    label=N_("Page"),
    needs_pages=True,
)
