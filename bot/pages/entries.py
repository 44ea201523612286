"""What a page's inputs send, as a value of the form; and a value, as what its inputs show.

Each question has inputs of its own names, so that a form arrives whole without a script: `a.KEY` is the answer, or each
ticked one; `a.KEY.more` what was typed beside the options; `a.KEY.from` and `a.KEY.to` two times of day; `seen.KEY` the
mark of what the page showed (bot/pages/whole.py). Of a photo `a.KEY` is the one that is kept, `a.KEY.drop` takes it
out, and `f.KEY` is another that was chosen (bot/pages/form_routes.py keeps it first).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.dialogs import words
from bot.pages.whole import Entry
from casework.forms.form import Env, Field, Form
from casework.forms.kinds import clean, options_of
from locales.phrase import Phrase

Posted = Mapping[str, Sequence[str]]
TYPED = "~"  # the option beside which something is typed


@dataclass(frozen=True)
class Shown:
    """What the inputs of one question show: the chosen values, what is typed, and the two ends of a span."""

    chosen: tuple[str, ...] = ()
    text: str = ""
    ends: tuple[str, str] = ("", "")

    def dump(self) -> dict[str, Any]:
        return {"chosen": list(self.chosen), "text": self.text, "ends": list(self.ends)}


@dataclass(frozen=True)
class _Inputs:
    posted: Posted
    key: str

    def all(self, part: str = "") -> list[str]:
        return [clean(one) for one in self.posted.get(f"a.{self.key}{part}", ())]

    def one(self, part: str = "") -> str:
        return next((text for text in self.all(part) if text), "")


def read_all(form: Form, posted: Posted, env: Env) -> dict[str, Entry]:
    """Every question that the page showed: it sends a mark with each."""
    return {
        one.key: read(one, posted, env, next(iter(posted[f"seen.{one.key}"]), ""))
        for one in form.fields
        if f"seen.{one.key}" in posted
    }


def read(one: Field, posted: Posted, env: Env, seen: str | None) -> Entry:
    return Entry(_value(one, _Inputs(posted, one.key), env), seen)


def _value(one: Field, inputs: _Inputs, env: Env) -> Any:
    match one.kind:
        case "text":
            return inputs.one() or None
        case "photo":
            return None if inputs.one(".drop") else inputs.one() or None
        case "date" | "number":
            return words.read(one, inputs.one(), env) if inputs.one() else None
        case "span":
            return _span(one, inputs, env)
        case "many":
            return _many(one, inputs, env)
        case "yes_no":
            return {"yes": True, "no": False, "": None}.get(inputs.one(), inputs.one())
    typed = inputs.one(".more")
    if one.open and typed and inputs.one() in ("", TYPED):
        found = words.read(one, typed, env)
        return typed if isinstance(found, Phrase) else found
    return inputs.one().removeprefix(TYPED) or None


def _span(one: Field, inputs: _Inputs, env: Env) -> Any:
    start, end = inputs.one(".from")[:5], inputs.one(".to")[:5]
    return words.read(one, f"{start}-{end}", env) if start or end else None


def _many(one: Field, inputs: _Inputs, env: Env) -> Any:
    chosen: list[str] = [value for value in inputs.all() if value]
    typed = inputs.one(".more")
    if one.open and typed:
        found = words.read(one, typed, env)
        if isinstance(found, Phrase):
            return found
        chosen += [value for value in found if value not in chosen]
    return chosen if chosen or one.required else None


def shown(one: Field, value: Any, env: Env) -> Shown:
    """A kept answer, as the inputs show it."""
    if value is None:
        return Shown()
    match one.kind:
        case "text" | "date" | "number" | "photo":
            return Shown(text=str(value))
        case "span":
            start, _, end = str(value).partition("-")
            return Shown(ends=(start, end))
        case "yes_no":
            return Shown(("yes" if value else "no",))
    known = {option.value for option in options_of(one, env)}
    given = list(value) if isinstance(value, list) else [value]
    typed = [text for text in given if text not in known]
    chosen = tuple(text for text in given if text in known)
    if typed and one.kind != "many":
        chosen = (TYPED,)
    return Shown(chosen, "、".join(typed))


def as_sent(one: Field, posted: Posted) -> Shown:
    """What was sent, to be shown again beside what is wrong with it."""
    inputs = _Inputs(posted, one.key)
    if one.kind in ("text", "date", "number", "photo"):
        return Shown(text=inputs.one())
    return Shown(tuple(inputs.all()), inputs.one(".more"), (inputs.one(".from"), inputs.one(".to")))
