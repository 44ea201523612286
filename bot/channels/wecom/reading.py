"""What WeCom tells us → what happened: nothing, one event, or several, where several options were sent at once."""

from __future__ import annotations

from msgspec.structs import replace

from bot.channels.base import Incoming, IncomingFile, Sign
from bot.channels.wecom.access import KIND
from bot.channels.wecom.cards import BLANK, SUBMIT
from bot.channels.wecom.envelope import ENTERED, Callback, event_key_of
from bot.channels.wecom.settled import WITH_OPTIONS

TAPS = frozenset({"template_card_event", "template_card_menu_event"})
_SIGNS = {"subscribe": Sign.returned, "unsubscribe": Sign.left, ENTERED: Sign.entered}
_FILES = {"image": ("photo", "photo.jpg"), "voice": ("voice", "voice.amr"), "file": ("document", "document")}
_NAME = 200  # characters of a file's name


def read(callback: Callback) -> tuple[Incoming, ...]:
    """What a callback means for the house. An event that nobody here has use for means nothing."""
    about = Incoming(KIND, callback.from_user, event_key_of(callback))
    if callback.kind == "event":
        return _event(callback, about)
    if callback.kind == "text":
        return (replace(about, text=_sound(callback.content)),)
    if callback.kind in _FILES and callback.media_id:
        kind, name = _FILES[callback.kind]
        named = _sound(callback.file_name)[:_NAME] or name
        return (replace(about, file=IncomingFile(kind, named, callback.media_id)),)
    return (replace(about, sign=Sign.place if callback.kind == "location" else Sign.unreadable),)


def _event(callback: Callback, about: Incoming) -> tuple[Incoming, ...]:
    if callback.event in TAPS:
        chosen = _several(callback)
        if chosen is not None:
            return (replace(about, token=_sound(callback.event_key), chosen=chosen),)
        tokens = _tokens(callback)
        if tokens == [SUBMIT]:
            return (replace(about, sign=Sign.unchosen),)
        ids = [about.event_id] if len(tokens) == 1 else [f"{about.event_id}.{n}" for n in range(len(tokens))]
        return tuple(
            replace(about, event_id=event_id, token=token)
            for event_id, token in zip(ids, tokens, strict=True)
        )
    if callback.event == "click" and callback.event_key:
        return (replace(about, text="/" + _sound(callback.event_key)),)
    if callback.event in _SIGNS:
        return (replace(about, sign=_SIGNS[callback.event]),)
    return ()


def _several(callback: Callback) -> tuple[str, ...] | None:
    """What was ticked or pulled down where several may be, which may be nothing; None on any other card."""
    if callback.card_type not in WITH_OPTIONS or callback.event_key == SUBMIT:
        return None
    chosen = (option for _, options in callback.selected for option in options)
    return tuple(_sound(option) for option in chosen if option not in ("", BLANK))


def _tokens(callback: Callback) -> list[str]:
    """What was tapped: the chosen options, each with the token that is its id, or else the button."""
    chosen = [option for _, options in callback.selected for option in options if option]
    return [_sound(token) for token in chosen or [callback.event_key]]


def _sound(text: str) -> str:
    """What no database can hold is not in it: halves of characters, and NUL."""
    return text.encode(errors="replace").decode().replace("\x00", "")
