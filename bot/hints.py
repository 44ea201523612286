"""What may be meant by a text that nothing else here knows, outside of any form: thanks, a case within a sentence
(我昨天去看了张明), a command within one (我要请假). Nothing is done without a tap."""

from __future__ import annotations

import re

from bot import wording
from bot.commands import case, contact, my, overdue, record
from bot.commands.command import Answer, Command, normal
from bot.commands.registry import COMMANDS
from bot.context import Context
from bot.messages import Button, Message, act
from bot.ways import record_buttons
from locales.phrase import CaseRef, P, line
from storage.tables.members import Role
from storage.tables.visits import VisitKind

HELP_ROW = (Button(P("Help"), act("command", name="help")),)
UNKNOWN = P("I did not understand this. Tap Help to see what you can do, or continue below.")
UNKNOWN_SUBJECT = (P("I did not understand this message, and it is not passed on to anybody."), my.EMERGENCY)
_NOT_UNDERSTOOD = (UNKNOWN_SUBJECT[:1], (UNKNOWN,))
_POLITE = re.compile(
    r"(?:好的?|好嘞|收到了?|已收到|知道了?|明白了?|了解了?|嗯+|谢谢(?:您|你|领导)?|多谢|感谢|辛苦了?|再见|没问题|行|可以"
    r"|ok(?:ay)?|thankyou|thanks?|received|noted|gotit|\[[^\[\]]{1,4}\])+"  # faces as they are spelt: [OK]
)
_BESIDES = re.compile(r"[\s。，、！!~～.,…]+")
_CODE = re.compile(r"(?<![A-Z0-9])([A-Z]{2})(?:-([0-9A-Z]{4,6})|((?=[A-Z]*\d)[0-9A-Z]{4,6}))(?![A-Z0-9])")
_FAILED = re.compile(r"[未没不]|\b(?:not|no|could ?n.t)\b")
_LEAST = 2  # characters of a word that is looked for within a sentence; of a Latin one, twice as many
_MOST = 3  # of what is offered
_NOT_YET = ("统计", "简报", "团队", "stats", "statistics", "report", "briefing", "team")


def answer(ctx: Context, text: str) -> Answer:
    """The nearest thing to do, else that the text was not understood."""
    if ctx.actor.roles == my.SUBJECT:
        return [Message(UNKNOWN_SUBJECT, (my.buttons(), HELP_ROW))]
    if _POLITE.fullmatch(_BESIDES.sub("", normal(text))):
        return [_polite(ctx)]
    if (mine := _of_a_case(ctx, text)) is not None:
        return [mine]
    ctx.named_somebody = not ctx.tells_names  # whom a text names that was not understood nobody knows
    if (code := code_in(text)) is not None and case.COMMAND.open_to(ctx):
        return case.run(ctx, code)
    return [_of_a_command(ctx, text) or _to_come(ctx, text) or Message((UNKNOWN,), (HELP_ROW,))]


def says_nothing(message: Message) -> bool:
    return message.lines[:1] in _NOT_UNDERSTOOD


def code_in(text: str) -> str | None:
    """The one case code that a sentence names, whether or not its dash was typed."""
    found = {f"{place}-{dashed or plain}" for place, dashed, plain in _CODE.findall(normal(text).upper())}
    return found.pop() if len(found) == 1 else None


def _polite(ctx: Context) -> Message:
    """收到 stops no reminder: only what is recorded does."""
    if ctx.actor.has(Role.care_officer):
        return Message(
            (P("All right. Once a visit is recorded, its reminders stop by themselves."),), (HELP_ROW,)
        )
    return Message((P("All right."),), (HELP_ROW,))


def _of_a_case(ctx: Context, text: str) -> Message | None:
    """An officer's case whose name stands in the sentence: its open visits to record, and how it stands."""
    said = normal(text)
    if not ctx.actor.has(Role.care_officer) or not ctx.tells_cases:
        return None
    named = [row for row in contact.theirs(ctx) if row[1].name.lower() in said or row[0].code.lower() in said]
    if len(named) != 1:
        return None
    theirs, person = named[0]
    if not ctx.tells_names and person.name.lower() in said:
        ctx.named_somebody = True  # it stands beside the code in our answer, unless it is taken back
    items = [item for item in record.open_visits(ctx) if item.case.id == theirs.id][:_MOST]
    failed = _FAILED.search(said) is not None  # 张明不在家, 今天没去成张明那里
    made = [item for item in items if failed and item.visit.kind is not VisitKind.difficulty]
    not_done = tuple(
        Button(
            P("Could not be done")
            if len(made) == 1
            else line(P("Could not be done"), wording.kind_of(one.visit)),
            act("not_done", visit=one.visit.id),
        )
        for one in made
    )
    rows = (*((button,) for button in record_buttons(items)), *((button,) for button in not_done))
    others = (contact.button(theirs.id), Button(P("Status"), act("case", id=theirs.id)))
    question = P("Is it about {case}?", case=CaseRef(theirs.code, person.name))
    return Message((question,), (*rows, others, HELP_ROW))


def _of_a_command(ctx: Context, text: str) -> Message | None:
    said = normal(text)
    open_to_me = [one for one in COMMANDS if one.label and one.slash != "help" and one.open_to(ctx)]
    meant = [one for one in open_to_me if _speaks_of(said, one)][:_MOST]
    if not meant:
        return None
    buttons = tuple(Button(P(one.label), act("command", name=one.slash)) for one in meant)
    return Message((P("Is one of these what you want?"),), (buttons, HELP_ROW))


def _to_come(ctx: Context, text: str) -> Message | None:
    """What those who oversee may ask for once it is there, and what is nearest to it today."""
    said = normal(text)
    if not overdue.COMMAND.open_to(ctx) or not any(_is_said(word, said) for word in _NOT_YET):
        return None
    nearest = P(
        "Figures, briefings and the load of a team cannot be asked for yet: “{late}” lists what is late, and "
        "“{case}” with a code tells how a case stands.",
        late=P("overdue"),
        case=P("case"),
    )
    return Message((nearest,), ((Button(P("Overdue"), act("command", name="overdue")), *HELP_ROW),))


def _speaks_of(said: str, command: Command) -> bool:
    return any(_is_said(word, said) for word in (command.slash, *command.words))


def _is_said(word: str, said: str) -> bool:
    if len(word) < (2 * _LEAST if word.isascii() else _LEAST):
        return False
    return word in re.findall(r"[a-z]+", said) if word.isascii() else word in said
