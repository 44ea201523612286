"""Several answers in one message, where they can mean but one thing. Pure.

One line with commas (昨天下午，会议室), or one that says where after when (昨天下午在会议室谈的): each part must be the
very word of an answer, and there must be one way only of giving the parts to the questions that come next. Several
lines: one answer a line, in the order of the questions, with the number or the label of its question before it or not;
free texts are possible then. What could be read in two ways is not read here at all, and is asked as before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from bot.dialogs import correcting
from bot.dialogs.dates import understand_date
from bot.dialogs.engine import State
from bot.dialogs.inputs import Done, Edit, Input, Tell
from bot.dialogs.slips import slip
from bot.dialogs.steering import control
from bot.dialogs.times import fold, read_span, without_faces
from bot.dialogs.words import names_of, read, to_input, truth_of
from casework.forms.form import Env, Field, Form
from casework.forms.kinds import clean, options_of
from locales.phrase import Phrase

LINES, PARTS = 12, 4
LONGEST = 200  # characters of a line that is nothing but words of answers
# Their answers are words of their own. A number could be the number of an option, too, and a text could be anything.
_TELLING = frozenset({"date", "span", "choice", "rating", "yes_no"})
_NAMED = re.compile(r"([^:：]{1,20})\s*[:：]\s*(.+)")
_COUNTED = re.compile(r"(\d{1,2})\s*[.．、。)）:：]\s*(?!\d)(.+)")
_COMMAS = re.compile(r"\s*[,，;；、。]+\s*")
_WHERE = re.compile(r"在|(?<=[\s,，])(?:at|in) (?:the |an? )?(?!\d)")
_OF_PLACE = re.compile(r"(?:在|(?:at|in) (?:the |an? )?)?(.+?)(?:(?:谈话?|见面?|见的面|聊)(?:的|了)?)?")
_GROUNDS = re.compile(r"([^,，;；、。:：]{1,12})[,，;；、。:：]\s*(.+)")
_TAKEN_BACK = re.compile(
    r"(?:应该|好像|可能|目前|暂时|其实|但|但是|不过|maybe|but|not)|[没无未](?!精神|信心|胃口)|\d+$"
)
_BLANKS = re.compile(r"\s*[,，;；、。]+\s*|(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])")


def understand(form: Form, state: State, text: str, env: Env) -> Input:
    """What a typed text means at this point of the dialog: a slip that is put right, several answers, one, or a word
    that steers it."""
    at = form.by_key[state.cursor] if state.cursor else None
    slips = at is None or not (at.kind == "text" or at.on_mistakes)
    right = put_right(form, state, text, env) if slips else None
    return right or several(form, state, text, env) or to_input(form, state, text, env)


def put_right(form: Form, state: State, text: str, env: Env) -> Input | None:
    """不对，应该是周四: the answer that it puts right, or gives to the question that it names."""
    found = slip(form, state, text, lambda field, said: _exactly(field, said, env))
    if found is None:
        return None
    if found.said is None or found.key is None:
        return Edit(found.key) if found.key is None or found.key != state.cursor else None
    if found.key == state.cursor:
        return to_input(form, state, found.said, env)
    value = read(form.by_key[found.key], found.said, env)
    if isinstance(value, Phrase):
        return None if found.told else Edit(found.key, problem=value)
    return Edit(found.key, value)


def perhaps_right(form: Form, state: State, text: str, env: Env) -> Edit | None:
    """The same where it could as well be the text that is asked for: of a question that was answered before, and said
    to be wrong."""
    if state.cursor and form.by_key[state.cursor].on_mistakes:
        return None
    shown = form.visible(state.answers)
    found = correcting.wanted(shown, text, in_text=False)
    if found is not None and 1 <= found.at <= len(shown):
        field = shown[found.at - 1]
        value = read(field, found.value, env) if found.value is not None else None
        edit: Input | None = Edit(field.key, None if isinstance(value, Phrase) else value)
    else:
        told = slip(form, state, text, lambda field, said: _exactly(field, said, env))
        edit = put_right(form, state, text, env) if told is not None and not told.told else None
    if not isinstance(edit, Edit) or edit.key == state.cursor or edit.key not in state.answers:
        return None
    return edit


def several(form: Form, state: State, text: str, env: Env) -> Tell | None:
    """The answers, two at least, or None."""
    if "\n" not in text and (len(text) > LONGEST or not (_WHERE.search(text) or _BLANKS.search(text))):
        return None  # nearly always: a step costs what it costs because of what is not done in it
    at = form.by_key[state.cursor] if state.cursor and not state.mode and not state.editing else None
    if at is None or at.kind in ("text", "many") or at.key in state.answers:
        return None
    lines = [line for line in map(str.strip, clean(text).split("\n")) if line]
    if len(lines) > 1:
        return _line_by_line(form, state, lines, env)
    for apart in (_COMMAS, _WHERE, _BLANKS) if lines else ():
        parts = [part.strip(" ,，") for part in apart.split(lines[0])]
        found = _part_by_part(form, state, [part for part in parts if part], env)
        if found:
            return found
    return _with_grounds(form, state, at, lines[0], env) if lines else None


def _with_grounds(form: Form, state: State, at: Field, line: str, env: Env) -> Tell | None:
    """黄，老说睡不着: an answer, and behind it the text that it brings up. Not where the rest may answer anything else,
    or takes the answer back."""
    parts = _GROUNDS.fullmatch(line)
    value = _exactly(at, parts[1], env) if parts and at.kind in ("rating", "yes_no") else None
    if parts is None or value is None or _TAKEN_BACK.match(parts[2]):
        return None
    shown = form.visible({**state.answers, at.key: value})
    text = next((one for one in shown if one.key not in state.answers and one.key != at.key), None)
    if text is None or text.kind != "text" or all(when.key != at.key for when in text.show_if):
        return None
    said = [one for one in _BLANKS.split(parts[2]) if one]
    if any(_exactly(field, one, env) is not None for field in form.fields for one in said):
        return None
    return Tell(((at.key, value), (text.key, parts[2])))


def _line_by_line(form: Form, state: State, lines: Sequence[str], env: Env) -> Tell | None:
    """Each line answers the question that is open then. Where one does not, none is taken."""
    answers, found = dict(state.answers), list[tuple[str, Any]]()
    for line in lines[:LINES]:
        field = next((one for one in form.visible(answers) if one.key not in answers), None)
        value = (
            _on_a_line(field, _without_head(form, answers, field, line), env) if field is not None else None
        )
        if field is None or isinstance(value, Phrase):
            return None
        answers[field.key] = value
        found.append((field.key, value))
    return Tell(tuple(found)) if len(found) == len(lines) else None


def _on_a_line(field: Field, line: str, env: Env) -> Any:
    """What a line of its own gives the field; 完成 where several may be chosen gives none."""
    if field.kind == "many" and isinstance(control(line), Done):
        return []
    return read(field, line, env)


def _without_head(form: Form, answers: Mapping[str, Any], field: Field, line: str) -> str:
    """The line without what says which question it answers: 地点：会议室, 2.会议室."""
    named = _NAMED.fullmatch(line)
    if named and correcting.named((field,), named[1]) is not None:
        return named[2]
    counted = _COUNTED.fullmatch(line)
    at = next(n for n, one in enumerate(form.visible(answers), 1) if one.key == field.key)
    return counted[2] if counted and int(counted[1]) == at else line


def _part_by_part(form: Form, state: State, parts: Sequence[str], env: Env) -> Tell | None:
    shown = [field for field in form.visible(state.answers) if field.key not in state.answers]
    run = _next_of_words(shown)
    if not 1 < len(parts) <= min(PARTS, len(run)) or run[0].key != state.cursor:
        return None
    asked = run[: len(parts)]
    readings = [{field.key: _exactly(field, part, env) for field in run} for part in parts]
    ways = list(_ways([{key for key, value in one.items() if value is not None} for one in readings]))
    if len(ways) != 1 or set(ways[0]) != {field.key for field in asked}:
        return None
    given = {key: readings[at][key] for at, key in enumerate(ways[0])}
    return Tell(tuple((field.key, given[field.key]) for field in asked))


def _next_of_words(shown: Sequence[Field]) -> list[Field]:
    """The questions that come next, up to the first whose answer could be anything."""
    found: list[Field] = []
    for field in shown:
        if field.kind not in _TELLING:
            break
        found.append(field)
    return found


def _ways(fits: Sequence[set[str]], taken: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every way of giving each part a question of its own."""
    if len(taken) == len(fits):
        yield taken
        return
    for key in sorted(fits[len(taken)] - set(taken)):
        yield from _ways(fits, (*taken, key))


def _exactly(field: Field, part: str, env: Env) -> Any:
    """The value whose very word the part is; no number of an option, no beginning of a word, no text of one's own."""
    part = without_faces(part)
    match field.kind:
        case "date":
            day = understand_date(part, env.today, field.direction)
            return day.isoformat() if isinstance(day, date) else None
        case "span":
            return read_span(part)
        case "yes_no":
            return truth_of(field, part, env)
        case "number":
            count = read(field, part, env)
            return count if isinstance(count, int) else None
    said = {fold(part)}
    if field.open and (where := _OF_PLACE.fullmatch(fold(part))):
        said.add(where[1])
    return next((one.value for one in options_of(field, env) if said & names_of(one, env)), None)
