"""`fangpingcha heartbeat`: whether anybody ticks, and telling the administrators when nobody does."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from bot.app import House, build
from bot.config import Settings
from bot.operator import opened
from locales.phrase import Count, P, Phrase, Word
from reminders import heartbeats, outbox
from storage.clock import SystemClock, lease_now
from storage.lane import Lane
from storage.tables.counties import Setting
from storage.tables.mail import Outbox, OutboxState


@dataclass(frozen=True)
class Found:
    """The processes, a line each; and what is wrong, if anything is."""

    lines: tuple[str, ...]
    wrong: tuple[Phrase, ...] = ()


def look(settings: Settings, max_age: timedelta | None, *, tell: bool) -> Found:
    """Whether the last tick, of whichever process, is younger than `max_age`. If not, `tell` tells the administrators,
    once an outage."""
    with opened(settings) as lane:
        processes = lane.run_now(heartbeats.all_processes)
        zone = settings.zone
        lines = tuple(
            "\t".join(
                (
                    one.process,
                    f"{one.ticked_at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
                    f"{one.delivered_at.astimezone(zone):%Y-%m-%d %H:%M:%S}" if one.delivered_at else "-",
                )
            )
            for one in processes
        )
        last = max((one.ticked_at for one in processes), default=None)
        if max_age is None or (last is not None and lease_now() - last <= max_age):
            return Found(lines)
        wrong = [_wrong(last)]
        if tell:
            wrong.append(_tell(settings, lane, last or lease_now()))
        return Found(lines, tuple(wrong))


def _wrong(last: datetime | None) -> Phrase:
    if last is None:
        return P("No process serves. Start it with: fangpingcha serve")
    age = int((lease_now() - last).total_seconds())
    return P("The last tick was {n} second ago.", "The last tick was {n} seconds ago.", n=age)


def _tell(settings: Settings, lane: Lane, since: datetime) -> Phrase:
    if lane.run_now(lambda session: session.get(Setting, heartbeats.TOLD)) is not None:
        return P("The administrators have been told already.")
    told, of = asyncio.run(_told(build(settings, lane, SystemClock()), since))
    if told:
        return P("{n} of {all} administrators were told.", None, n=told, all=Count(of))
    return P("No administrator could be told; see: {command}", command=Word("fangpingcha member list"))


async def _told(house: House, since: datetime) -> tuple[int, int]:
    """Send the message ourselves: nobody else does. To how many it went, and to how many it should have gone."""
    now, mine = house.clock.now(), heartbeats.leased(house.office.owner, lease_now())
    ids = await house.lane.run(lambda session: heartbeats.tell(session, "silent", since, now=now, **mine))
    parcels = await house.lane.run(lambda session: house.office.pack(session, ids, house.office.owner))
    async with AsyncExitStack() as stack:
        for channel in house.channels.values():
            await stack.enter_async_context(channel.opened())
        await house.office.deliver(parcels)
    return await house.lane.run(lambda session: _remember(session, ids, since)), len(ids)


def _remember(session: Session, ids: list[int], since: datetime) -> int:
    """How many were sent. What was not is withdrawn: the next look tries anew, and says what is true then."""
    mine = col(Outbox.id).in_(ids)
    sent = session.exec(select(func.count()).where(mine, Outbox.state == OutboxState.sent)).one()
    outbox.withdraw(session, ids)
    if sent:
        session.merge(Setting(key=heartbeats.TOLD, value=since.isoformat()))
    return sent
