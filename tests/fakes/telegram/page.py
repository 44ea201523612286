"""The page where a person plays everybody who talks to the bot, and the few routes beneath it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from tests.fakes.telegram.errors import Json
from tests.fakes.telegram.user import CannotDo, User
from tests.fakes.telegram.views import Seen

if TYPE_CHECKING:
    from tests.fakes.telegram.server import FakeTelegram

HTML = Path(__file__).parent / "page.html"
PATIENCE = 20.0  # seconds the page waits for news
NEWEST = 200  # messages shown
FIRST_ID = 7_000_000_001  # beyond 32 bits, as real ids are


def page_routes(fake: FakeTelegram) -> list[Route]:
    """The page at `/`, and what it asks for below `/try/`."""
    stage = _Stage(fake)
    return [
        Route("/", stage.page),
        Route("/try/state", stage.state),
        Route("/try/people", stage.add_person, methods=["POST"]),
        Route("/try/people/{id:int}", stage.act, methods=["POST"]),
        Route("/try/people/{id:int}/file", stage.send_file, methods=["POST"]),
        Route("/try/files/{chat:int}/{message:int}", stage.file),
    ]


class _Stage:
    def __init__(self, fake: FakeTelegram) -> None:
        self._fake = fake

    async def page(self, request: Request) -> Response:
        return HTMLResponse(HTML.read_text("utf-8"), headers={"Cache-Control": "no-store"})

    async def state(self, request: Request) -> Response:
        """Everything shown. With `after` the answer waits until something has changed."""
        bell = self._fake.world.bell
        if request.query_params.get("after") == str(bell.rung) and not self._fake.world.closing:
            await bell.wait(PATIENCE)
        return JSONResponse(self._all())

    def _all(self) -> Json:
        world = self._fake.world
        return {
            "tick": world.bell.rung,
            "bot": world.bot.name,
            "by": world.webhook.url or "getUpdates",
            "pending": len(world.updates.waiting()),
            "refused": [
                {"method": call.method, "error": call.error}
                for call in world.calls[-50:]
                if call.error and call.method != "getUpdates"
            ],
            "commands": next(iter(world.commands.values()), []),
            "people": [_person(user) for user in self._fake.users],
        }

    async def add_person(self, request: Request) -> Response:
        body = await request.json()
        number = FIRST_ID + len(self._fake.users)
        user = self._fake.user(number, str(body.get("name", ""))[:64], str(body.get("language", ""))[:16])
        self._fake.world.changed()
        return JSONResponse({"id": user.id})

    async def act(self, request: Request) -> Response:
        """One act of one person: `{"do": "say", "text": "…"}`."""
        user = self._user(request)
        if user is None:
            return _wrong("nobody has this number", 404)
        try:
            await _act(user, await request.json())
        except CannotDo as wrong:
            return _wrong(str(wrong))
        return JSONResponse({"ok": True})

    async def send_file(self, request: Request) -> Response:
        user = self._user(request)
        async with request.form() as form:
            part = form.get("file")
            if user is None or not isinstance(part, UploadFile):
                return _wrong("who sends which file?")
            name, content = part.filename or "file", await part.read()
        try:
            if (part.content_type or "").startswith("image/"):
                await user.sends_photo(content)
            elif (part.content_type or "").startswith("audio/"):
                await user.sends_voice(content)
            else:
                await user.sends_document(name, content)
        except CannotDo as wrong:
            return _wrong(str(wrong))
        return JSONResponse({"ok": True})

    async def file(self, request: Request) -> Response:
        chat = self._fake.world.chats.get(request.path_params["chat"])
        message = chat.messages.get(request.path_params["message"]) if chat else None
        if message is None or message.file is None:
            return _wrong("there is no such file", 404)
        disposition = f"attachment; filename*=UTF-8''{quote(message.file.name)}"
        return Response(
            message.file.content, headers={"Content-Disposition": disposition}, media_type=message.file.mime
        )

    def _user(self, request: Request) -> User | None:
        return next((user for user in self._fake.users if user.id == request.path_params["id"]), None)


def _wrong(what: str, status: int = 400) -> Response:
    return JSONResponse({"ok": False, "error": what}, status)


async def _act(user: User, body: Any) -> None:
    wanted = body.get("do")
    message = next((one for one in user.chat if one.id == body.get("message")), None)
    if wanted == "start":
        await user.start(str(body.get("text", "")).strip())
    elif wanted == "say":
        await user.says(str(body.get("text", ""))[:4096])
    elif wanted == "tap":
        await user.taps_data(str(body.get("data", "")), on=message)
    elif wanted == "edit" and message is not None:
        await user.edits(message, str(body.get("text", ""))[:4096])
    elif wanted == "block":
        await user.blocks()
    elif wanted == "unblock":
        await user.unblocks()
    else:
        raise CannotDo(f"nobody can {wanted}")


def _person(user: User) -> Json:
    person, last = user.person, user.clicks[-1:]
    return {
        "id": user.id,
        "name": user.name,
        "language": person.language,
        "started": person.started,
        "blocked": person.blocked,
        "spinning": user.spinning,
        "toast": {"id": last[0].id, "text": last[0].text, "alert": last[0].alert} if last else None,
        "messages": [_message(message) for message in user.chat[-NEWEST:]],
    }


def _message(message: Seen) -> Json:
    return {
        "id": message.id,
        "bot": message.from_bot,
        "text": message.text,
        "entities": list(message.entities),
        "buttons": [[{"label": label, "data": data} for label, data in row] for row in message.buttons],
        "file": message.file
        and {
            "name": message.file.name,
            "kind": message.file.kind,
            "url": f"/try/files/{message.chat_id}/{message.id}",
        },
        "edited": message.edited,
        "protected": message.protected,
        "date": message.date,
    }
