"""/health · 运行情况: how the assistant itself fares, for its administrators: what is to be seen to comes first."""

from __future__ import annotations

from sqlmodel import Session, col, select

from bot import calendar_words, outbox_words
from bot.channels.base import Finding
from bot.commands.command import Answer, Command
from bot.context import Context
from bot.messages import Button, Message, act
from locales.catalogue import N_
from locales.phrase import Clock, Day, P
from reminders.heartbeats import SILENT
from storage.clock import lease_now
from storage.tables.members import Role
from storage.tables.processes import Heartbeat

ROLES = frozenset({Role.administrator})


def run(ctx: Context, argument: str) -> Answer:
    found = [
        *_processes(ctx, ctx.session),
        *outbox_words.examine(ctx.session, now=ctx.now),
        *calendar_words.examine(ctx.mechanism.calendar, ctx.today.year),
    ]
    wrong = [one.text for one in found if not one.ok]
    head = P("All is well.")
    if wrong:
        head = P("{n} thing is to be seen to:", "{n} things are to be seen to:", n=len(wrong))
    well = [one.text for one in found if one.ok]
    between = [P("The rest is well:")] if wrong and well else []
    row = (
        Button(P("Calendar"), act("command", name="calendar")),
        Button(P("Help"), act("command", name="help")),
    )
    return [Message((head, *wrong, *between, *well), (row,))]


def _processes(ctx: Context, session: Session) -> list[Finding]:
    """Each process that has fallen silent; else when one of them last ticked. Without any, only this one is there."""
    ticked = session.exec(select(Heartbeat.ticked_at).order_by(col(Heartbeat.ticked_at))).all()
    silent = [moment for moment in ticked if lease_now() - moment > SILENT]
    if not ticked:
        return []
    if not silent:
        day, at = Day(ctx.mechanism.day(ticked[-1])), Clock(ticked[-1])
        n = len(ticked)
        text = P(
            "Reminders: {n} process runs, last looked on {day} at {time}",
            "Reminders: {n} processes run, last looked on {day} at {time}",
            n=n, day=day, time=at,
        )  # fmt: skip
        return [Finding(True, text)]
    return [
        Finding(
            False,
            P(
                "A process of the assistant has been silent since {day}, {time}.",
                day=Day(ctx.mechanism.day(moment)),
                time=Clock(moment),
            ),
        )
        for moment in silent
    ]


COMMAND = Command(
    "health",
    ("运行情况", "运行状态"),
    N_("how the assistant itself fares: processes, messages that wait or died, calendar"),
    run,
    ROLES,
    label=N_("Health"),
)
