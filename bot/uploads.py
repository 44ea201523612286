"""What a browser sends in a form, files included. Nothing of it is ever put on a disk as it came: a file is held in
memory, which the body cap of the server bounds (bot/web.py), and is sealed before it is kept.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

MULTIPART = "multipart/form-data"


class _InMemory(MultiPartParser):
    spool_max_size = 2**31  # the framework's own would write what is larger than 1 MB to a temporary file


@asynccontextmanager
async def sent(request: Request, *, files: int, fields: int) -> AsyncIterator[FormData]:
    """A form that was sent, with at most so many files and fields."""
    if not request.headers.get("content-type", "").startswith(MULTIPART):
        async with request.form(max_files=0, max_fields=fields) as plain:
            yield plain
        return
    parser = _InMemory(request.headers, request.stream(), max_files=files, max_fields=fields)
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise HTTPException(400, error.message) from None
    try:
        yield form
    finally:
        await form.close()


async def contents(form: FormData) -> dict[str, bytes]:
    """The content of each file that was chosen, by the name of its input."""
    chosen = ((key, value) for key, value in form.multi_items() if isinstance(value, UploadFile))
    found = {key: await value.read() for key, value in chosen}
    return {key: content for key, content in found.items() if content}
