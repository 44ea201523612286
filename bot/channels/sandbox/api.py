"""The sandbox over HTTP: the page, its live feed, and the API that acceptance runs drive. Only there in the sandbox."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote
from uuid import uuid4

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response, StreamingResponse
from pydantic import Field
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from bot import uploads
from bot.channels.base import Incoming, IncomingFile, OnIncoming
from bot.channels.sandbox import page
from bot.channels.sandbox.channel import KIND, Bubble, SandboxChannel, bubbles, file_of, keep, kept_before
from bot.channels.sandbox.duration import BadMove, read_moment
from bot.messages import Rendered
from locales.catalogue import best_language
from reminders.mechanism import Mechanism, mechanism_of
from storage.clock import SandboxClock
from storage.lane import Lane
from storage.tables.counties import County, Unit
from storage.tables.members import Address, Member, MemberRole, Role, address_index

FILE_KINDS = ("voice", "photo", "document")
HEARTBEAT_SECONDS = 15.0
Number = Annotated[int, Field(ge=-(2**31), lt=2**31)]  # of a message, as its column can hold it
LOOK_UP_SECONDS = 0.5  # how soon a stopping server lets go of its pages


@dataclass(frozen=True)
class Sandbox:
    """What the routes need: the channel, the clock, and what to do with an event and with time."""

    lane: Lane
    channel: SandboxChannel
    clock: SandboxClock
    handle: OnIncoming
    settle: Callable[[], Awaitable[None]]
    advance: Callable[[datetime], Awaitable[None]]
    language: str
    cast: page.Cast


def router(sandbox: Sandbox) -> APIRouter:
    """All routes below /sandbox/."""
    routes = APIRouter(prefix="/sandbox")

    @routes.get("/", response_class=HTMLResponse)
    async def the_page(request: Request) -> HTMLResponse:
        language = best_language(request.headers.get("accept-language", ""), sandbox.language)
        name = await sandbox.lane.read(
            lambda s: s.exec(select(County.name).order_by(col(County.id)).limit(1)).first()
        )
        return HTMLResponse(page.page(language, name or "", sandbox.cast), headers=page.HEADERS)

    @routes.get("/personas")
    async def personas() -> list[dict[str, Any]]:
        return await sandbox.lane.read(_personas)

    @routes.post("/personas/{persona}/messages")
    async def post_message(persona: str, request: Request) -> dict[str, bool]:
        await _known(sandbox, persona)
        await _take(sandbox, persona, request)
        await sandbox.settle()
        return {"ok": True}

    @routes.get("/personas/{persona}/messages")
    async def messages(persona: str, after: Number = 0) -> list[dict[str, Any]]:
        await _known(sandbox, persona)
        return await sandbox.lane.read(lambda s: _shown(s, bubbles(s, persona, after)))

    @routes.get("/files/{bubble}")
    async def file(bubble: Number, name: str = "file") -> Response:
        content = await sandbox.lane.read(lambda s: file_of(s, bubble))
        if content is None:
            raise HTTPException(404, "There is no such file.")
        # Always a download, never shown: what somebody uploads is not run in this page's origin.
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}", **page.HEADERS}
        return Response(content, media_type="application/octet-stream", headers=headers)

    _add_time(routes, sandbox)
    return routes


def _add_time(routes: APIRouter, sandbox: Sandbox) -> None:
    @routes.get("/clock")
    async def clock() -> dict[str, Any]:
        return await sandbox.lane.read(lambda s: _time(s, sandbox.clock))

    @routes.post("/clock")
    async def move(request: Request) -> dict[str, Any]:
        zone = (await sandbox.lane.read(_mechanism)).zone
        try:
            target = read_moment(await _json(request), sandbox.clock.now(), zone)
        except BadMove as wrong:
            raise HTTPException(400, _sound(str(wrong))) from None
        await sandbox.advance(target)
        shown = await sandbox.lane.read(lambda s: _time(s, sandbox.clock))
        sandbox.channel.feed.tell("clock", shown)
        return shown

    @routes.get("/events")
    async def events() -> StreamingResponse:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(_live(sandbox), media_type="text/event-stream", headers=headers)


# --- people and chats ------------------------------------------------------------------------------------------------


def _personas(session: Session) -> list[dict[str, Any]]:
    query = (
        select(Address, Member)
        .join(Member, col(Member.id) == Address.member_id)
        .where(Address.channel == KIND)
        .order_by(col(Address.id))
    )
    units = {unit.id: unit.name for unit in session.exec(select(Unit))}
    roles: dict[int, str] = {}
    for member_id, role in session.exec(
        select(MemberRole.member_id, MemberRole.role).order_by(col(MemberRole.id).desc())
    ):
        roles[member_id] = Role(role).value
    county = session.exec(select(County.name).order_by(col(County.id)).limit(1)).first() or ""
    return [
        {
            "id": address.address,
            "name": member.name,
            "role": roles.get(member.id, ""),
            "unit": units.get(member.unit_id or 0, ""),
            "county": county,
        }
        for address, member in session.exec(query).all()
    ]


async def _known(sandbox: Sandbox, persona: str) -> None:
    like = select(Address).where(
        Address.channel == KIND, Address.address_index == address_index(KIND, persona)
    )  # the index finds what is written a little differently, too
    found = await sandbox.lane.read(lambda session: [row.address for row in session.exec(like)])
    if persona not in found:
        raise HTTPException(404, "There is no such person here. GET /sandbox/personas lists them all.")


def _shown(session: Session, found: Sequence[Bubble]) -> list[dict[str, Any]]:
    zone = _mechanism(session).zone
    return [
        {
            "id": bubble.id,
            "from": bubble.sender,
            "text": bubble.text,
            "buttons": bubble.buttons,
            "file": bubble.file_name
            and {
                "name": bubble.file_name,
                "url": f"/sandbox/files/{bubble.id}?name={quote(bubble.file_name)}",
            },
            "edited": bubble.edited,
            "sent_at": bubble.sent_at.astimezone(zone).isoformat(timespec="seconds"),
        }
        for bubble in found
    ]


# --- what is posted --------------------------------------------------------------------------------------------------


async def _json(request: Request) -> Any:
    try:
        return json.loads(await request.body())
    except (ValueError, RecursionError):
        raise HTTPException(400, "The body is not JSON.") from None


async def _take(sandbox: Sandbox, persona: str, request: Request) -> None:
    """One posted message or tap: first the person's own bubble, then the event itself."""
    if request.headers.get("content-type", "").startswith("multipart/"):
        async with uploads.sent(request, files=1, fields=10) as form:
            posted: tuple[Incoming, Rendered | None] = await _posted_file(persona, form)
    else:
        posted = _posted_text(persona, await _json(request))
    incoming, mine = posted
    if mine is not None:
        await _keep_mine(sandbox, incoming, mine)
    await sandbox.handle(incoming)


def _posted_text(persona: str, body: Any) -> tuple[Incoming, Rendered | None]:
    if not isinstance(body, dict) or not isinstance(body.get("text", body.get("action")), str):
        raise HTTPException(400, 'Say {"text": "…"} or {"action": "…", "message_id": 1}.')
    event_id = _event_id(persona, body.get("event_id"))
    if "text" in body:
        text = _sound(body["text"])
        return Incoming(KIND, persona, event_id, text=text), Rendered(text[:10_000])
    return Incoming(KIND, persona, event_id, token=_sound(body["action"])), None


def _sound(text: str) -> str:
    """JSON may carry half a character; no database and no file can."""
    return text.encode(errors="replace").decode()


def _event_id(persona: str, given: object) -> str:
    """The event's id among all events of the channel: two people may well send the same one."""
    own = "".join(character for character in str(given or uuid4()) if character.isprintable())
    return f"{persona}:{_sound(own) or uuid4()}"[:200]


async def _posted_file(persona: str, form: FormData) -> tuple[Incoming, Rendered]:
    upload, kind = form.get("file"), str(form.get("kind") or "document")
    if not isinstance(upload, UploadFile):
        raise HTTPException(400, "The form has no part named file.")
    if kind not in FILE_KINDS:
        raise HTTPException(400, f"kind is one of {', '.join(FILE_KINDS)}.")
    name = _sound(upload.filename or "file")[:200]
    mine = Rendered(
        _sound(str(form.get("text") or "")), (), (name, upload.content_type or "", await upload.read())
    )
    event_id = _event_id(persona, form.get("event_id"))
    incoming = Incoming(KIND, persona, event_id, file=IncomingFile(kind, name, event_id))
    return incoming, mine


async def _keep_mine(sandbox: Sandbox, incoming: Incoming, mine: Rendered) -> None:
    """The person's own bubble; the same event twice is one bubble."""
    now = sandbox.clock.now()

    def unit(session: Session) -> int | None:
        if kept_before(session, incoming.address, incoming.event_id):
            return None
        try:
            with session.begin_nested():
                return keep(session, incoming.address, "me", mine, now=now, event_id=incoming.event_id)
        except IntegrityError:
            return None  # its repeat was quicker

    kept = await sandbox.lane.run(unit)
    if kept is not None:
        sandbox.channel.feed.tell("message", {"persona": incoming.address, "id": kept, "edited": False})


# --- time ------------------------------------------------------------------------------------------------------------


def _mechanism(session: Session) -> Mechanism:
    return mechanism_of(session, session.exec(select(County.id).order_by(col(County.id)).limit(1)).one())


def _time(session: Session, clock: SandboxClock) -> dict[str, Any]:
    mechanism, now = _mechanism(session), clock.now()
    return {
        "now": now.astimezone(mechanism.zone).isoformat(timespec="seconds"),
        "workday": mechanism.calendar.is_workday(mechanism.day(now)),
        "standing": clock.standing,
    }


async def _live(sandbox: Sandbox) -> AsyncIterator[str]:
    """Server-sent events for one open page, with a heartbeat so that a broken line is noticed."""
    feed, quiet = sandbox.channel.feed, 0.0
    async with feed.listen() as listener:
        yield ": open\n\n"
        while not (listener.lost or feed.closing):
            try:
                event, data = await asyncio.wait_for(listener.news.get(), LOOK_UP_SECONDS)
                quiet = 0.0
                yield f"event: {event}\ndata: {json.dumps(data)}\n\n"
            except TimeoutError:
                quiet += LOOK_UP_SECONDS
                if quiet >= HEARTBEAT_SECONDS:
                    quiet = 0.0
                    yield ": still here\n\n"
