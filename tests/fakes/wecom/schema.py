"""The envelope of message/send, and the message kinds that are no cards."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from tests.fakes.wecom.cards import check_card
from tests.fakes.wecom.errors import ApiError
from tests.fakes.wecom.state import State

TEXT_BYTES = 2048
LONGEST_INTERVAL = 14_400
MEDIA_KINDS = ("image", "voice", "video", "file")
_ESCAPE = re.compile(rb"(?<!\\)(?:\\\\)*\\u[0-9a-fA-F]{4}")


def read_json(raw: bytes) -> dict[str, Any]:
    """A request body. An escaped character is an illegal one: the official list says so in as many words."""
    if _ESCAPE.search(raw):
        raise ApiError(40033)
    try:
        body = json.loads(raw.decode())
    except UnicodeDecodeError:
        raise ApiError(40033) from None
    except (ValueError, RecursionError):
        raise ApiError(40035, "wrong json format") from None
    if not isinstance(body, dict):
        raise ApiError(40035, "wrong json format")
    return body


def check_agent(state: State, given: object) -> None:
    if given is None:
        raise ApiError(41011)
    if isinstance(given, bool) or not isinstance(given, int) or given != state.agent_id:
        raise ApiError(40056)


def check_message(state: State, body: dict[str, Any]) -> None:
    """The whole request but for its receivers.

    Raises:
        ApiError: with the errcode WeCom would give.
    """
    check_agent(state, body.get("agentid"))
    for flag in ("safe", "enable_id_trans", "enable_duplicate_check"):
        if body.get(flag, 0) not in (0, 1):
            raise ApiError(40035, flag)
    interval = body.get("duplicate_check_interval", 1800)
    if not isinstance(interval, int) or not 0 < interval <= LONGEST_INTERVAL:
        raise ApiError(40035, "duplicate_check_interval")
    kind = body.get("msgtype")
    if kind == "template_card":
        check_card(body.get("template_card"))
    elif isinstance(kind, str) and kind in MEDIA_KINDS:
        _media(state, kind, _content(body, kind))
    elif isinstance(kind, str) and kind in _CHECKS:
        _CHECKS[kind](_content(body, kind))
    else:
        raise ApiError(40008)


def _content(body: dict[str, Any], kind: str) -> dict[str, Any]:
    content = body.get(kind)
    if not isinstance(content, dict):
        raise ApiError(40035, kind)
    return content


def _filled(content: dict[str, Any], name: str, errcode: int) -> str:
    value = content.get(name)
    if not isinstance(value, str) or not value:
        raise ApiError(errcode, name)
    return value


def _text(content: dict[str, Any]) -> None:
    _filled(content, "content", 44004)


def _markdown(content: dict[str, Any]) -> None:
    if len(_filled(content, "content", 44004).encode()) > TEXT_BYTES:
        raise ApiError(45002)


def _textcard(content: dict[str, Any]) -> None:
    title, text = _filled(content, "title", 41016), _filled(content, "description", 40035)
    if len(title) > 128 or len(text) > 512 or len(content.get("btntxt", "")) > 4:
        raise ApiError(45002)
    if len(_filled(content, "url", 41010).encode()) > TEXT_BYTES:
        raise ApiError(40039)


def _news(content: dict[str, Any]) -> None:
    articles = content.get("articles")
    if not isinstance(articles, list) or not 1 <= len(articles) <= 8:
        raise ApiError(45008)
    for article in articles:
        _filled(article, "title", 41016)


def _media(state: State, kind: str, content: dict[str, Any]) -> None:
    """Only a medium of the same kind that still lives."""
    found = state.live_media(_filled(content, "media_id", 41006))
    if found is None or found.kind != kind:
        raise ApiError(40007)


_CHECKS: dict[str, Callable[[dict[str, Any]], None]] = {
    "text": _text,
    "markdown": _markdown,
    "textcard": _textcard,
    "news": _news,
}


def shown(state: State, body: dict[str, Any]) -> tuple[str, bool]:
    """A text as it arrives, and whether it was cut: a text that is too long is, and nobody is told."""
    content: str = body["text"]["content"]
    raw = content.encode()
    if len(raw) <= TEXT_BYTES:
        return content, False
    state.truncated.append(body)
    return raw[:TEXT_BYTES].decode(errors="ignore"), True
