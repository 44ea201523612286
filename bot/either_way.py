"""Where any text is an answer somebody types a command with all that belongs to it: 查询 张明. Nobody can know which of
the two it is, so that is asked once, and what was typed is kept in both buttons."""

from __future__ import annotations

from bot import typed
from bot.commands.command import Called
from bot.context import Context
from bot.dialogs import store
from bot.dialogs.inputs import Answer, Input
from bot.dialogs.words import fold, spellings
from bot.messages import Action, Button, Message, act
from locales.phrase import FreeText, P, Word, one_of

MY_ANSWER = P("It is my answer")


def asked(
    ctx: Context, draft: store.Open, given: Input, text: str, called: Called | None
) -> Action | Message | None:
    """The question which it is; what was meant, where that was asked before; None for an answer like any other. `text`
    is cleaned, as an answer is."""
    if not draft.is_asked_in(ctx.chat) or not _is_own_text(draft, given, text):
        return None
    if called is None and fold(text) not in spellings(MY_ANSWER.msgid):
        return None
    said = typed.labelled(ctx, text)
    if said is not None and (said.verb == "command" if called else said.get("rev") == draft.revision):
        return said
    if called is None or not called.is_clear(ctx):
        return None
    return _question(
        ctx, called, text, act("draft", id=draft.id, rev=draft.revision, do="answer", value=text)
    )


def _is_own_text(draft: store.Open, given: Input, text: str) -> bool:
    """Whether it is an answer only because any text would be one."""
    if not isinstance(given, Answer) or given.value != text:
        return False
    _, state = draft.stands
    return state.cursor is not None


def _question(ctx: Context, called: Called, text: str, answer: Action) -> Message:
    name = called.command.words[0] if ctx.reader.language == "zh_CN" else f"/{called.command.slash}"
    word = Word(name)
    question = one_of(
        P(
            "“{text}”: is that the command “{word}”, or your answer to this question?",
            text=FreeText(text),
            word=word,
        ),
        P("Is that the command “{word}”, or your answer to this question?", word=word),
    )
    does = act("command", name=called.command.slash, argument=called.argument)
    label = one_of(
        P("{word} {argument}", word=word, argument=FreeText(called.argument)), P("{word}", word=word)
    )
    return Message((question,), ((Button(label, does), Button(MY_ANSWER, answer)),))
