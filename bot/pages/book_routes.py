"""The routes of the workbook that is filled in without network: take a new one, hand in a filled one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot import danger, uploads
from bot.context import Context
from bot.pages import brought_before, brought_in, desk, frame, sheet
from bot.pages.brought_in import Brought
from bot.pages.frame import HEADERS, Pages, must_be_ours, must_be_sealed, not_in, shown
from bot.pages.offered import BOOK, FORM, offers
from casework.documents import filled_book, form_book
from casework.documents.filled_book import FilledNote
from casework.documents.workbook import MEDIA_TYPE
from casework.forms.catalog import FORMS
from locales.catalogue import N_
from locales.phrase import P, Phrase, line
from storage.errors import Refused
from storage.tables.members import Member

MOST_SHOWN = 60  # cells to mend, or columns
TEXTS = {
    "book": sheet.TEXTS["book"],
    "how": N_(
        "Take the workbook along and fill it in where there is no network: a sheet for each kind of note, a column for "
        "each note. Hand it in here afterwards, or send it to the assistant where your chat takes files. Each note "
        "then waits for you, to be looked at and submitted."
    ),
    "take": N_("Take a new workbook"),
    "choose_what": N_("The workbook that was filled in (.xlsx, at most 5 MB)"),
    "choose": N_("Choose the workbook"),
    "nothing_chosen": N_("No file chosen"),
    "hand_in": N_("Check and take over"),
    "mend": brought_in.MEND,
    "left_out": brought_before.LEFT_OUT,
    "taken": brought_in.TAKEN,
    "check": sheet.TEXTS["check"],
    "edit": sheet.TEXTS["edit"],
}
NOTHING = Brought((), ())
NO_FILE = P("Please choose the workbook first.")
NOT_YOURS = P("There is nothing under this address.")


def routes(pages: Pages) -> list[Route]:
    async def look(request: Request) -> Response:
        return await _shown(pages, request, _nothing_yet)

    async def blank(request: Request) -> Response:
        return await _blank(pages, request)

    async def hand_in(request: Request) -> Response:
        return await _hand_in(pages, request)

    return [
        Route(BOOK, look, methods=["GET"]),
        Route(BOOK, hand_in, methods=["POST"]),
        Route(f"{BOOK}/new", blank, methods=["GET"]),
    ]


def _nothing_yet(ctx: Context) -> dict[str, Any]:
    return _page(ctx)


def _page(
    ctx: Context,
    brought: Brought = NOTHING,
    *,
    refused: Phrase | None = None,
    notes: Iterable[FilledNote] = (),
) -> dict[str, Any]:
    """`refused`: why the file was not looked into, where no cell is at fault."""
    name = ctx.member.name if isinstance(ctx.member, Member) else ""
    return {
        "status": 422 if brought.problems or refused else 200,
        "language": ctx.language,
        "name": name,
        "ways": [(one, one.label.render(ctx.reader)) for one in danger.ways(ctx)],
        "danger": desk.numbers(
            ctx, [text for note in notes for text in note.texts], kept=not brought.problems
        ),
        "refused": refused.render(ctx.reader) if refused else "",
        "problems": _first(ctx, brought.problems),
        "left_out": _first(ctx, brought.left_out),
        "drafts": [
            {
                "at": f"{FORM}{one.id}",
                "title": line(P(FORMS[one.form].title), one.subject).render(ctx.reader),
            }
            for one in brought.drafts
        ],
    }


def _first(ctx: Context, phrases: tuple[Phrase, ...]) -> list[str]:
    return [phrase.render(ctx.reader) for phrase in brought_in.first(phrases, MOST_SHOWN)]


async def _shown(pages: Pages, request: Request, unit: Any) -> Response:
    def inside(ctx: Context) -> dict[str, Any] | str:
        return unit(ctx) if brought_in.forms_for(ctx) else NOT_YOURS.render(ctx.reader)

    found = await frame.run(pages, request, inside)
    if found is None:
        return not_in(pages, request)
    if isinstance(found, str):
        return shown(pages, request, "gone.html", 404, sentence=found)
    found["ways"] = offers(request, found["ways"])
    found["danger"]["ways"] = offers(request, found["danger"]["ways"])
    status = found.pop("status")
    return shown(pages, request, "book.html", status, texts=TEXTS, at=BOOK, **found)


async def _blank(pages: Pages, request: Request) -> Response:
    def unit(ctx: Context) -> tuple[str, bytes] | None:
        if not brought_in.forms_for(ctx):
            return None
        return form_book.file_name(ctx.language), brought_in.make(ctx)

    found = await frame.run(pages, request, lambda ctx: (unit(ctx),))
    if found is None:
        return not_in(pages, request)
    if found[0] is None:
        return await _shown(pages, request, _nothing_yet)
    name, content = found[0]
    headers = {**HEADERS, "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(content, media_type=MEDIA_TYPE, headers=headers)


async def _hand_in(pages: Pages, request: Request) -> Response:
    must_be_ours(request)
    async with uploads.sent(request, files=1, fields=5) as form:
        seal, chosen = str(form.get("page") or ""), await uploads.contents(form)
    must_be_sealed(request, seal)
    content = chosen.get("file", b"")
    if await frame.run(pages, request, lambda ctx: True) is None:
        return not_in(pages, request)  # nothing is unpacked for nobody
    try:
        if not content:
            raise Refused(NO_FILE.msgid)
        notes = await asyncio.to_thread(filled_book.read_form_book, content)
    except Refused as refusal:
        phrase = refusal.phrase
        return await _shown(pages, request, lambda ctx: _page(ctx, refused=phrase))

    def unit(ctx: Context) -> dict[str, Any]:
        return _page(ctx, brought_in.take(ctx, notes), notes=notes)

    return await _shown(pages, request, unit)
