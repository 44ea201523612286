"""The XML of callbacks and passive replies."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree as ET

# A value is a text (CDATA), a number (bare), a mapping of elements, or a sequence of repeated elements.
Xml = str | int | float | Mapping[str, Any] | Sequence[Any]

_LISTS = {
    "action_list",
    "horizontal_content_list",
    "jump_list",
    "button_list",
    "option_list",
    "select_list",
    "vertical_content_list",
}
_WHOLE = {"type", "style", "mode", "desc_color"}
_TRUTHS = {"is_checked", "disable"}
_TRAPS = {
    "KeyName": "keyname",
    "CheckBox": "checkbox",
    "AppId": "appid",
    "PagePath": "pagepath",
    "UserId": "userid",
}


def cdata(text: str) -> str:
    """A text as CDATA; its end mark inside the text is split in two."""
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"


def element(name: str, value: Xml) -> str:
    if isinstance(value, str):
        return f"<{name}>{cdata(value)}</{name}>"
    if isinstance(value, int | float):
        return f"<{name}>{value}</{name}>"
    if isinstance(value, Mapping):
        return f"<{name}>{''.join(element(key, inner) for key, inner in value.items())}</{name}>"
    return "".join(element(name, inner) for inner in value)


def document(fields: Mapping[str, Xml]) -> str:
    return element("xml", fields)


def texts(source: str) -> dict[str, str]:
    """The top-level elements of a document that hold only text."""
    root = ET.fromstring(source)
    return {child.tag: child.text or "" for child in root if not len(child)}


def card_of(root: ET.Element) -> dict[str, Any]:
    """A TemplateCard element as the JSON card that message/send would take."""
    card: dict[str, Any] = _fields(root)
    return card


def _fields(node: ET.Element) -> Any:
    if not len(node):
        return node.text or ""
    found: dict[str, Any] = {}
    for child in node:
        name = _json_name(child.tag)
        value = _typed(name, _fields(child))
        if name in _LISTS:
            found.setdefault(name, []).append(value)
        else:
            found[name] = value
    return found


def _json_name(tag: str) -> str:
    """CamelCase to snake_case, but for the names that were never split."""
    return _TRAPS.get(tag) or re.sub(r"(?<!^)(?=[A-Z])", "_", tag).lower()


def _typed(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if name in _WHOLE and value.isdigit():
        return int(value)
    if name in _TRUTHS:
        return value in ("true", "1")
    if name == "aspect_ratio" and re.fullmatch(r"\d+(\.\d+)?", value):
        return float(value)
    return value
