"""Where any text is an answer somebody types a command with all that belongs to it: 查询 张明; or the label of a button
that was shown before: 记录 王芳. Nobody can know which of the two it is, so that is asked once, and what was typed is
kept in both buttons."""

from __future__ import annotations

from functools import cache

from bot import typed
from bot.commands import record
from bot.commands.command import Called
from bot.context import Context
from bot.dialogs import correcting, fillings, runner, several, store
from bot.dialogs.inputs import Answer, Done, Input
from bot.dialogs.steering import control
from bot.dialogs.words import fold, spellings
from bot.messages import Action, Button, Message, act
from locales.catalogue import LANGUAGES, gettext
from locales.phrase import FreeText, P, Phrase, Term, Value, Word, one_of

MY_ANSWER = P("It is my answer")
# The buttons that name somebody, by what their labels begin with: another person's name is no answer about this one.
_NAMING = (
    "Record {case}",
    "Give opinion {case}",
    "Chase {code}",
    "Reassign {code}",
    "Extend {code}",
    "Acknowledge {code}",
)


def asked(
    ctx: Context, draft: store.Open, given: Input, text: str, called: Called | None
) -> Action | Message | None:
    """The question which it is; what was meant, where that was asked before or a list asks just that; None for an
    answer like any other. `text` is cleaned, as an answer is."""
    if not draft.is_asked_in(ctx.chat) or not is_own_text(draft, given, text):
        return None
    if (one := typed.chosen(ctx, text) or typed.which(ctx, text, by_surname=False)) is not None:
        return one
    answer = act("draft", id=draft.id, rev=draft.revision, do="answer", value=text)
    if called is None:
        return _labelled(ctx, draft, text, answer)
    said = typed.labelled(ctx, text)
    if said is not None and said.verb == "command":
        return said
    if not called.is_clear(ctx):
        return None
    name = called.command.words[0] if ctx.reader.language == "zh_CN" else f"/{called.command.slash}"
    does = act("command", name=called.command.slash, argument=called.argument)
    return _question(text, name, _as_typed(text, called.argument), does, answer)


def _as_typed(text: str, argument: str) -> str:
    """What belongs to a command, as it was typed: the command has it with half-width signs."""
    tails = (text[at:].strip() for at in range(len(text)))
    return next((one for one in tails if fold(one) == fold(argument)), argument)


def _labelled(ctx: Context, draft: store.Open, text: str, answer: Action) -> Action | Message | None:
    """The same of a text that is no command: the label of a button, or what is said to the question which it was."""
    if fold(text) in spellings(MY_ANSWER.msgid):
        said = typed.labelled(ctx, text)
        return said if said is not None and said.get("rev") == draft.revision else None
    either = _correction(ctx, draft, text, answer) or _nothing_more(ctx, draft, text, answer)
    if either is not None:
        said = typed.labelled(ctx, text)  # 修改 地点, which that question offers itself
        offered = said is not None and said.get("do") == "edit" and said.get("rev") == draft.revision
        return said if offered else either
    word = next((one for one in _beginnings() if text.casefold().startswith(one)), "")
    name, who = text[: len(word)], text[len(word) :].strip()
    if not name or not who:
        return None
    said = typed.labelled(ctx, text)
    if said is None and word in spellings("Record"):
        said = record.meant(ctx, who)
    if said is None or said.verb == "draft":
        return None
    return said if typed.is_offered(ctx, answer) else _question(text, name, who, said, answer)


def _correction(ctx: Context, draft: store.Open, text: str, answer: Action) -> Message | None:
    """第一步改为每两周谈一次: an answer is to be changed, or that is what was agreed upon. 不对，应该是周四, too."""
    form, state = draft.stands
    shown = form.visible(state.answers)
    found = correcting.perhaps(shown, text)
    if found is None:
        right = several.perhaps_right(form, state, text, fillings.env(ctx, form, draft.subject_id))
        if right is None:
            return None
        field, to = form.by_key[right.key or ""], right.value
    else:
        field, to = shown[found.at - 1], None
    does = act("draft", id=draft.id, rev=draft.revision, do="edit", value=field.key)
    if isinstance(to, str | int):  # what it is to be was said, too
        does = act("draft", id=draft.id, rev=draft.revision, do="edit", value=field.key, to=to)
    edit, label = Word(gettext(ctx.reader.language, "Edit")), Term(field.label)
    return question(text, edit, P("{word} {argument}", word=edit, argument=label), does, answer)


def _nothing_more(ctx: Context, draft: store.Open, text: str, answer: Action) -> Message | None:
    """完成, where a text is asked for that may be left out: there is nothing to write, or that is how it stands."""
    form, state = draft.stands
    if state.cursor is None or form.by_key[state.cursor].required or not isinstance(control(text), Done):
        return None
    asked = one_of(
        P("“{text}”: is there nothing to write here, or is that your answer?", text=FreeText(text)),
        P("Is there nothing to write here, or is that your answer?"),
    )
    does = act("draft", id=draft.id, rev=draft.revision, do="skip")
    return Message((asked,), ((Button(P("Skip"), does), Button(MY_ANSWER, answer)),))


@cache
def _beginnings() -> tuple[str, ...]:
    """What the labels begin with, the longest first."""
    begun = {gettext(one, label).partition("{")[0].strip() for label in _NAMING for one in LANGUAGES}
    return tuple(sorted((one.casefold() for one in begun), key=len, reverse=True))


def is_answer(ctx: Context, draft: store.Open, text: str) -> bool:
    """Whether a command's word is the very answer to what is asked here: 今日 to which day, 请假 to why not."""
    if not draft.is_asked_in(ctx.chat):
        return False
    given = runner.read(ctx, draft, text)
    answered = isinstance(given, Answer) and runner.understood(draft, given)
    return answered and not is_own_text(draft, given, text)


def is_own_text(draft: store.Open, given: Input, text: str) -> bool:
    """Whether it is an answer only because any text would be one; of several, the last that were said."""
    form, state = draft.stands
    if not isinstance(given, Answer) or state.cursor is None:
        return False
    field = form.by_key[state.cursor]
    if field.kind != "many":
        return bool(given.value == text)
    said = given.value[len(state.partial) :] if field.open else []
    return (
        bool(said)
        and all(one in text for one in said)
        and not set(said) & {one.value for one in field.options}
    )


def _question(text: str, name: str, argument: str, does: Action, answer: Action) -> Message:
    word = Word(name)
    label = one_of(P("{word} {argument}", word=word, argument=FreeText(argument)), P("{word}", word=word))
    return question(text, word, label, does, answer)


def question(text: str, word: Value, label: Phrase, does: Action, answer: Action) -> Message:
    """Which of the two was meant by a text; what it says is kept in both buttons."""
    asked = one_of(
        P(
            "“{text}”: is that the command “{word}”, or your answer to this question?",
            text=FreeText(text),
            word=word,
        ),
        P("Is that the command “{word}”, or your answer to this question?", word=word),
    )
    return Message((asked,), ((Button(label, does), Button(MY_ANSWER, answer)),))
