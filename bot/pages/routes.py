"""The routes below /page/: coming in by a link, looking, doing, going out; the forms are in form_routes.py.

A page shows what a command answers in chat, at level `full`: one place says what somebody may see. It does what a
button of the chat does, through the same acts and doors; a button that opens a form leads to the form as one page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route

from bot import photos, sharing, way_in
from bot.commands.registry import COMMANDS, TAPS, run
from bot.context import Context
from bot.dialogs import runner, store
from bot.messages import Action, Button, Message, act
from bot.pages import book_routes, brought_in, cookie, form_routes, frame
from bot.pages import photos as photo_routes
from bot.pages.frame import HEADERS, STATIC, Pages, must_be_ours, not_in, shown
from bot.pages.offered import BOOK, FORM, NOT_HERE, READS, Offer, offer, offered, reads
from casework import logins
from locales.phrase import P, Phrase
from storage.clock import lease_now
from storage.errors import Refused
from storage.tables.logins import Purpose
from storage.tables.members import Member

_BRIEF = re.compile(rf"{way_in.TO_BRIEF}-(visit|case)-(\d{{1,19}})", re.ASCII)
_MATTER = re.compile(rf"{way_in.TO_MATTER}-(\d{{1,19}})", re.ASCII)
_PHOTO = re.compile(rf"{way_in.TO_PHOTO}-(\d{{1,19}})", re.ASCII)
_ALARM = act("safety")  # by itself it only asks whom it is about
LONGEST_ID = 18  # digits
BOOK_TEXT = {"book": book_routes.TEXTS["book"]}
TYPES = {"page.css": "text/css"} | dict.fromkeys(("form.js", "chooser.js", "once.js"), "text/javascript")


def routes(pages: Pages) -> list[Route]:
    async def look(request: Request) -> Response:
        return await (_look if request.method == "GET" else _do)(pages, request)

    async def come_in(request: Request) -> Response:
        return await _come_in(pages, request)

    async def go_out(request: Request) -> Response:
        must_be_ours(request)
        token = cookie.token_of(request)
        await pages.lane.run(lambda s: logins.close_session(s, token, real_now=lease_now()))
        answer = RedirectResponse(cookie.HOME, 303, headers={"Clear-Site-Data": '"storage"'})
        cookie.log_out(answer)
        return answer

    async def static(request: Request) -> Response:
        name = request.url.path.rpartition("/")[2]
        return FileResponse(STATIC / name, media_type=TYPES[name])

    return [
        Route("/page/", look, methods=["GET", "POST"]),
        Route(way_in.PATH, come_in, methods=["GET", "POST"]),
        Route("/page/out", go_out, methods=["POST"]),
        *(Route(f"/page/{name}", static, methods=["GET"]) for name in TYPES),
        *form_routes.routes(pages),
        *photo_routes.routes(pages),
        *book_routes.routes(pages),
    ]


# --- coming in -------------------------------------------------------------------------------------------------------


async def _come_in(pages: Pages, request: Request) -> Response:
    """GET asks first: what fetches links ahead of people uses none up. POST uses the code and opens a session."""
    if request.method == "GET":
        query = request.query_params
        return shown(pages, request, "in.html", code=query.get("code", ""), to=query.get("to", ""))
    must_be_ours(request)
    async with request.form(max_files=0, max_fields=3) as form:
        code, to = str(form.get("code") or "")[:100], str(form.get("to") or "")

    def unit(session: Session) -> tuple[str, str]:
        real_now = lease_now()
        member_id = logins.use_code(session, Purpose.link, code, real_now=real_now) or 0
        token = logins.open_session(session, member_id, now=pages.clock.now(), real_now=real_now)
        return token, _goal(session, member_id, to)

    try:
        token, goal = await pages.lane.run(unit)
    except Refused as refusal:
        return shown(pages, request, "out.html", 403, problem=refusal.phrase)
    answer = RedirectResponse(goal, 303)
    cookie.log_in(answer, token, request)
    return answer


def _goal(session: Session, member_id: int, to: str) -> str:
    """Where a link leads. Whoever follows it is asked at every door who they are, like anybody else."""
    brief = _BRIEF.fullmatch(to)
    if brief is not None:
        return f"{cookie.HOME}?do=brief&{brief[1]}={brief[2]}"
    matter = _MATTER.fullmatch(to)
    if matter is not None:
        return f"{cookie.HOME}?do=matter&matter={matter[1]}"
    if to == way_in.TO_BOOK:
        return BOOK
    if to == way_in.TO_SAFETY:
        return f"{cookie.HOME}?do={_ALARM.verb}"
    photo = _PHOTO.fullmatch(to)
    if photo is not None:
        return f"{photos.PATH}{photo[1]}"
    draft = store.active(session, member_id) if to in form_routes.GOALS else None
    return f"{FORM}{draft.id}{form_routes.GOALS[to]}" if draft is not None else cookie.HOME


# --- looking and doing -----------------------------------------------------------------------------------------------


async def _look(pages: Pages, request: Request) -> Response:
    query = dict(request.query_params)
    return await _answered(pages, request, lambda ctx: _answer(ctx, query))


async def _do(pages: Pages, request: Request) -> Response:
    must_be_ours(request)
    async with request.form(max_files=0, max_fields=4) as form:
        sent = {key: str(value) for key, value in form.items()}
    if await frame.run(pages, request, lambda ctx: True) is None:
        return not_in(pages, request)
    action = offered(request, sent)
    return await _answered(pages, request, lambda ctx: _done(ctx, action))


async def _answered(pages: Pages, request: Request, said: Callable[[Context], list[Message]]) -> Response:
    """What is said to whoever is logged in: a page, a file, or the way to the form that was opened."""
    found = await frame.run(pages, request, lambda ctx: _rendered(request, ctx, said(ctx)))
    if found is None:
        return not_in(pages, request)
    if found.opened is not None:
        return RedirectResponse(f"{FORM}{found.opened}", 303, headers=HEADERS)
    if found.file is not None:
        name, media_type, content = found.file
        headers = {**HEADERS, "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
        return Response(content, media_type=media_type, headers=headers)
    return shown(pages, request, "page.html", language=found.language, view=found, texts=BOOK_TEXT)


@dataclass(frozen=True)
class View:
    """A page in its final words."""

    language: str
    name: str
    menu: list[Offer]
    parts: list[tuple[list[str], list[list[Offer]]]]  # lines, and the rows of buttons below them
    file: tuple[str, str, bytes] | None
    looks_up: bool
    book: str  # where forms are taken along and brought back, for whoever fills in any
    opened: int | None


def _answer(ctx: Context, query: Mapping[str, str]) -> list[Message]:
    """What a command or a button that reads says; what is refused, or not open here, says so."""
    verb = query.get("do", "")
    if not verb:
        return _attempt(ctx, lambda: _first_look(ctx, _sound(query.get("q", ""))))

    def look() -> list[Message]:
        action = act(verb, **{key: _typed(value) for key, value in query.items() if key != "do"})
        if not reads(action) and action != _ALARM:
            raise KeyError(verb)
        return TAPS[verb](ctx, action)

    return _attempt(ctx, look)


def _done(ctx: Context, action: Action) -> list[Message]:
    return _attempt(ctx, lambda: TAPS[action.verb](ctx, action))


def _attempt(ctx: Context, said: Callable[[], list[Message]]) -> list[Message]:
    """What is refused leaves nothing behind but its sentence."""
    try:
        with ctx.session.begin_nested():
            return said()
    except (Refused, KeyError, ValueError) as error:
        ctx.opened = None
        phrase = error.phrase if isinstance(error, Refused) else P("There is nothing under this address.")
        return [Message((phrase,))]


def _first_look(ctx: Context, asked: str) -> list[Message]:
    """The forms that wait, one's own and those that a colleague offers, and what there is to do; or the case that is
    asked for."""
    waiting = (
        [] if asked else [runner.offer(ctx, draft) for draft in store.all_of(ctx.session, ctx.member.id)]
    )
    lists = [c.slash for c in _open(ctx) if c.slash in READS - {"case"}]
    # What waits to be confirmed is often nothing; the list of visits says more.
    wanted = "case" if asked else min(lists, key=lambda slash: slash == "todo", default="why")
    command = next(c for c in COMMANDS if c.slash == wanted)
    lines, rows = sharing.waiting(ctx) if wanted not in ("case", "todo") else ([], [])
    if lines:
        waiting.append(Message(tuple(lines), tuple(rows)))
    return [*waiting, *run(ctx, command, asked)]


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


def _rendered(request: Request, ctx: Context, messages: list[Message]) -> View:
    """In words while the transaction is there: phrases may still have to look."""
    reader, member = ctx.reader, ctx.member
    say: Callable[[Phrase], str] = lambda phrase: phrase.render(reader)  # noqa: E731
    file = next((message.file for message in messages if message.file is not None), None)
    commands = [c for c in _open(ctx) if c.label and c.slash not in NOT_HERE]
    menu = [Button(P(c.label), act("command", name=c.slash)) for c in commands]

    def offers(row: tuple[Button, ...] | list[Button]) -> list[Offer]:
        made = (offer(request, button, say(button.label)) for button in row)
        return [one for one in made if one is not None]

    return View(
        ctx.language,
        member.name if isinstance(member, Member) else "",
        offers(menu),
        [
            ([say(line) for line in message.lines], [offers(row) for row in message.buttons])
            for message in messages
        ],
        (say(file.name), file.media_type, file.content) if file else None,
        any(command.slash == "case" for command in _open(ctx)),
        BOOK if brought_in.forms_for(ctx) else "",
        ctx.opened,
    )
