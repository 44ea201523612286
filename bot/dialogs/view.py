"""What a dialog shows: form, state and effect → the neutral message. And back: what a tapped button means.

Every message about a case begins with its code. `Context.show_answers` is off where a channel may not tell them
again: the recap then lists its questions with ✓, and a refused text is not quoted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

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
from bot.messages import Action, Button, Draft, Message, Part, Select, Together, of_draft
from casework.forms.form import Env, Field, Form, Option
from casework.forms.kinds import KINDS, NOT_UNDERSTOOD, listed, not_announced, options_of
from locales.phrase import Count, FreeText, P, Phrase, Term, Value, Word, several

Rows = tuple[tuple[Button, ...], ...]
PAGE, NAME = "page", "name"  # what the buttons do that lead to our pages: to the form, to whom it is about
INSTEAD = "instead"  # what the button does that ends a form whose answer was refused
PREPARED = 4096  # questions whose buttons are remembered

NO_NAMES = P('Please name nobody here; "the person" will do.')
A_NAME = P(
    "The name may be typed here. Once recorded it is removed from the chat, where the channel allows it."
)
OTHERS = P("Whoever is not listed can be typed by name.")
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
    draft: Draft
    show_answers: bool = True
    facts: tuple[Phrase, ...] = ()
    text_hint: tuple[Phrase, ...] = ()
    at_once: int = 0
    has_page: bool = False
    names: bool = False


def view(form: Form, state: State | None, effect: Effect, env: Env, context: Context) -> Message:
    """The message for an effect. The state may be None only for the two effects that end a dialog."""
    match effect:
        case Ask() if state is not None:  # nearly always
            return _question(form, state, effect, env, context, ())
        case Completed():
            return Message((_outcome(form, context),))
        case Cancelled():
            return Message((_headed(P("{form} | {subject} | Cancelled; nothing was kept."), form, context),))
    if state is None:
        raise ValueError("a dialog that goes on has a state")
    match effect:
        case ShowHelp(ask, of):
            return _question(form, state, ask, env, context, form.by_key[of or ask.key].help)
        case Recap(problem):
            return _recap(form, state, problem, env, context)
        case PickEdit(problem):
            return _pick_edit(form, state, context, problem)
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
    # They name their draft: an offer may also be part of a list.
    buttons = tuple(
        Button(label, of_draft(_does(do), context.draft))
        for label, do in ((P("Continue"), "resume"), (P("Cancel"), "cancel"))
    )
    return Message((_headed(P("{form} | {subject}"), form, context), line), (buttons,))


def pressed(form: Form, state: State, do: str, value: str | int | None = None) -> Input:
    """The input that a button of ours stands for. An unknown one asks again."""
    match do:
        case "answer" if value is not None:
            field = form.by_key.get(state.cursor or "")
            if field is not None and field.kind == "many":
                return Answer([*state.partial, str(value)])
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
    field, problem, shows = form.by_key[ask.key], ask.problem, context.show_answers
    known, answered = options_of(field, env), state.answers.get(field.key)
    options = listed(field, known, ask.partial)
    first, refused = ask.position == 1, problem is not None and problem != NOT_UNDERSTOOD
    prompt, hints, own_rows, aside = _prepared(
        field, shows, context.has_page, first, state.editing, answered is not None, refused, not help_lines
    )
    head = {
        "form": Term(form.title),
        "subject": context.subject,
        "position": Count(ask.position),
        "total": Count(ask.total),
    }
    lines = [Phrase("{form} | {subject} | Step {position} of {total}", head)]
    if problem is not None:
        lines.append(problem if shows else _unquoted(problem))
    lines += [Phrase(line) for line in help_lines]
    lines.append(prompt)
    if answered is not None and shows:
        lines.append(P("Answer so far: {answer}", answer=KINDS[field.kind].shown(field, answered, env)))
    lines += hints
    if shows and len(options) < len(known):
        lines.append(OTHERS)
    if field.kind == "date":
        lines += _not_announced(options, env)
    if field.kind == "text" or field.open:
        lines += context.text_hint
    is_own = options is field.options and not ask.partial
    rows = own_rows if is_own else _rows_of(field, options, ask.partial, shows)
    if ask.perhaps:
        rows += _perhaps_rows(field, ask, env)
    shown = Message(tuple(lines), rows + aside, draft=context.draft)
    if context.at_once < 2 or problem is not None or help_lines:
        return shown
    return replace(shown, together=_together(form, state, env, context, lines, aside))


@lru_cache(maxsize=PREPARED)
def _prepared(
    field: Field,
    shows: bool,
    page: bool,
    first: bool,
    editing: bool,
    answered: bool,
    refused: bool,
    helps: bool,
) -> tuple[Phrase, tuple[Phrase, ...], Rows, Rows]:
    """What a question says and offers, the same for everybody who is at it: the prompt, the hints, the buttons of its
    own options and those besides them. Of options known at run time nothing is remembered.

    The way to the form as one page is offered where it begins, and wherever a chat that may not know names asks for a
    text or a photo.
    """
    hints = [Phrase(field.hint)] if field.hint else []
    if field.kind == "photo" and not shows:
        hints = [NO_PHOTOS_BUT_ON_PAGE if page else NO_PHOTOS]
    if (field.kind == "text" or field.open) and not shows:
        hints.append(A_NAME if field.names else NO_NAMES)
    begins, withheld = first and field.kind != "text", field.kind in ("text", "photo") and not shows
    aside = _aside(
        field,
        instead=refused,
        helps=helps,
        page=page and (begins or withheld),
        keeps=answered,
        back=editing or not first,
    )
    return Phrase(field.prompt), tuple(hints), _rows_of(field, field.options, (), shows=False), aside


def _not_announced(days: Iterable[Option], env: Env) -> list[Phrase]:
    return [wording.not_announced(year) for year in not_announced(days, env)]


def _together(
    form: Form, state: State, env: Env, context: Context, lines: Sequence[Phrase], aside: Rows
) -> Together | None:
    """This question with those that can be answered in the same go. Its other buttons can be typed, and so can it."""
    fields = together(form, state, env, context.at_once)
    if not fields:
        return None
    (head, _, *hints), first = lines, fields[0]
    if first.kind == "date":  # its hint says how to type it
        hints = _not_announced(options_of(first, env), env)
    helps = [Phrase(field.help_label) for field in fields if field.help]
    others = [button.label for row in aside for button in row if button.action.get("do") != "help"]
    words = several([*helps, *others])
    typed = P(
        "What is left open is asked next. You can also type the answer to the first question, or: {words}",
        words=words,
    )
    selects = tuple(_select(field, options_of(field, env)) for field in fields)
    return Together((head, *hints, typed), selects, _button(P("OK"), "fill"))


def _select(field: Field, options: Sequence[Option]) -> Select:
    return _own_select(field) if options is field.options else _select_of(field, options)


@lru_cache(maxsize=PREPARED)
def _own_select(field: Field) -> Select:
    return _select_of(field, field.options)


def _select_of(field: Field, options: Sequence[Option]) -> Select:
    picks = (Button(_label(one.label), _does("pick", key=field.key, value=one.value)) for one in options)
    return Select(P(field.prompt), tuple(picks))


def filled(form: Form, picked: Iterable[tuple[str, str]]) -> Fill:
    """The input that several chosen options stand for, each with the key of its question."""
    known = ((form.by_key.get(key), value) for key, value in picked)
    return Fill(tuple((field.key, KINDS[field.kind].tapped(value)) for field, value in known if field))


def _rows_of(field: Field, options: Sequence[Option], partial: Sequence[str], shows: bool) -> Rows:
    if field.kind == "photo":
        return ()
    if field.kind != "many":
        return _rows([_button(_label(one.label), "answer", one.value) for one in options], field.columns)
    labels = {option.value: option.label for option in options}
    if shows:  # also what was typed
        labels |= {value: FreeText(value) for value in partial if value not in labels}
    ticked = [
        _of_many(field, P("✓ {option}", option=label), "toggle", "ticked", value=value)
        if value in partial
        else _of_many(field, _label(label), "toggle", "open", value=value)
        for value, label in labels.items()
    ]
    return _rows(ticked, field.columns)


def _perhaps_rows(field: Field, ask: Ask, env: Env) -> Rows:
    meant = (_button(_label(KINDS[field.kind].shown(field, o, env)), "answer", o) for o in ask.perhaps)
    return _rows(meant, field.columns)


def _aside(field: Field, *, instead: bool, helps: bool, page: bool, keeps: bool, back: bool) -> Rows:
    """What a question offers besides its options. 完成 and what was answered before stand on a row of their own; below
    them 跳过 上一步 取消."""
    instead_row = [_button(Phrase(field.instead), INSTEAD)] if instead and field.instead else []
    help_row = [_button(Phrase(field.help_label), "help")] if helps and field.help else []
    page_row = [_button(TO_PAGE, PAGE)] if page else []
    on = [_button(P("Keep this answer"), "keep")] if keeps else []
    if field.kind == "many":
        on = [_of_many(field, P("Done"), "done", "sends")]
    move = [] if field.required else [_button(P("Skip"), "skip")]
    if back:
        move.append(_button(P("Back"), "back"))
    move.append(_button(P("Cancel"), "cancel"))
    return tuple(tuple(row) for row in (instead_row, help_row, page_row, on, move) if row)


def _recap(form: Form, state: State, problem: Phrase | None, env: Env, context: Context) -> Message:
    lines = [_headed(P("{form} | {subject} | Recap"), form, context)]
    if problem is not None:
        lines.append(problem if context.show_answers else _unquoted(problem))
    lines += context.facts
    for n, field in enumerate(form.visible(state.answers), 1):
        lines.append(_recap_line(n, field, state, env, context.show_answers))
    lines.append(P("Please check, then tap Submit."))
    check = ((_button(P("Check the name"), NAME),),) if context.names else ()
    return Message(tuple(lines), (*check, *_AT_RECAP), draft=context.draft)


def at_recap(form: Form, context: Context, said: Phrase) -> Message:
    """One sentence to whoever was shown the recap before: what can be done now, and the way to see it again."""
    rows = ((_button(P("Show the answers"), "resume"),), *_AT_RECAP)
    lines = (_headed(P("{form} | {subject} | Recap"), form, context), said)
    return Message(lines, rows, draft=context.draft)


def _recap_line(n: int, field: Field, state: State, env: Env, show_answers: bool) -> Phrase:
    value = state.answers.get(field.key)
    label = Term(field.label)
    if value is None:
        return Phrase("{n}. {label}: not filled in", {"n": Count(n), "label": label})
    if not show_answers:
        return Phrase("{n}. {label} ✓", {"n": Count(n), "label": label})
    answer = KINDS[field.kind].shown(field, value, env)
    return Phrase("{n}. {label}: {answer}", {"n": Count(n), "label": label, "answer": answer})


def _pick_edit(form: Form, state: State, context: Context, problem: Phrase | None) -> Message:
    picks = (
        _button(P("{n}. {label}", n=n, label=Term(field.label)), "edit", field.key)
        for n, field in enumerate(form.visible(state.answers), 1)
        if field.key in state.answers
    )
    last = (_button(P("Back"), "back"), _button(P("Cancel"), "cancel"))
    head = _headed(P("{form} | {subject} | Edit"), form, context)
    told = () if problem is None else (problem if context.show_answers else _unquoted(problem),)
    lines = (head, *told, P("Which answer shall be changed?"))
    return Message(lines, (*_rows(picks, 2), last), draft=context.draft)


def _confirm_cancel(form: Form, context: Context) -> Message:
    lines = (
        _headed(P("{form} | {subject}"), form, context),
        P("Cancel this form? The answers so far will be lost."),
    )
    row = (_button(P("Continue the form"), "keep"), _button(P("Cancel for good"), "cancel"))
    return Message(lines, (row,), draft=context.draft)


def _outcome(form: Form, context: Context) -> Phrase:
    if form.closing == "recorded":
        return _headed(P("Recorded: {form} | {subject}"), form, context)
    return _headed(P("Submitted: {form} | {subject}"), form, context)


def _headed(phrase: Phrase, form: Form, context: Context) -> Phrase:
    return Phrase(phrase.msgid, {"form": Term(form.title), "subject": context.subject})


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


def _button(label: Phrase, do: str, value: str | None = None) -> Button:
    return Button(label, _does(do) if value is None else _does(do, value=value))


def _of_many(field: Field, label: Phrase, do: str, part: Part, **given: str) -> Button:
    return Button(label, _does(do, of=field.key, **given), part)


def _does(do: str, **given: str) -> Action:
    """What a button does, whichever draft its message is of."""
    return Action("draft", {"do": do, **given})


def _rows(buttons: Iterable[Button], columns: int) -> Rows:
    flat = tuple(buttons)
    return tuple(flat[at : at + columns] for at in range(0, len(flat), columns))


_AT_RECAP: Rows = (
    (_button(P("Edit"), "edit"), _button(P("Cancel"), "cancel")),
    (_button(P("Submit"), "submit"),),
)
