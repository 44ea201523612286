"""The one engine of every guided dialog: `step(form, state, input, env) -> (state, effect)`. Pure.

1. A refused answer is a value inside the effect, never an exception. Input out of place shows the current question.
2. Every answer is kept, also that of a branch which was left; the recap and the outcome carry only what is shown.
3. After an answer comes the first question still open, wherever one has been; with none open comes the recap.
   So an edit returns to the recap by itself, and asks only what it newly brought up.
4. At submit every shown answer is checked again; the first that no longer holds is asked with its problem.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import asdict, replace

from bot.dialogs.inputs import (
    Answer,
    Back,
    Cancel,
    Choose,
    Done,
    Edit,
    Fill,
    Help,
    Input,
    Keep,
    Later,
    Resume,
    Skip,
    Submit,
    Tell,
    Toggle,
    Unread,
)
from casework.forms.form import Answers, Env, Field, Form
from casework.forms.kinds import KINDS, NOT_UNDERSTOOD, ONE_OF_SOME, options_of, refusal
from locales.phrase import P, Phrase

Mode = Literal["", "picking", "cancelling"]

NO_SKIP = P("This question cannot be skipped.")
NOT_YET = P("There are questions left before this can be handed in.")
PICK_FIRST = P("Please choose what to change, or go back first.")
MOST_TOGETHER = 3
FIRST = P("This is the first question.")
ALL_ANSWERED = P("Everything is answered. Tap Submit, or Edit to change an answer.")


class State(Struct, frozen=True):
    """A draft between two messages. Without a cursor it stands at the recap.

    `editing`: the question was chosen by Edit, so Back leaves it as it was. `partial`: what is ticked in a `many`.
    `alone`: it was offered together with others and left open, so now it is asked by itself.
    """

    answers: Answers
    cursor: str | None = None
    editing: bool = False
    partial: tuple[str, ...] = ()
    mode: Mode = ""
    alone: bool = False

    def dump(self) -> dict[str, Any]:
        data = asdict(self)
        if not self.alone:
            del data["alone"]
        return data

    @classmethod
    def load(cls, data: Mapping[str, Any]) -> State:
        partial, alone = tuple(data["partial"]), data.get("alone", False)
        return cls(data["answers"], data["cursor"], data["editing"], partial, data["mode"], alone)


class Ask(Struct, frozen=True):
    key: str
    position: int
    total: int
    problem: Phrase | None = None
    partial: tuple[str, ...] = ()
    perhaps: tuple[str, ...] = ()


class Recap(Struct, frozen=True):
    problem: Phrase | None = None


class PickEdit(Struct, frozen=True):
    problem: Phrase | None = None


class ConfirmCancel(Struct, frozen=True):
    pass


class ShowHelp(Struct, frozen=True):
    """The help of a question, or `of` another one, and the question again below it."""

    ask: Ask
    of: str = ""


class Completed(Struct, frozen=True):
    answers: Answers


class Cancelled(Struct, frozen=True):
    pass


Effect = Ask | Recap | PickEdit | ConfirmCancel | ShowHelp | Completed | Cancelled
Step = tuple[State | None, Effect]


def together(form: Form, state: State, env: Env, most: int = MOST_TOGETHER) -> tuple[Field, ...]:
    """The questions that can be answered at once from where one is: open, next to each other, one of some options each.
    None where that is but one. What hangs on an open question is not shown, so none of them hangs on another.
    """
    if state.cursor is None or state.mode or state.editing or state.alone:
        return ()
    shown = form.visible(state.answers)
    found: list[Field] = []
    for field in shown[_place(shown, state.cursor) :][:most]:
        if field.kind not in ONE_OF_SOME or field.key in state.answers or not options_of(field, env):
            break
        found.append(field)
    return tuple(found) if len(found) > 1 else ()


def start(form: Form, env: Env) -> tuple[State, Effect]:
    """A fresh draft. Prefilled answers that the form refuses are asked like any other.

    Raises:
        ValueError: a choice that must be made has no options at run time.
    """
    for field in form.must_offer:
        if not options_of(field, env):
            raise ValueError(f"form {form.id!r} needs options for {field.key!r}")
    return _onward(form, _known(form, env) if env.prefill or env.ticked else {})


def _known(form: Form, env: Env) -> Answers:
    """What a draft begins with."""
    answers: dict[str, Any] = {}
    for field in form.fields:
        value = env.prefill.get(field.key)
        if value is not None and refusal(field, value, answers, env) is None:
            answers[field.key] = KINDS[field.kind].tidy(field, value, env)
        known = {one.value for one in options_of(field, env)} if field.key in env.ticked else ()
        if ticked := [one for one in env.ticked.get(field.key, ()) if one in known]:
            answers[ticked_in(field.key)] = ticked
    return answers


def ticked_in(key: str) -> str:
    """Where a draft keeps what is ticked in a question that has not been answered: no field is called so."""
    return f"?{key}"


def adopt(form: Form, old: State) -> State:
    """A draft of an older version of the form, as far as it still fits: continue with `Resume`.

    Only the shape of an answer is looked at; what it says is checked at submit, like everything else.
    """
    answers = {
        field.key: old.answers[field.key]
        for field in form.fields
        if field.key in old.answers and _fits(field, old.answers[field.key])
    }
    return _onward(form, answers)[0]


def step(form: Form, state: State, given: Input, env: Env) -> Step:
    """What follows from one input. The state is None once the dialog is over."""
    if state.mode:
        return _in_mode(form, state, given, env)
    return _HANDLERS[type(given)](form, state, given, env)


def ask_again(form: Form, state: State, key: str, problem: Phrase) -> tuple[State, Effect]:
    """The question whose answer was refused when the form was handed in, as if it had been chosen to be changed."""
    shown = form.visible(state.answers)
    return _ask(state.answers, shown, _place(shown, key), problem, editing=True)


def _in_mode(form: Form, state: State, given: Input, env: Env) -> Step:
    """While asked whether to cancel, or which answer to change: anything that does not fit leads back."""
    if isinstance(given, Cancel):
        return (None, Cancelled()) if state.mode == "cancelling" else _cancel(form, state, given, env)
    back = replace(state, mode="")
    if state.mode == "cancelling" or isinstance(given, Back | Keep | Resume):
        return _show(form, back)
    if isinstance(given, Edit):
        return _edit(form, back, given, env)
    return state, PickEdit(given.problem if isinstance(given, Unread) else PICK_FIRST)


def _answer(form: Form, state: State, given: Answer, env: Env) -> Step:
    if state.cursor is None:
        return state, Recap(ALL_ANSWERED)
    field, value = form.by_key[state.cursor], given.value
    problem = refusal(field, value, state.answers, env) if value is not None else NOT_UNDERSTOOD
    if problem is not None:
        return _show(form, state, problem)
    return _onward(form, {**state.answers, field.key: KINDS[field.kind].tidy(field, value, env)})


def _toggle(form: Form, state: State, given: Toggle, env: Env) -> Step:
    field, option = _many(form, state), given.option
    if field is None:
        return _show(form, state)
    if option in state.partial:
        left = tuple(one for one in state.partial if one != option)
        return _show(form, replace(state, partial=left))
    if option in {one.value for one in options_of(field, env)}:
        return _show(form, replace(state, partial=(*state.partial, option)))
    return _show(form, state)


def _choose(form: Form, state: State, given: Choose, env: Env) -> Step:
    field = _many(form, state)
    if field is None:
        return _show(form, state)
    known = {one.value for one in options_of(field, env)}.union(state.partial)
    chosen = [one for one in state.partial if one in given.options or one not in given.offered]
    chosen += [one for one in given.options if one in known and one not in chosen]
    return _done(form, replace(state, partial=tuple(chosen)), Done(), env)


def _fill(form: Form, state: State, given: Fill, env: Env) -> Step:
    """Each as if it had been answered by itself. One that is refused is asked; the others hold."""
    offered = {field.key for field in together(form, state, env)}
    after, effect = _each(form, state, [one for one in given.answers if one[0] in offered], env)
    return replace(after, alone=after.cursor in offered), effect


def _tell(form: Form, state: State, given: Tell, env: Env) -> Step:
    return _each(form, state, given.answers, env)


def _each(form: Form, state: State, given: Sequence[tuple[str, Any]], env: Env) -> tuple[State, Effect]:
    """Answers to questions that are open by then: one may bring up the next."""
    answers, refused = dict(state.answers), dict[str, Phrase]()
    for key, value in given:
        if key in answers or key not in {field.key for field in form.visible(answers)}:
            continue
        field = form.by_key[key]
        problem = refusal(field, value, answers, env) if value is not None else NOT_UNDERSTOOD
        if problem is None:
            answers[key] = KINDS[field.kind].tidy(field, value, env)
        else:
            refused.setdefault(key, problem)
    after, effect = _onward(form, answers)
    for key, problem in refused.items():
        shown = form.visible(answers)
        return _ask(answers, shown, _place(shown, key), problem)
    return after, effect


def _done(form: Form, state: State, given: Done, env: Env) -> Step:
    if _many(form, state) is None:
        return _show(form, state)
    return _answer(form, state, Answer(list(state.partial)), env)


def _skip(form: Form, state: State, given: Skip, env: Env) -> Step:
    if state.cursor is None:
        return _show(form, state)
    field = form.by_key[state.cursor]
    if field.required:
        # A choice of several that may be none is passed over as it stands, as by Done.
        none_will_do = _many(form, state) is not None and refusal(field, [], state.answers, env) is None
        return _done(form, state, Done(), env) if none_will_do else _show(form, state, NO_SKIP)
    return _onward(form, {**state.answers, state.cursor: None})


def _keep(form: Form, state: State, given: Keep, env: Env) -> Step:
    if state.cursor is None or state.cursor not in state.answers:
        return _show(form, state)
    return _onward(form, state.answers)


def _back(form: Form, state: State, given: Back, env: Env) -> Step:
    if state.editing:
        return _onward(form, state.answers)
    shown = form.visible(state.answers)
    at = len(shown) if state.cursor is None else _place(shown, state.cursor)
    return _ask(state.answers, shown, at - 1) if at else _show(form, state, FIRST)


def _edit(form: Form, state: State, given: Edit, env: Env) -> Step:
    shown = form.visible(state.answers)
    if given.key is None:
        answered = any(field.key in state.answers for field in shown)
        return (replace(state, mode="picking"), PickEdit()) if answered else _show(form, state)
    for at, field in enumerate(shown):
        if field.key == given.key:
            asked = _ask(state.answers, shown, at, given.problem, editing=True)
            return asked if given.value is None else _answer(form, asked[0], Answer(given.value), env)
    return _show(form, state)


def _submit(form: Form, state: State, given: Submit, env: Env) -> Step:
    if state.cursor is not None:
        return _show(form, state, NOT_YET)
    shown = form.visible(state.answers)
    for field in shown:
        problem = refusal(field, state.answers.get(field.key), state.answers, env)
        if problem is not None:
            return ask_again(form, state, field.key, problem)
    kept = ((field.key, state.answers.get(field.key)) for field in shown)
    return None, Completed({key: value for key, value in kept if value is not None})


def _cancel(form: Form, state: State, given: Cancel, env: Env) -> Step:
    if not state.partial and not any(key in form.by_key for key in state.answers):
        return None, Cancelled()
    return replace(state, mode="cancelling"), ConfirmCancel()


def _help(form: Form, state: State, given: Help, env: Env) -> Step:
    state, effect = _show(form, state)
    if isinstance(effect, Ask) and form.by_key[given.of or effect.key].help:
        return state, ShowHelp(effect, given.of)
    return state, effect


def _resume(form: Form, state: State, given: Resume, env: Env) -> Step:
    return _show(form, state)


def _unread(form: Form, state: State, given: Unread, env: Env) -> Step:
    state, effect = _show(form, state, given.problem)
    return state, replace(effect, perhaps=given.perhaps) if isinstance(effect, Ask) else effect


def _show(form: Form, state: State, problem: Phrase | None = None) -> tuple[State, Effect]:
    """Where one is, again."""
    if state.cursor is None:
        return state, Recap(problem)
    shown = form.visible(state.answers)
    return state, Ask(state.cursor, _place(shown, state.cursor) + 1, len(shown), problem, state.partial)


def _onward(form: Form, answers: Answers) -> tuple[State, Effect]:
    shown = form.visible(answers)
    for at, field in enumerate(shown):
        if field.key not in answers:
            return _ask(answers, shown, at)
    return State(answers), Recap()


def _ask(
    answers: Answers, shown: Sequence[Field], at: int, problem: Phrase | None = None, editing: bool = False
) -> tuple[State, Effect]:
    field = shown[at]
    partial: tuple[str, ...] = ()
    if field.kind == "many":
        partial = tuple(answers.get(field.key, answers.get(ticked_in(field.key))) or ())
    return State(answers, field.key, editing, partial), Ask(field.key, at + 1, len(shown), problem, partial)


def _many(form: Form, state: State) -> Field | None:
    field = form.by_key[state.cursor] if state.cursor else None
    return field if field is not None and field.kind == "many" else None


def _place(shown: Sequence[Field], key: str) -> int:
    for at, field in enumerate(shown):
        if field.key == key:
            return at
    raise ValueError(f"the cursor is on {key!r}, which is not shown")


def _fits(field: Field, value: Any) -> bool:
    return not field.required if value is None else KINDS[field.kind].fits(value)


_HANDLERS: Mapping[type[Input], Callable[[Form, State, Any, Env], Step]] = {
    Answer: _answer,
    Toggle: _toggle,
    Choose: _choose,
    Fill: _fill,
    Tell: _tell,
    Done: _done,
    Back: _back,
    Skip: _skip,
    Keep: _keep,
    Edit: _edit,
    Submit: _submit,
    Cancel: _cancel,
    Resume: _resume,
    Later: _resume,
    Help: _help,
    Unread: _unread,
}
