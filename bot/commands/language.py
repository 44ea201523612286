"""/language · 语言: the language of this person, on every channel."""

from __future__ import annotations

from bot.commands.command import Answer, Command, normal
from bot.context import Context
from bot.messages import Action, Button, Message, act
from casework import people
from locales.catalogue import N_, NATIVE_NAMES
from locales.phrase import P, Word

_WORDS = {
    **dict.fromkeys(("中文", "汉语", "zh", "zh_cn", "chinese"), "zh_CN"),
    **dict.fromkeys(("英文", "英语", "en", "english"), "en"),
}


def run(ctx: Context, argument: str) -> Answer:
    if argument:
        return _set(ctx, _WORDS.get(normal(argument), argument))
    row = tuple(
        Button(P("{name}", name=Word(name)), act("language", to=code)) for code, name in NATIVE_NAMES.items()
    )
    return [Message((P("Which language do you want?"),), (row,))]


def tap(ctx: Context, action: Action) -> Answer:
    return _set(ctx, str(action.get("to")))


def _set(ctx: Context, language: str) -> Answer:
    people.set_language(ctx.session, ctx.actor, language, now=ctx.now)
    ctx.member.language = language
    text = P("From now on I write in {name}.", name=Word(NATIVE_NAMES[language]))
    return [Message((text,), ((Button(P("Help"), act("command", name="help")),),))]


COMMAND = Command(
    "language",
    ("语言",),
    N_("change the language"),
    run,
    argument=True,
    clear=lambda ctx, said: normal(said) in _WORDS,
    label=N_("Language"),
)
