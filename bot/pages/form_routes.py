"""The routes below /page/form/: one form as one page, on the draft that the chat also works on.

Each answer is kept as it is given (`answer`, by the page's script); without a script the whole form is sent at once. At
every request it is looked up anew who is there, whether the draft is theirs, and whether they may still fill it in. A
draft that is somebody else's is answered like one that does not exist.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NoReturn

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bot import uploads, way_in
from bot.context import Context
from bot.dialogs import store
from bot.pages import desk, frame
from bot.pages.desk import Photos
from bot.pages.entries import Posted
from bot.pages.frame import HEADERS, Pages, must_be_ours, must_be_sealed, not_in, shown
from bot.pages.offered import FORM, RECAP, offers
from bot.pages.sheet import TEXTS
from casework import pictures
from casework.pictures import Picture
from locales.phrase import Phrase
from storage.errors import Refused

INPUTS = 1000  # fields of a whole form
FILES = 4  # photos of a whole form
LONGEST_ANSWER = 64 * 1024  # bytes of one answer on its way
TRIES = 3  # when somebody answers the same form at the same moment
# What the link of a chat can lead to on the form that is open there.
GOALS = {way_in.TO_FORM: "", way_in.TO_NAME: "/case"}
Unit = Callable[[Context, int], Any]


def routes(pages: Pages) -> list[Route]:
    async def fill(request: Request) -> Response:
        if request.method == "GET":
            return await _page(pages, request, "form.html", desk.look)
        posted, photos = await _posted_whole(pages, request)
        return await _page(pages, request, "form.html", _whole(pages, posted, photos))

    async def answer(request: Request) -> Response:
        return await _answer(pages, request)

    def looks(template: str, unit: Unit) -> Callable[[Request], Awaitable[Response]]:
        async def look(request: Request) -> Response:
            return await _page(pages, request, template, unit)

        return look

    async def recap(request: Request) -> Response:
        changed = "changed" in request.query_params
        return await _page(
            pages, request, "recap.html", lambda ctx, draft: desk.recap(ctx, draft, changed=changed)
        )

    async def photo(request: Request) -> Response:
        return await _photo(pages, request)

    async def submit(request: Request) -> Response:
        revision = (await _posted(request)).get("revision", [""])[0]
        unit: Unit = lambda ctx, draft: desk.submit(ctx, draft, revision, _removers(pages))  # noqa: E731
        return await _page(pages, request, "done.html", unit)

    async def cancel(request: Request) -> Response:
        await _posted(request)
        return await _page(
            pages, request, "done.html", lambda ctx, draft: desk.cancel(ctx, draft, _removers(pages))
        )

    at = FORM + "{draft:int}"
    return [
        Route(at, fill, methods=["GET", "POST"]),
        Route(f"{at}/answer", answer, methods=["POST"]),
        Route(f"{at}/photo", photo, methods=["POST"]),
        Route(f"{at}{RECAP}", recap, methods=["GET"]),
        Route(f"{at}/submit", submit, methods=["POST"]),
        Route(f"{at}/cancel", looks("cancel.html", desk.look), methods=["GET"]),
        Route(f"{at}/cancel", cancel, methods=["POST"]),
        Route(f"{at}/print", looks("print.html", desk.blank), methods=["GET"]),
        Route(f"{at}{GOALS[way_in.TO_NAME]}", looks("who.html", desk.who), methods=["GET"]),
    ]


def _whole(pages: Pages, posted: Posted, photos: Photos) -> Unit:
    """What becomes of a form that was sent as a whole, by the button that sent it."""
    if posted.get("do") == ["instead"]:
        return lambda ctx, draft: desk.instead(ctx, draft, posted, _removers(pages))
    closing = posted.get("do") == ["check"]
    return lambda ctx, draft: desk.take(ctx, draft, posted, photos, closing=closing)


def _removers(pages: Pages) -> Mapping[str, Any]:
    return pages.office.removers


async def _page(pages: Pages, request: Request, template: str, unit: Unit) -> Response:
    """A page about one draft. `unit` makes what its template shows; it may name another template."""
    try:
        found = await _run(pages, request, unit)
    except Refused as refusal:
        return await _refused(pages, request, refusal.phrase)
    if found is None:
        return not_in(pages, request)
    if "goal" in found:
        return RedirectResponse(found["goal"], 303, headers=HEADERS)
    status, template = found.pop("status", 200), found.pop("template", template)
    found["buttons"] = [offers(request, row) for row in found.pop("buttons", ())]
    found["ways"] = offers(request, found["ways"])
    if "danger" in found:
        found["danger"]["ways"] = offers(request, found["danger"]["ways"])
    return shown(pages, request, template, status, texts=TEXTS, **found)


async def _run(pages: Pages, request: Request, unit: Unit) -> dict[str, Any] | None:
    """One unit of work on the draft of this address, again where another one came in between."""
    draft_id = int(request.path_params["draft"])
    for attempt in range(TRIES):
        try:
            return await frame.run(pages, request, lambda ctx: unit(ctx, draft_id))
        except Refused as refusal:
            if attempt == TRIES - 1 or not store.was_beaten(refusal):
                raise
    return None


async def _refused(pages: Pages, request: Request, phrase: Phrase) -> Response:
    """One polite sentence, and the way to one's own page."""
    found = await frame.run(pages, request, lambda ctx: (ctx.language, phrase.render(ctx.reader)))
    if found is None:
        return not_in(pages, request)
    language, sentence = found
    return shown(pages, request, "gone.html", 404, language=language, texts=TEXTS, sentence=sentence)


async def _posted(request: Request) -> Posted:
    must_be_ours(request)
    async with request.form(max_files=0, max_fields=INPUTS) as form:
        posted = _lists(form)
    must_be_sealed(request, posted.get("page", [""])[0])
    return posted


async def _posted_whole(pages: Pages, request: Request) -> tuple[Posted, Photos]:
    """A form that was sent as a whole, with the photos that were chosen in it, by question."""
    must_be_ours(request)
    async with uploads.sent(request, files=FILES, fields=INPUTS) as form:
        posted, chosen = _lists(form), await uploads.contents(form)
    must_be_sealed(request, posted.get("page", [""])[0])
    photos = {key[2:]: content for key, content in chosen.items() if key.startswith("f.")}
    if photos and await frame.run(pages, request, lambda ctx: True) is None:
        return posted, {}  # nothing is decoded for nobody
    return posted, {key: await _picture(content) for key, content in photos.items()}


async def _picture(content: bytes) -> Picture | Phrase:
    try:
        return await asyncio.to_thread(pictures.clean, content)
    except Refused as refusal:
        return refusal.phrase


def _lists(form: FormData) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key, value in form.multi_items():
        if isinstance(value, str):
            found.setdefault(key, []).append(value)
    return found


# --- one answer, from the script -------------------------------------------------------------------------------------


async def _answer(pages: Pages, request: Request) -> Response:
    """Keep one answer: what became of it, which questions there are now, and what was answered elsewhere."""
    must_be_ours(request)
    sent = _sent(await request.body())
    must_be_sealed(request, str(sent["page"]))
    return await _kept(pages, request, lambda ctx, draft: desk.keep(ctx, draft, sent))


async def _photo(pages: Pages, request: Request) -> Response:
    """Keep one photo as an answer, as `_answer` does any other."""
    must_be_ours(request)
    async with uploads.sent(request, files=1, fields=5) as form:
        said, chosen = _lists(form), await uploads.contents(form)
    must_be_sealed(request, said.get("page", [""])[0])
    key, marks = said.get("key", [""])[0], _object(said.get("marks", [""])[0])
    if await frame.run(pages, request, lambda ctx: True) is None:
        return JSONResponse({"detail": ""}, 401, headers=HEADERS)
    picture = await _picture(chosen.get("file", b""))
    return await _kept(pages, request, lambda ctx, draft: desk.keep_photo(ctx, draft, key, picture, marks))


async def _kept(pages: Pages, request: Request, unit: Unit) -> Response:
    try:
        found = await _run(pages, request, unit)
    except Refused as refusal:
        phrase = refusal.phrase
        said = await frame.run(pages, request, lambda ctx: phrase.render(ctx.reader))
        return JSONResponse({"detail": said or ""}, 404 if said else 401, headers=HEADERS)
    if found is None:
        return JSONResponse({"detail": ""}, 401, headers=HEADERS)
    return JSONResponse(found, headers=HEADERS)


def _sent(body: bytes) -> dict[str, Any]:
    """The body of one answer, of the shape that our script sends."""
    if len(body) > LONGEST_ANSWER:
        raise HTTPException(413, "The request is too large.")
    data = _object(body)
    shape = {"page": str, "key": str, "seen": str, "inputs": dict, "marks": dict}
    if any(not isinstance(data.get(key), kind) for key, kind in shape.items()):
        _malformed()
    for values in data["inputs"].values():
        if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
            _malformed()
    return data


def _object(body: bytes | str) -> dict[str, Any]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        _malformed()
    if not isinstance(data, dict):
        _malformed()
    return data


def _malformed() -> NoReturn:
    raise HTTPException(400, "This is not an answer of our page.")
