"""The words that steer a dialog, as inputs. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from bot.dialogs.inputs import Back, Cancel, Done, Edit, Help, Input, Keep, Later, Resume, Skip, Submit
from bot.dialogs.times import fold, without_faces
from bot.dialogs.vocabulary import CONTROLS, MAY_BE_SAID
from casework.forms.form import Field
from casework.forms.kinds import clean

MARKS = " .。!！"
_INPUTS: Mapping[str, Input] = {
    "back": Back(),
    "skip": Skip(),
    "edit": Edit(),
    "cancel": Cancel(),
    "submit": Submit(),
    "done": Done(),
    "resume": Resume(),
    "keep": Keep(),
    "later": Later(),
    "help": Help(),
}
_CONTROL = {
    word: _INPUTS[verb] for words in CONTROLS.values() for verb, said in words.items() for word in said
}


def is_control(text: str) -> bool:
    """Whether a text is one of the words that steer a dialog, said where perhaps none is open."""
    return control(text) is not None


def control(text: str) -> Input | None:
    """What a text is as one of these words, with a slash before it or not."""
    return _CONTROL.get(bare(text))


def bare(text: str) -> str:
    """What is said, folded, without the slash before it and the marks and faces behind it."""
    return fold(without_faces(clean(text))).removeprefix("/").strip(MARKS)


def steers(word: str, said: str, field: Field | None) -> Input | None:
    """What a word that steers a dialog does here. Where a text is asked for 完成 is an answer, unless there is a slash
    before it; 就这些 to a text that may be left out says that there is none."""
    meant = _CONTROL.get(word)
    if field is None or field.kind != "text" or not isinstance(meant, Done) or said.startswith("/"):
        return meant
    return None if field.required or word in MAY_BE_SAID else Skip()
