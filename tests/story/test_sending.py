"""What is looked at once more when a message is sent: who may hear it, and what its channel may know."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlmodel import Session, select, update

from bot import parcels
from bot.channels.base import ChannelError
from bot.channels.disclosure import Level
from bot.messages import Message, Rendered
from casework import people
from locales.phrase import Name, P, Word
from reminders import outbox, schedule, sweep
from storage.clock import SandboxClock
from storage.tables.mail import Outbox, OutboxState
from storage.tables.members import Address, Member
from storage.tables.visits import Visit, VisitState
from tests import make
from tests.chat import Bubble, Phone, Town
from tests.story.words import TALK_TODAY


def _member(session: Session, phone: Phone) -> Member:
    found = next(a for a in session.exec(select(Address)).all() if a.address == phone.id)
    return session.get_one(Member, found.member_id)


def _suspend(session: Session, phone: Phone) -> None:
    people.suspend(session, _member(session, phone).id, now=make.NOW)


def _queue(phone: Phone, town: Town, message: Message) -> Callable[[Session], int]:
    def unit(session: Session) -> int:
        payload = {"message": message}
        row = outbox.row(
            "chase",
            now=town.house.clock.now(),
            county_id=None,
            member_id=_member(session, phone).id,
            payload=payload,
        )
        outbox.put(session, [row])
        return int(row["id"])

    return unit


async def _became(town: Town, row_id: int) -> tuple[OutboxState, str | None]:
    await town.house.office.settled()
    row = await town.house.lane.read(lambda session: session.get_one(Outbox, row_id))
    return row.state, row.error


async def _when_it_is_late(town: Town) -> None:
    """A visit is overdue for its officer's supervisor; the notice waits, as over a night."""
    clock = town.house.clock
    assert isinstance(clock, SandboxClock)
    clock.move_to(datetime.fromisoformat("2026-11-25T09:00+08:00"))
    now = clock.now()
    while await town.house.lane.run(lambda session: sweep.one_slice(session, now=now)):
        pass


def _alerts(bubbles: list[Bubble]) -> list[str]:
    return [bubble["text"] for bubble in bubbles if TALK_TODAY in bubble["text"]]


async def test_a_supervisor_of_before_hears_nothing_and_the_new_one_does(town: Town) -> None:
    old, new = await town.one("supervisor"), await town.one("supervisor", 1)
    before, since = await old.last_id(), await new.last_id()
    await _when_it_is_late(town)

    def transfer(session: Session) -> None:
        there, here = _member(session, old), _member(session, new)
        for officer in session.exec(select(Member).where(Member.supervisor_id == there.id)).all():
            officer.supervisor_id = here.id

    await town.house.lane.run(transfer)
    await town.house.office.settled()
    assert _alerts(await old.told(before)) == []
    assert len(_alerts(await new.told(since))) == 1


async def test_of_a_supervisor_who_was_suspended_meanwhile_the_office_hears(town: Town) -> None:
    supervisor, office = await town.one("supervisor"), await town.one("commission_staff")
    before, since = await supervisor.last_id(), await office.last_id()
    await _when_it_is_late(town)
    await town.house.lane.run(lambda session: _suspend(session, supervisor))
    await town.house.office.settled()
    assert _alerts(await supervisor.told(before)) == []
    assert len(_alerts(await office.told(since))) == 1


async def test_of_a_visit_that_was_recorded_meanwhile_nobody_hears(town: Town) -> None:
    supervisor = await town.one("supervisor")
    before = await supervisor.last_id()
    await _when_it_is_late(town)

    def record(session: Session) -> None:
        for visit in session.exec(select(Visit).where(Visit.state == VisitState.planned)).all():
            schedule.finish(session, visit, make.MONDAY, now=make.NOW, actor_id=visit.officer_id or 0)

    await town.house.lane.run(record)
    await town.house.office.settled()
    assert _alerts(await supervisor.told(before)) == []


async def test_a_second_attempt_says_what_the_first_one_did(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though it would be put otherwise by now: whoever gets both knows that they are one."""
    supervisor, channel = await town.one("supervisor"), town.house.channels["sandbox"]
    tried: list[str] = []

    async def away(address: str, message: Rendered, **_: Any) -> str:
        if address == supervisor.id:
            tried.append(message.text)
        raise ChannelError("away", uncertain=True)  # it may have arrived

    before = await supervisor.last_id()
    await _when_it_is_late(town)
    with monkeypatch.context() as broken:
        broken.setattr(outbox, "BACKOFF", (0, 3600))
        broken.setattr(channel, "send", away)
        await town.house.office.settled()
    clock = town.house.clock
    assert isinstance(clock, SandboxClock)
    clock.move_to(datetime.fromisoformat("2026-11-26T10:00+08:00"))  # a day later is a day more
    await town.house.lane.run(lambda s: s.execute(update(Outbox).values(lease_until=None)))
    await town.house.office.settled()
    assert tried
    said = "\n（此条此前可能已送达，与前一条相同。）"
    alerts = set(_alerts(await supervisor.told(before)))
    assert {f"{text.removesuffix(said)}{said}" for text in tried} <= alerts


async def test_whoever_was_suspended_meanwhile_hears_nothing(town: Town) -> None:
    officer = await town.one("care_officer")
    before = await officer.last_id()
    row_id = await town.house.lane.run(_queue(officer, town, Message((P("{w}", w=Word("for you")),))))
    await town.house.lane.run(lambda session: _suspend(session, officer))
    assert await _became(town, row_id) == (OutboxState.withdrawn, None)
    assert await officer.told(before) == []


async def test_what_no_rule_lets_pass_is_stopped_at_the_door(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though whatever should have left it out has not."""
    officer = await town.one("care_officer")
    before = await officer.last_id()
    monkeypatch.setitem(town.house.office.levels, "sandbox", Level.coded)
    monkeypatch.setattr(parcels, "reduce", lambda message, *_, **__: message)
    row_id = await town.house.lane.run(_queue(officer, town, Message((P("{w}", w=Name("何文静")),))))
    state, error = await _became(town, row_id)
    assert state is OutboxState.dead
    assert "coded" in str(error)
    assert "何文静" not in str(await officer.told(before))
