"""A form as JSON Schema (draft 2020-12): what its outcome may look like, for whoever reads or makes one elsewhere.

It is derived from the same declaration as dialog, page and checks. A schema cannot say all that a form checks: that a
day lies within so many days of today, that a choice is one of those known at run time, that a span ends after it
begins, that a text holds a word, what a `check` says. All that it refuses the form refuses, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date
from typing import Any

from casework.forms.form import Field, Form, Option, When
from casework.forms.kinds import KINDS, TYPED_CHOICE_LENGTH, YES_OR_NO
from locales.catalogue import LANGUAGES, gettext
from locales.phrase import Reader

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SOME_TEXT = r"\S"
DAY = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
SPAN = "^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$"


def schema_of(form: Form, language: str) -> Schema:
    """The schema of a form's outcome: its answers by key, without those that were skipped or never asked."""
    conditional = tuple(one for one in form.fields if one.show_if)
    schema: Schema = {
        "$schema": DIALECT,
        "$id": f"urn:fangpingcha:form:{form.id}:{form.version}",
        **_said("title", form.title, language),
        "type": "object",
        "properties": {one.key: _field(one, language) for one in form.fields},
        "required": [one.key for one in form.fields if one.required and not one.show_if],
        "additionalProperties": False,
    }
    if conditional:
        groups = dict.fromkeys(one.show_if for one in conditional)
        schema["allOf"] = [
            _dependent(when, [one for one in conditional if one.show_if == when]) for when in groups
        ]
    return schema


def _dependent(conditions: tuple[When, ...], fields: Sequence[Field]) -> Schema:
    """What is asked only after certain answers: needed or allowed then, and never there otherwise."""
    held = [{"required": [when.key], "properties": {when.key: _holds(when)}} for when in conditions]
    needed = [one.key for one in fields if one.required]
    then: Schema = {"then": {"required": needed}} if needed else {}
    return {
        "if": held[0] if len(held) == 1 else {"allOf": held},
        **then,
        "else": {"properties": {one.key: False for one in fields}},
    }


def _holds(when: When) -> Schema:
    if when.given:
        return {"not": {"const": None}}
    if when.contains is not None:
        return {"type": "array", "contains": {"const": when.contains}}
    return {"enum": list(when.in_)}


def _field(field: Field, language: str) -> Schema:
    return {
        **_said("title", field.label, language),
        **_said("description", field.prompt, language),
        **_value(field, language),
    }


def _value(field: Field, language: str) -> Schema:
    match field.kind:
        case "text":
            return _text(field.max_length)
        case "date":
            days = {"earliest": field.earliest, "latest": field.latest}
            return {"type": "string", "format": "date", "pattern": DAY, "x-days-from-today": days}
        case "span":
            return {"type": "string", "pattern": SPAN, "maxLength": len("09:00-10:30")}
        case "yes_no":
            return {"type": "boolean", "oneOf": _constants(field, language)}
        case "number":
            return {"type": "integer", "minimum": 1, "maximum": field.most}
        case "many":
            items = _choice(field, language)
            return {"type": "array", "items": items, "minItems": field.at_least, "uniqueItems": True}
        case _:
            return _choice(field, language)


def _choice(field: Field, language: str) -> Schema:
    """One of the options; where the form takes another text or knows options only at run time, those too."""
    known = _constants(field, language)
    if not field.open and not field.dynamic:
        return {"type": "string", "oneOf": known}
    other = _text(TYPED_CHOICE_LENGTH) if field.open else {"type": "string", "minLength": 1}
    return {"anyOf": [*known, other]} if known else other


def _text(longest: int) -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": longest, "pattern": SOME_TEXT}


def _constants(field: Field, language: str) -> list[Schema]:
    options = field.options or (YES_OR_NO if field.kind == "yes_no" else ())
    kind = KINDS[field.kind]
    return [{"const": kind.tapped(one.value), **_both("title", _words(one), language)} for one in options]


def _words(option: Option) -> Mapping[str, str]:
    return {language: option.label.render(Reader(language, UTC, date.min)) for language in LANGUAGES}


def _said(keyword: str, msgid: str, language: str) -> Schema:
    return _both(keyword, {one: gettext(one, msgid) for one in LANGUAGES}, language)


def _both(keyword: str, words: Mapping[str, str], language: str) -> Schema:
    """The keyword that every tool shows, in one language, and beside it all languages."""
    return {keyword: words[language], f"x-{keyword}": dict(words)}
