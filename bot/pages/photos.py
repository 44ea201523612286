"""The routes below /page/photo/: a photo of a signed form, for whoever may see it, and what it belongs to.

No chat ever shows one. Each look is written down; nothing is cached.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot import danger, photos
from bot.context import Context
from bot.pages import frame
from bot.pages.frame import HEADERS, Pages, not_in, shown
from bot.pages.offered import offers
from casework import media
from locales.catalogue import N_
from storage.errors import NotFound
from storage.queries.media import access_medium
from storage.tables.members import Member

AT = photos.PATH + "{photo:int}"
LARGEST = 2**63 - 1
TEXTS = {"photo": N_("Photo of the signed form"), "looked": N_("That you looked at it is recorded.")}


def routes(pages: Pages) -> list[Route]:
    async def look(request: Request) -> Response:
        return await _look(pages, request)

    async def image(request: Request) -> Response:
        return await _image(pages, request)

    return [Route(AT, look, methods=["GET"]), Route(f"{AT}/image", image, methods=["GET"])]


async def _look(pages: Pages, request: Request) -> Response:
    def unit(ctx: Context) -> dict[str, Any]:
        name = ctx.member.name if isinstance(ctx.member, Member) else ""
        ways = offers(request, [(one, one.label.render(ctx.reader)) for one in danger.ways(ctx)])
        there = {"language": ctx.language, "name": name, "address": "", "texts": TEXTS, "ways": ways}
        try:
            medium = access_medium(ctx.session, ctx.actor, _id(request))
        except NotFound as missing:
            return {**there, "lines": [missing.phrase.render(ctx.reader)]}
        lines = [line.render(ctx.reader) for line in photos.facts(ctx, medium)]
        return {**there, "lines": lines, "address": f"{photos.PATH}{medium.id}/image"}

    found = await frame.run(pages, request, unit)
    if found is None:
        return not_in(pages, request)
    return shown(pages, request, "photo.html", 200 if found["address"] else 404, **found)


async def _image(pages: Pages, request: Request) -> Response:
    def unit(ctx: Context) -> tuple[str, bytes] | None:
        try:
            return media.look_at(ctx.session, ctx.actor, _id(request), now=ctx.now)
        except NotFound:
            return None

    found = await frame.run(pages, request, lambda ctx: (unit(ctx),))
    if found is None:
        return Response(status_code=401, headers=HEADERS)
    if found[0] is None:
        return Response(status_code=404, headers=HEADERS)
    media_type, content = found[0]
    return Response(content, media_type=media_type, headers={**HEADERS, "Content-Disposition": "inline"})


def _id(request: Request) -> int:
    return min(int(request.path_params["photo"]), LARGEST)
