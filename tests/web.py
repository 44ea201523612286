"""Our own pages as a test uses them: come in by the link of the chat, read, fill in, send; as a browser would."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx

from bot.app import House, web_of

SITE = "https://care.example.org"
Inputs = dict[str, list[str]]


@dataclass
class Form:
    """One form of a page: where it goes, what it would send, its buttons. What is disabled is not there."""

    action: str = ""
    inputs: Inputs = field(default_factory=dict)
    buttons: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    """Just enough of a browser: the forms, the visible questions, the problem beside each."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.visible: list[str] = []
        self.problems: dict[str, str] = {}
        self._form: Form | None = None
        self._disabled = False
        self._area = self._problem = ""
        self._in_button = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attributes}
        if tag == "form":
            self._form = Form(given.get("action", ""))
            self.forms.append(self._form)
        elif tag == "fieldset":
            self._disabled = "disabled" in given
            self.visible += [] if self._disabled else [given["data-key"]]
        elif given.get("id", "").startswith("problem-"):
            self._problem = given["id"].removeprefix("problem-")
        elif self._form is not None and not self._disabled:
            self._input(tag, given)

    def _input(self, tag: str, given: dict[str, str]) -> None:
        assert self._form is not None
        name = given.get("name", "")
        if tag == "button":
            self._form.buttons.append("")
            self._in_button = True
        elif tag == "textarea":
            self._area = name
            self._form.inputs[name] = [""]
        elif tag == "input" and (given.get("type") not in ("radio", "checkbox") or "checked" in given):
            self._form.inputs.setdefault(name, []).append(given.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._problem:
            self.problems[self._problem] = self.problems.get(self._problem, "") + data
        if self._form is not None and self._area:
            self._form.inputs[self._area][0] += data
        if self._form is not None and self._in_button:
            self._form.buttons[-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "fieldset":
            self._disabled = False
        elif tag == "p":
            self._problem = ""
        elif tag == "textarea" and self._form is not None and self._area:
            # The line break after the tag is the markup's own.
            self._form.inputs[self._area][0] = self._form.inputs[self._area][0].removeprefix("\n")
            self._area = ""
        elif tag == "button":
            self._in_button = False


@dataclass
class Page:
    """What came back, read."""

    status: int
    path: str
    html: str
    forms: list[Form]
    visible: list[str]
    problems: dict[str, str]

    @property
    def text(self) -> str:
        return re.sub(r"\s*\n\s*", "\n", re.sub(r"<[^>]+>", "", self.html))

    @property
    def sheet(self) -> Form:
        """The form that is filled in."""
        return next(form for form in self.forms if "page" in form.inputs)

    def button(self, label: str) -> Form:
        return next(form for form in self.forms if any(b.startswith(label) for b in form.buttons))

    def labels(self) -> list[str]:
        links = re.findall(r'class="button[^"]*" href="[^"]*"[^>]*>(.*?)</a>', self.html)
        return [
            *(re.sub(r"<[^>]+>", "", link) for link in links),
            *(label for form in self.forms for label in form.buttons),
        ]


def read(answer: httpx.Response) -> Page:
    return read_markup(answer.text, answer.status_code, answer.url.path)


def read_markup(html: str, status: int = 200, path: str = "") -> Page:
    reader = _Reader()
    reader.feed(html)
    problems = {key: said.strip() for key, said in reader.problems.items() if said.strip()}
    return Page(status, path, html, reader.forms, reader.visible, problems)


@dataclass
class Web:
    """A browser with its own cookies."""

    client: httpx.AsyncClient

    async def comes_in(self, text: str) -> Page:
        """By the link in a message of the assistant."""
        found = re.search(r"https?://[\w.]+(/page/in\?[\w=&-]+)", text)
        assert found, text
        asked = read(await self.client.get(found[1]))
        return await self.sends(asked.forms[0])

    async def opens(self, path: str) -> Page:
        return read(await self.client.get(path, follow_redirects=True))

    async def sends(self, form: Form, **more: str | Iterable[str]) -> Page:
        data = form.inputs | {
            key: [value] if isinstance(value, str) else list(value) for key, value in more.items()
        }
        return read(await self.client.post(form.action, data=data, follow_redirects=True))

    async def answers(self, page: Page, key: str, *values: str, **more: str) -> httpx.Response:
        """Keep one answer, as the page's script does; with the marks that the page showed."""
        sheet = page.sheet
        inputs = {f"a.{key}": list(values)} | {f"a.{key}.{part}": [value] for part, value in more.items()}
        marks = {name[5:]: values[0] for name, values in sheet.inputs.items() if name.startswith("seen.")}
        body = {
            "page": sheet.inputs["page"][0],
            "key": key,
            "seen": marks.get(key, ""),
            "inputs": inputs,
            "marks": marks,
        }
        return await self.client.post(f"{sheet.action}/answer", json=body)


@asynccontextmanager
async def browser(house: House) -> AsyncIterator[Web]:
    transport = httpx.ASGITransport(app=web_of(house))
    async with httpx.AsyncClient(transport=transport, base_url=SITE) as client:
        yield Web(client)
