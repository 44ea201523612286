"""The page of the browser chat: index.html with its words filled in, and the headers it is served with.

The page speaks one language, chosen before it is made. Its scripts find every sentence they say in a JSON block
inside the page, so a translation is a line in the catalogue and never a line of JavaScript.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from locales.catalogue import N_, gettext

STATIC = Path(__file__).parent / "static"

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

# What the template says, and what the scripts say. Keys are ours; the words are the catalogue's.
TEXTS = {
    "title": N_("Fang-Ping-Cha assistant"),
    "demo": N_("Demo: everyone here is invented"),
    "not_classified": N_(
        "This is not a classified system and is not linked to any messenger or any real file. "
        "Enter nothing about real people."
    ),
    "no_script": N_("This page needs JavaScript. Please turn it on in the browser and load the page again."),
    "shortcuts": N_("Alt+1, 2, 3: choose a phone · Enter: send · Shift+Enter: new line"),
    "assistant": N_("Work assistant"),
    "phones": N_("Phones"),
    "phone": N_("Phone {n}"),
    "persona": N_("You are"),
    "persona_line": N_("{name} · {role} · {unit}"),
    "unread_line": N_("({n} new) {line}"),
    "others": N_("New for others:"),
    "show_other": N_("{name}, {role}: {n} new. Show on a phone."),
    "log": N_("Chat of {name}"),
    "empty": N_("No messages yet. Press a command below, or type."),
    "loading": N_("Loading…"),
    "commands": N_("Quick commands"),
    "input": N_("Message from {name}"),
    "placeholder": N_("Type here"),
    "send": N_("Send"),
    "attach": N_("Attach a file"),
    "attach_photo": N_("Photo"),
    "attach_document": N_("Document"),
    "attach_voice": N_("Voice"),
    "me": N_("Me"),
    "edited": N_("Updated"),
    "file": N_("File"),
    "sending": N_("Sending…"),
    "working": N_("The assistant is writing…"),
    "latest": N_("New messages below"),
    "clock": N_("Demo clock"),
    "workday": N_("Working day"),
    "day_off": N_("Day off"),
    "forward": N_("Move the clock forward"),
    "forward_hour": N_("+1 hour"),
    "forward_day": N_("+1 day"),
    "forward_3_days": N_("+3 days"),
    "forward_week": N_("+1 week"),
    "jump_to": N_("Jump to"),
    "jump": N_("Go"),
    "jump_empty": N_("Choose a date and a time first."),
    "moving": N_("Time passes; everything due on the way is being delivered…"),
    "moved": N_("It is now {moment}."),
    "offline": N_("The connection is lost. Trying again…"),
    "error_network": N_("Not sent: the assistant cannot be reached. Check the network, then send again."),
    "error_server": N_("The assistant could not do this just now. Please try again in a moment."),
    "error_refused": N_("The assistant did not accept this. Reload the page, then try again."),
    "error_too_large": N_("This file is too large. Please choose a smaller one."),
    "error_loading": N_("The messages could not be loaded. Please try again."),
    "retry": N_("Try again"),
    "dismiss": N_("Hide this line"),
}


@dataclass(frozen=True)
class Shortcut:
    """A quick command: the message id on its button, and what is sent: the plain word in Chinese, the slash name in
    English. One that wants a word after it is only put into the input."""

    label: str
    word: str
    slash: str
    wants_more: bool = False


@dataclass(frozen=True)
class Cast:
    """What the page has to know of the people: each role's name (message id), and its quick commands."""

    roles: Mapping[str, str]
    shortcuts: Mapping[str, Sequence[Shortcut]]


def page(language: str, county_name: str, cast: Cast) -> str:
    """The whole page in one language. The county's name is data: the template escapes it."""
    texts = {key: gettext(language, msgid) for key, msgid in TEXTS.items()}
    return _environment().get_template("index.html").render(
        lang=language.replace("_", "-"),
        county=county_name,
        texts=texts,
        script={
            "texts": texts,
            "roles": {role: gettext(language, msgid) for role, msgid in cast.roles.items()},
            "strips": {role: _strip(language, shortcuts) for role, shortcuts in cast.shortcuts.items()},
        },
    )  # fmt: skip


def _strip(language: str, shortcuts: Sequence[Shortcut]) -> list[dict[str, str]]:
    chinese = language == "zh_CN"
    return [
        {
            "label": gettext(language, shortcut.label) + ("…" if shortcut.wants_more else ""),
            "text": (shortcut.word if chinese else f"/{shortcut.slash}")
            + (" " if shortcut.wants_more else ""),
        }
        for shortcut in shortcuts
    ]


def _environment() -> Environment:
    return Environment(loader=FileSystemLoader(STATIC), autoescape=True, undefined=StrictUndefined)
