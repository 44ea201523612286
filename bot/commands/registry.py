"""Every command and every button's verb, in one place."""

from __future__ import annotations

from bot import family, matters, own_word, photos, safety, sharing
from bot.commands import (
    agenda,
    brief,
    calendar,
    case,
    case_standing,
    confirm,
    contact,
    difficulty,
    health,
    help,
    hours,
    language,
    leave,
    my,
    note,
    opinion,
    overdue,
    page,
    record,
    recusal,
    start,
    todo,
    why,
    worry,
)
from bot.commands.command import Answer, Command, Tap
from bot.context import Context
from bot.dialogs import runner
from bot.messages import Action
from storage.queries.access import require

COMMANDS: tuple[Command, ...] = (
    agenda.TODAY,
    agenda.WEEK,
    record.COMMAND,
    todo.COMMAND,
    record.RESCHEDULE,
    brief.COMMAND,
    leave.COMMAND,
    case.COMMAND,
    overdue.COMMAND,
    opinion.COMMAND,
    my.MY,
    my.CONTACT,
    worry.COMMAND,
    why.COMMAND,
    page.COMMAND,
    hours.COMMAND,
    calendar.COMMAND,
    health.COMMAND,
    language.COMMAND,
    help.COMMAND,
    start.COMMAND,
)
# The buttons that write nothing but a form, and that last: what they refuse has written nothing.
WRITE_LAST = frozenset({"record"})
_BY_SLASH = {command.slash: command for command in COMMANDS}
help.list_commands(COMMANDS)


def run(ctx: Context, command: Command, argument: str) -> Answer:
    if command.roles:
        require(ctx.actor, *command.roles)
    return command.run(ctx, argument)


def _command(ctx: Context, action: Action) -> Answer:
    return run(ctx, _BY_SLASH[str(action.get("name"))], str(action.get("argument") or ""))


def _named(command: Command) -> Tap:
    return lambda ctx, action: run(ctx, command, "")


TAPS: dict[str, Tap] = {
    "command": _command,
    "draft": runner.tap,
    "today": _named(agenda.TODAY),
    "week": _named(agenda.WEEK),
    "record": record.tap,
    "contact": contact.tap,
    **difficulty.TAPS,
    **brief.TAPS,
    "not_done": record.not_done,
    "reschedule": record.reschedule,
    "keep_day_off": record.keep_day_off,
    "note_follows": record.note_follows,
    "note_follows_day": record.another_day,
    "chase": overdue.chase,
    "extend": overdue.extend,
    "keep_day": overdue.keep_day,
    "acknowledge": overdue.acknowledge,
    "reassign": overdue.reassign,
    "leave": leave.enter,
    "leave_withdraw": leave.withdraw,
    "cover": leave.cover,
    "recusal": recusal.name,
    "recusal_end": recusal.end,
    "hours": hours.tap,
    "language": language.tap,
    "help": _named(help.COMMAND),
    **case.TAPS,
    **safety.TAPS,
    **confirm.TAPS,
    **worry.TAPS,
    **own_word.TAPS,
    **family.TAPS,
    **matters.TAPS,
    **sharing.TAPS,
    **case_standing.TAPS,
    **note.TAPS,
    **photos.TAPS,
    **why.TAPS,
    **calendar.TAPS,
}
