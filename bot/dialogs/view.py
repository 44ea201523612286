"""What a dialog shows: form, state and effect → the neutral message. And back: what a tapped button means.

Every message about a case begins with its code. `Context.show_answers` is off where a channel may not tell them
again: the recap then lists its questions with ✓, and a refused text is not quoted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from bot import wording
from bot.dialogs.engine import Ask, Cancelled, Completed, Effect, PickEdit, Recap, ShowHelp, State, together
from bot.dialogs.inputs import (
    Answer,
    Back,
    Cancel,
    Done,
    Edit,
    Fill,
    Help,
    Input,
    Keep,
    Resume,
    Skip,
    Submit,
    Toggle,
)
from bot.messages import Action, Button, Message, Part, Select, Together
from casework.forms.form import Env, Field, Form
from casework.forms.kinds import KINDS, NOT_UNDERSTOOD, not_announced, options_of
from locales.phrase import FreeText, P, Phrase, Term, Value, Word, several

Rows = tuple[tuple[Button, ...], ...]
PAGE, NAME = "page", "name"  # what the buttons do that lead to our pages: to the form, to whom it is about
INSTEAD = "instead"  # what the button does that ends a form whose answer was refused

NO_NAMES = P('Please name nobody here; "the person" will do.')
TO_PAGE = P("Fill in on a page")
# Where answers are not told, no picture passes either, in neither direction.
NO_PHOTOS_BUT_ON_PAGE = P(
    "No photo may pass on this channel: tap “{page}” to add it there, or skip.", page=TO_PAGE
)
NO_PHOTOS = P("No photo may pass on this channel. Please skip this question.")


class Context(Struct, frozen=True):
    """What surrounds the dialog. `facts` stand above the recap, `text_hint` below every question for a text.
    `at_once`: how many questions the channel can put into one message. `has_page`: the form can also be filled in on a
    page of ours; `names`: there one can see whom it is about, where the chat may not say so.
    """

    subject: Value
    draft: int | str
    revision: int
    show_answers: bool = True
    facts: tuple[Phrase, ...] = ()
    text_hint: tuple[Phrase, ...] = ()
    at_once: int = 0
    has_page: bool = False
    names: bool = False


def view(form: Form, state: State | None, effect: Effect, env: Env, context: Context) -> Message:
    """The message for an effect. The state may be None only for the two effects that end a dialog."""
    match effect:
        case Completed():
            return Message((_outcome(form, context),))
        case Cancelled():
            return Message((_headed(P("{form} | {subject} | Cancelled; nothing was kept."), form, context),))
    if state is None:
        raise ValueError("a dialog that goes on has a state")
    match effect:
        case Ask():
            return _question(form, state, effect, env, context, ())
        case ShowHelp(ask):
            return _question(form, state, ask, env, context, form.by_key[ask.key].help)
        case Recap(problem):
            return _recap(form, state, problem, env, context)
        case PickEdit():
            return _pick_edit(form, state, context)
    return _confirm_cancel(form, context)


def offer(form: Form, state: State, context: Context) -> Message:
    """The draft that waits, offered again: 您有1份未填完的记录（第5步，共9步），是否继续？"""
    shown = form.visible(state.answers)
    at = next((n for n, field in enumerate(shown, 1) if field.key == state.cursor), None)
    line = (
        P("Everything is answered but not handed in yet. Continue?")
        if at is None
        else P(
            "You have 1 unfinished form (step {position} of {total}). Continue?",
            position=at,
            total=len(shown),
        )
    )
    buttons = (_button(context, P("Continue"), "resume"), _button(context, P("Cancel"), "cancel"))
    return Message((_headed(P("{form} | {subject}"), form, context), line), (buttons,))


def pressed(form: Form, state: State, do: str, value: str | int | None = None) -> Input:
    """The input that a button of ours stands for. An unknown one asks again."""
    match do:
        case "answer" if value is not None:
            field = form.by_key.get(state.cursor or "")
            return Answer(KINDS[field.kind].tapped(str(value)) if field else value)
        case "toggle" if value is not None:
            return Toggle(str(value))
        case "edit":
            return Edit(None if value is None else str(value))
        case _:
            return _PLAIN.get(do, Resume())


_PLAIN: Mapping[str, Input] = {
    "done": Done(),
    "back": Back(),
    "skip": Skip(),
    "keep": Keep(),
    "submit": Submit(),
    "cancel": Cancel(),
    "resume": Resume(),
    "help": Help(),
}


def _question(
    form: Form, state: State, ask: Ask, env: Env, context: Context, help_lines: Sequence[str]
) -> Message:
    field = form.by_key[ask.key]
    head = P("{form} | {subject} | Step {position} of {total}", position=ask.position, total=ask.total)
    lines = [_headed(head, form, context)]
    if ask.problem is not None:
        lines.append(ask.problem if context.show_answers else _unquoted(ask.problem))
    lines += [P(line) for line in help_lines]
    lines.append(P(field.prompt))
    answered = state.answers.get(field.key)
    if answered is not None and context.show_answers:
        lines.append(P("Answer so far: {answer}", answer=KINDS[field.kind].shown(field, answered, env)))
    if field.kind == "photo" and not context.show_answers:
        lines.append(NO_PHOTOS_BUT_ON_PAGE if context.has_page else NO_PHOTOS)
    elif field.hint:
        lines.append(P(field.hint))
    lines += _not_announced(field, env)
    if field.kind == "text" or field.open:
        lines += context.text_hint if context.show_answers else (NO_NAMES, *context.text_hint)
    aside = (
        *_instead_row(field, ask, context),
        *_help_row(field, context, shown=bool(help_lines)),
        *_page_row(field, ask, context),
        *_closing_rows(field, state, ask, context),
    )
    meant = (
        _button(context, _label(KINDS[field.kind].shown(field, o, env)), "answer", o) for o in ask.perhaps
    )
    buttons = (*_option_rows(field, ask.partial, env, context), *_rows(meant, field.columns), *aside)
    if context.at_once < 2 or ask.problem is not None or help_lines:
        return Message(tuple(lines), buttons)
    return Message(tuple(lines), buttons, together=_together(form, state, env, context, lines, aside))


def _not_announced(field: Field, env: Env) -> list[Phrase]:
    return [wording.not_announced(year) for year in not_announced(field, env)]


def _together(
    form: Form, state: State, env: Env, context: Context, lines: Sequence[Phrase], aside: Rows
) -> Together | None:
    """This question with those that can be answered in the same go. Its other buttons can be typed, and so can it."""
    fields = together(form, state, env, context.at_once)
    if not fields:
        return None
    (head, _, *hints), first = lines, fields[0]
    if first.kind == "date":  # its hint says how to type it
        hints = _not_announced(first, env)
    words = several(button.label for row in aside for button in row)
    typed = P(
        "What is left open is asked next. You can also type the answer to the first question, or: {words}",
        words=words,
    )
    selects = tuple(
        Select(
            P(field.prompt),
            tuple(
                Button(_label(o.label), _act(context, "pick", key=field.key, value=o.value))
                for o in options_of(field, env)
            ),
        )
        for field in fields
    )
    return Together((head, *hints, typed), selects, _button(context, P("OK"), "fill"))


def filled(form: Form, picked: Iterable[tuple[str, str]]) -> Fill:
    """The input that several chosen options stand for, each with the key of its question."""
    known = ((form.by_key.get(key), value) for key, value in picked)
    return Fill(tuple((field.key, KINDS[field.kind].tapped(value)) for field, value in known if field))


def _option_rows(field: Field, partial: Sequence[str], env: Env, context: Context) -> Rows:
    options = options_of(field, env)
    if field.kind == "photo":
        return ()
    if field.kind != "many":
        tapped = (_button(context, _label(o.label), "answer", o.value) for o in options)
        return _rows(tapped, field.columns)
    labels = {option.value: option.label for option in options}
    if context.show_answers:  # also what was typed
        labels |= {value: FreeText(value) for value in partial if value not in labels}
    ticked = (
        _of_many(field, context, P("✓ {option}", option=label), "toggle", "ticked", value=value)
        if value in partial
        else _of_many(field, context, _label(label), "toggle", "open", value=value)
        for value, label in labels.items()
    )
    return _rows(ticked, field.columns)


def _instead_row(field: Field, ask: Ask, context: Context) -> Rows:
    if not field.instead or ask.problem is None or ask.problem == NOT_UNDERSTOOD:
        return ()
    return ((_button(context, P(field.instead), INSTEAD),),)


def _help_row(field: Field, context: Context, shown: bool) -> Rows:
    if not field.help or shown:
        return ()
    return ((_button(context, P(field.help_label), "help"),),)


def _page_row(field: Field, ask: Ask, context: Context) -> Rows:
    """The form as one page: offered where it begins, and wherever a chat that may not know names asks for a text or a
    photo."""
    begins = ask.position == 1 and field.kind != "text"
    withheld = field.kind in ("text", "photo") and not context.show_answers
    if not context.has_page or not (begins or withheld):
        return ()
    return ((_button(context, TO_PAGE, PAGE),),)


def _closing_rows(field: Field, state: State, ask: Ask, context: Context) -> Rows:
    """完成 and what was answered before on a row of their own; below them 跳过 上一步 取消."""
    on: list[Button] = []
    if field.kind == "many":
        on.append(_of_many(field, context, P("Done"), "done", "sends"))
    elif state.answers.get(field.key) is not None:
        on.append(_button(context, P("Keep this answer"), "keep"))
    move: list[Button] = []
    if not field.required:
        move.append(_button(context, P("Skip"), "skip"))
    if ask.position > 1 or state.editing:
        move.append(_button(context, P("Back"), "back"))
    move.append(_button(context, P("Cancel"), "cancel"))
    return tuple(tuple(row) for row in (on, move) if row)


def _recap(form: Form, state: State, problem: Phrase | None, env: Env, context: Context) -> Message:
    lines = [_headed(P("{form} | {subject} | Recap"), form, context)]
    if problem is not None:
        lines.append(problem if context.show_answers else _unquoted(problem))
    lines += context.facts
    for n, field in enumerate(form.visible(state.answers), 1):
        lines.append(_recap_line(n, field, state, env, context.show_answers))
    lines.append(P("Please check, then tap Submit."))
    edit, cancel = _button(context, P("Edit"), "edit"), _button(context, P("Cancel"), "cancel")
    check = ((_button(context, P("Check the name"), NAME),),) if context.names else ()
    return Message(tuple(lines), (*check, (edit, cancel), (_button(context, P("Submit"), "submit"),)))


def at_recap(form: Form, context: Context, said: Phrase) -> Message:
    """One sentence to whoever was shown the recap before: what can be done now, and the way to see it again."""
    edit, cancel = _button(context, P("Edit"), "edit"), _button(context, P("Cancel"), "cancel")
    rows = (
        (_button(context, P("Show the answers"), "resume"),),
        (edit, cancel),
        (_button(context, P("Submit"), "submit"),),
    )
    return Message((_headed(P("{form} | {subject} | Recap"), form, context), said), rows)


def _recap_line(n: int, field: Field, state: State, env: Env, show_answers: bool) -> Phrase:
    value = state.answers.get(field.key)
    label = Term(field.label)
    if value is None:
        return P("{n}. {label}: not filled in", n=n, label=label)
    if not show_answers:
        return P("{n}. {label} ✓", n=n, label=label)
    return P("{n}. {label}: {answer}", n=n, label=label, answer=KINDS[field.kind].shown(field, value, env))


def _pick_edit(form: Form, state: State, context: Context) -> Message:
    picks = (
        _button(context, P("{n}. {label}", n=n, label=Term(field.label)), "edit", field.key)
        for n, field in enumerate(form.visible(state.answers), 1)
        if field.key in state.answers
    )
    last = (_button(context, P("Back"), "back"), _button(context, P("Cancel"), "cancel"))
    lines = (_headed(P("{form} | {subject} | Edit"), form, context), P("Which answer shall be changed?"))
    return Message(lines, (*_rows(picks, 2), last))


def _confirm_cancel(form: Form, context: Context) -> Message:
    lines = (
        _headed(P("{form} | {subject}"), form, context),
        P("Cancel this form? The answers so far will be lost."),
    )
    go_on = _button(context, P("Continue the form"), "keep")
    return Message(lines, ((go_on, _button(context, P("Cancel for good"), "cancel")),))


def _outcome(form: Form, context: Context) -> Phrase:
    if form.closing == "recorded":
        return _headed(P("Recorded: {form} | {subject}"), form, context)
    return _headed(P("Submitted: {form} | {subject}"), form, context)


def _headed(phrase: Phrase, form: Form, context: Context) -> Phrase:
    values = {"form": Term(form.title), "subject": context.subject, **phrase.values}
    return Phrase(phrase.msgid, values, phrase.plural)


def _unquoted(problem: Phrase) -> Phrase:
    """The problem without what was typed."""
    values = {
        name: Word("…") if isinstance(value, FreeText) else value for name, value in problem.values.items()
    }
    return Phrase(problem.msgid, values, problem.plural)


def _label(label: Value) -> Phrase:
    if isinstance(label, Phrase):
        return label
    return Phrase(label.text) if isinstance(label, Term) else P("{option}", option=label)


def _button(context: Context, label: Phrase, do: str, value: str | None = None) -> Button:
    given = {} if value is None else {"value": value}
    return Button(label, _act(context, do, **given))


def _of_many(field: Field, context: Context, label: Phrase, do: str, part: Part, **given: str) -> Button:
    return Button(label, _act(context, do, of=field.key, **given), part)


def _act(context: Context, do: str, **given: str) -> Action:
    return Action("draft", {"id": context.draft, "rev": context.revision, "do": do, **given})


def _rows(buttons: Iterable[Button], columns: int) -> Rows:
    flat = tuple(buttons)
    return tuple(flat[at : at + columns] for at in range(0, len(flat), columns))
