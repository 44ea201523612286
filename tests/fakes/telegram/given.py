"""A call's parameters, however they came: query, form, multipart or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request

from tests.fakes.telegram.errors import Json, bad

NESTED = {
    "reply_markup", "entities", "caption_entities", "allowed_updates", "commands", "scope", "message_ids",
    "reply_parameters", "link_preview_options",
}  # fmt: skip
MOST_TEXT = 1 << 20


def whole_number(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None


@dataclass(frozen=True)
class Upload:
    """A file that came with the call."""

    name: str
    content: bytes
    mime: str


@dataclass
class Given:
    """What was passed, read by type."""

    values: Json = field(default_factory=dict)
    files: dict[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str:
        value = self.values.get(name)
        if value is None:
            return ""
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    def number(self, name: str, otherwise: int = 0) -> int:
        """A number; what is none counts as not given, as on the real server."""
        number = whole_number(self.text(name))
        return otherwise if number is None else number

    def flag(self, name: str) -> bool:
        return self.text(name).strip().lower() in ("true", "yes", "1")

    def nested(self, name: str) -> Any:
        """A list or an object; None when it was not given."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise bad(f"can't parse {name} JSON object") from None

    def upload(self, name: str) -> Upload | None:
        """A part of this name, or the part that `attach://…` points to."""
        reference = self.values.get(name)
        if isinstance(reference, str) and reference.startswith("attach://"):
            return self.files.get(reference.removeprefix("attach://"))
        return self.files.get(name)

    def recorded(self) -> Json:
        """For the list of calls: nested values decoded, files left out."""
        return {name: self._decoded(name) for name in self.values}

    def _decoded(self, name: str) -> Any:
        value = self.values[name]
        if name not in NESTED or not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            return value


async def read_given(request: Request) -> Given:
    """Everything the request carries. Query and body may be mixed; the body wins."""
    given = Given(dict(request.query_params))
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/json"):
        given.values |= _object(await request.body())
    elif kind.startswith(("multipart/form-data", "application/x-www-form-urlencoded")):
        async with request.form(max_part_size=MOST_TEXT) as form:
            await _take(given, form.multi_items())
    else:
        await request.body()
    return given


def _object(body: bytes) -> Json:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise bad("can't parse JSON object")
    return found


async def _take(given: Given, parts: Iterable[tuple[str, str | UploadFile]]) -> None:
    for name, part in parts:
        if isinstance(part, str):
            given.values[name] = part
        else:
            given.files[name] = Upload(part.filename or "file", await part.read(), part.content_type or "")
