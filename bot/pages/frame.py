"""What every page has in common: who is looking, the headers, the frame in the reader's language, what is refused."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlmodel import Session
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse

from bot import traces
from bot.channels.disclosure import Level
from bot.context import Context
from bot.delivery import PostOffice
from bot.pages import cookie
from casework import logins
from locales.catalogue import N_, best_language, gettext
from locales.phrase import Phrase
from storage.clock import Clock, lease_now
from storage.lane import Lane
from storage.sealed import blind_index

T = TypeVar("T")
# A code in the text of a page. Tags, and what holds text alone, are passed over as they are.
_CODE_OR_TAG = re.compile(
    r"<(?:textarea|title|option|script)\b.*?</|<[^>]*>|(?<![\w-])([A-Z]{2}-[0-9A-Z]{4,6}|T-[0-9A-Z]{8})(?![\w-])",
    re.DOTALL,
)
STATIC = Path(__file__).parent / "static"
WORD = N_("page")  # what to send for a link
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
TEXTS = {
    "title": N_("Work assistant"),
    "not_classified": N_(
        "This is not a classified system. No state or work secrets, leads or investigation material may be entered, "
        "stored or passed on. For authorised persons and care follow-up only; no screenshots."
    ),
    "come_in": N_("Open my page"),
    "link_once": N_("This link works once, for ten minutes. Open it only on a device of your own."),
    "how_to_come_in": N_(
        "You are not logged in. Send the assistant “{word}” in your chat: it answers with a link."
    ),
    "go_out": N_("Log out"),
    "by": N_("Log in with {channel}"),
    "look_up": N_("Look up a case"),
    "look_up_button": N_("Look up"),
    "home": N_("My page"),
}


@dataclass(frozen=True)
class Pages:
    """What the routes need. `logins`: by which channels a browser can come in, each by name and path. `office`: who
    sends what follows from something done on a page."""

    lane: Lane
    clock: Clock
    language: str
    logins: Sequence[tuple[str, str]]
    office: PostOffice


def must_be_ours(request: Request) -> None:
    """A form of another site changes nothing here."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site not in (None, "same-origin", "none"):
        raise HTTPException(403, "This form is not from here.")
    if origin not in (None, "null") and urlsplit(str(origin)).netloc != request.headers.get("host"):
        raise HTTPException(403, "This form is not from here.")


def seal_of(request: Request, what: str = "form") -> str:
    """What a form of ours carries: nobody makes it without the session of the browser it was shown to."""
    return blind_index(f"{cookie.token_of(request)}:{what}", "page.form").hex()[:32]


def must_be_sealed(request: Request, seal: str, what: str = "form") -> None:
    if not hmac.compare_digest(seal.encode(errors="replace"), seal_of(request, what).encode()):
        raise HTTPException(403, "This form is not from here.")


def who(pages: Pages, session: Session, token: str) -> Context | None:
    """Whoever is logged in, at level `full`; None for nobody."""
    member = logins.member_in(session, token, real_now=lease_now()) if token else None
    if member is None:
        return None
    office, now = pages.office, pages.clock.now()
    return Context(session, member, now, Level.full, pages.language, office.public_url, on_page=True)


async def run(pages: Pages, request: Request, unit: Callable[[Context], T]) -> T | None:
    """One unit of work of whoever is logged in; None for nobody. Whatever is to be sent goes out afterwards."""
    token = cookie.token_of(request)

    def inside(session: Session) -> T | None:
        ctx = who(pages, session, token)
        if ctx is None:
            return None
        found = unit(ctx)
        traces.take_back_ended(ctx)
        ctx.forget()
        return found

    found = await pages.lane.run(inside)
    pages.office.ring()
    return found


def not_in(pages: Pages, request: Request) -> HTMLResponse:
    return shown(pages, request, "out.html", 401)


def shown(
    pages: Pages,
    request: Request,
    template: str,
    status: int = 200,
    *,
    language: str = "",
    problem: Phrase | None = None,
    texts: Mapping[str, str] | None = None,
    **more: Any,
) -> HTMLResponse:
    """A template in the language of the reader, or else of the browser. `texts` are further message ids by name."""
    spoken = language or best_language(request.headers.get("accept-language", ""), pages.language)
    words = {key: gettext(spoken, msgid) for key, msgid in (TEXTS | dict(texts or {})).items()}
    made = (
        _environment()
        .get_template(template)
        .render(
            lang=spoken.replace("_", "-"),
            texts=words,
            word=gettext(spoken, WORD),
            problem=gettext(spoken, problem.msgid) if problem else "",
            by=[(words["by"].format(channel=gettext(spoken, name)), path) for name, path in pages.logins],
            seal=seal_of(request),
            **more,
        )
    )
    return HTMLResponse(with_whole_codes(made), status, headers=HEADERS)


def with_whole_codes(markup: str) -> str:
    """A page on which no code of a case or a task is broken across lines at its dash; what one copies is the code."""
    return _CODE_OR_TAG.sub(
        lambda found: f'<span class="code">{found[0]}</span>' if found[1] else found[0], markup
    )


def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(STATIC),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
