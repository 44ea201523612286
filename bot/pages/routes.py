"""The routes below /page/: coming in by a link, looking, going out.

A page shows what a command answers in chat, at level `full`: one place says what somebody may see. Only commands and
buttons that read are open here; nothing on a page changes anything but the session.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlmodel import Session
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.channels.disclosure import Level
from bot.commands import case
from bot.commands.registry import COMMANDS, TAPS, run
from bot.context import Context
from bot.messages import Action, Message, act
from bot.pages import cookie
from casework import logins
from locales.catalogue import N_, best_language, gettext
from locales.phrase import P, Phrase
from storage.clock import Clock, lease_now
from storage.errors import Refused
from storage.lane import Lane
from storage.tables.logins import Purpose
from storage.tables.members import Member

WORD = N_("page")  # what to send for a link
LONGEST_ID = 18  # digits
STATIC = Path(__file__).parent / "static"
READS = frozenset({"today", "week", "overdue", "case", "why"})  # commands that change nothing
_VERBS = frozenset({"command", "today", "week", *case.TAPS})
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
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
}


@dataclass(frozen=True)
class Pages:
    """What the routes need. `logins`: by which channels a browser can come in, each by name and path."""

    lane: Lane
    clock: Clock
    language: str
    logins: Sequence[tuple[str, str]]


def routes(pages: Pages) -> list[Route]:
    async def look(request: Request) -> Response:
        return await _look(pages, request)

    async def come_in(request: Request) -> Response:
        return await _come_in(pages, request)

    async def go_out(request: Request) -> Response:
        _must_be_ours(request)
        token = cookie.token_of(request)
        await pages.lane.run(lambda s: logins.close_session(s, token, real_now=lease_now()))
        answer = RedirectResponse(cookie.HOME, 303)
        cookie.log_out(answer)
        return answer

    async def style(_: Request) -> Response:
        return FileResponse(STATIC / "page.css", media_type="text/css")

    return [
        Route("/page/", look, methods=["GET"]),
        Route("/page/in", come_in, methods=["GET", "POST"]),
        Route("/page/out", go_out, methods=["POST"]),
        Route("/page/page.css", style, methods=["GET"]),
    ]


def _must_be_ours(request: Request) -> None:
    """A form of another site changes nothing here."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site not in (None, "same-origin", "none"):
        raise HTTPException(403, "This form is not from here.")
    if origin not in (None, "null") and urlsplit(str(origin)).netloc != request.headers.get("host"):
        raise HTTPException(403, "This form is not from here.")


# --- coming in -------------------------------------------------------------------------------------------------------


async def _come_in(pages: Pages, request: Request) -> Response:
    """GET asks first: what fetches links ahead of people uses none up. POST uses the code and opens a session."""
    if request.method == "GET":
        code = request.query_params.get("code", "")
        return _shown(pages, request, "in.html", code=code)
    _must_be_ours(request)
    async with request.form(max_files=0, max_fields=2) as form:
        code = str(form.get("code") or "")[:100]

    def unit(session: Session) -> str:
        real_now = lease_now()
        member_id = logins.use_code(session, Purpose.link, code, real_now=real_now)
        return logins.open_session(session, member_id or 0, now=pages.clock.now(), real_now=real_now)

    try:
        token = await pages.lane.run(unit)
    except Refused as refusal:
        return _shown(pages, request, "out.html", 403, problem=refusal.phrase)
    answer = RedirectResponse(cookie.HOME, 303)
    cookie.log_in(answer, token, request)
    return answer


# --- looking ---------------------------------------------------------------------------------------------------------


async def _look(pages: Pages, request: Request) -> Response:
    token, query = cookie.token_of(request), dict(request.query_params)

    def unit(session: Session) -> tuple[Context, list[Message]] | None:
        member = logins.member_in(session, token, real_now=lease_now()) if token else None
        if member is None:
            return None
        ctx = Context(session, member, pages.clock.now(), Level.full, pages.language)
        return ctx, _answer(ctx, query)

    found = await pages.lane.run(lambda session: _rendered(unit(session)))
    if found is None:
        return _shown(pages, request, "out.html", 401, problem=None)
    if found.file is not None:
        name, media_type, content = found.file
        headers = {**HEADERS, "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
        return Response(content, media_type=media_type, headers=headers)
    return _shown(pages, request, "page.html", language=found.language, view=found)


@dataclass(frozen=True)
class View:
    """A page in its final words. A link is a label and what follows the question mark."""

    language: str
    name: str
    menu: list[tuple[str, str]]
    texts: list[list[str]]
    links: list[list[tuple[str, str]]]
    file: tuple[str, str, bytes] | None
    looks_up: bool


def _answer(ctx: Context, query: Mapping[str, str]) -> list[Message]:
    """What a command or a button that reads says; what is refused, or not open here, says so."""
    try:
        with ctx.session.begin_nested():
            verb = query.get("do", "")
            if verb in _VERBS:
                args = {key: _typed(value) for key, value in query.items() if key != "do"}
                if verb == "command" and args.get("name") not in READS:
                    raise Refused(N_("This is not open on this page. Please use the chat."))
                return TAPS[verb](ctx, act(verb, **args))
            return _first_look(ctx, _sound(query.get("q", "")))
    except (Refused, KeyError, ValueError) as error:
        phrase = error.phrase if isinstance(error, Refused) else P("There is nothing under this address.")
        return [Message((phrase,))]


def _first_look(ctx: Context, asked: str) -> list[Message]:
    wanted = "case" if asked else next((c.slash for c in _open(ctx) if c.slash in READS - {"case"}), "why")
    command = next(c for c in COMMANDS if c.slash == wanted)
    return run(ctx, command, asked)


def _open(ctx: Context) -> list[Any]:
    return [command for command in COMMANDS if command.open_to(ctx)]


def _typed(value: str) -> str | int:
    """An argument as a button would carry it.

    Raises:
        ValueError: a number that is no id of ours.
    """
    if not (value.isascii() and value.isdigit()):
        return _sound(value)
    if len(value) > LONGEST_ID:
        raise ValueError
    return int(value)


def _sound(text: str) -> str:
    """What somebody typed, without what no text of theirs has."""
    return "".join(character for character in text if character.isprintable()).strip()[:100]


def _rendered(found: tuple[Context, list[Message]] | None) -> View | None:
    """In words while the transaction is there: phrases may still have to look."""
    if found is None:
        return None
    ctx, messages = found
    reader = ctx.reader
    say: Callable[[Phrase], str] = lambda phrase: phrase.render(reader)  # noqa: E731
    file = next((message.file for message in messages if message.file is not None), None)
    member = ctx.member
    return View(
        ctx.language,
        member.name if isinstance(member, Member) else "",
        [
            (gettext(ctx.language, c.label), _at(act("command", name=c.slash)))
            for c in _open(ctx)
            if c.slash in READS
        ],
        [[say(line) for line in message.lines] for message in messages],
        [
            [(say(button.label), _at(button.action)) for button in row if _is_open(button.action)]
            for message in messages
            for row in message.buttons
        ],
        (say(file.name), file.media_type, file.content) if file else None,
        any(command.slash == "case" for command in _open(ctx)),
    )


def _is_open(action: Action) -> bool:
    if action.verb == "command":
        return action.get("name") in READS
    return action.verb in _VERBS


def _at(action: Action) -> str:
    return urlencode({"do": action.verb, **dict(action.args)})


def _shown(
    pages: Pages, request: Request, template: str, status: int = 200, *, language: str = "", **more: Any
) -> HTMLResponse:
    spoken = language or best_language(request.headers.get("accept-language", ""), pages.language)
    texts = {key: gettext(spoken, msgid) for key, msgid in TEXTS.items()}
    problem = more.pop("problem", None)
    by = [(texts["by"].format(channel=gettext(spoken, name)), path) for name, path in pages.logins]
    html = (
        _environment()
        .get_template(template)
        .render(
            lang=spoken.replace("_", "-"),
            texts=texts,
            word=gettext(spoken, WORD),
            problem=gettext(spoken, problem.msgid) if problem else "",
            by=by,
            **more,
        )
    )
    return HTMLResponse(html, status, headers=HEADERS)


def _environment() -> Environment:
    return Environment(loader=FileSystemLoader(STATIC), autoescape=True, undefined=StrictUndefined)
