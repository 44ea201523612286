"""Killed while sending to WeCom: nothing is lost, and nothing is shown twice, a file neither.

WeCom drops a request that equals an earlier one byte for byte. So a second attempt has to be the same to the last byte,
whoever makes it and wherever the first one ended.
"""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar
from unittest.mock import patch

import pytest
from msgspec import structs
from pydantic import SecretStr
from sqlmodel import Session

from bot.app import build, open_storage
from bot.channels.disclosure import Level
from bot.channels.wecom.client import Client
from bot.config import Settings
from bot.messages import Button, FileRef, Message, Rendered, act
from casework import people
from locales.phrase import P, Word
from reminders import outbox
from storage.clock import SandboxClock
from storage.lane import Lane
from storage.tables.counties import County
from storage.tables.mail import Outbox, OutboxState
from storage.tables.members import Member
from tests import crash, make
from tests.crash import Orders
from tests.fakes.wecom import FakeWeCom
from tests.story.test_crash import PERHAPS
from tests.wecom_town import SHOWN

T = TypeVar("T")
HELP = ((Button(P("Help"), act("help")),),)
POINTS = sorted(
    PERHAPS | {"inside the claim", "after the mark", "after the upload", "before the call", "after the call"}
)


def spoken(word: str) -> dict[str, Message]:
    """Messages of each kind that WeCom tells apart; a file has a text before it."""
    line, more = P("{w}", w=Word(word)), P("{w}", w=Word("长" * 200))
    return {
        "text": Message((line,)),
        "headed": Message((line, P("Help"))),
        "card": Message((line,), HELP),
        "long": Message((line, more), HELP),
        "file": Message(
            (line,), file=FileRef(P("{w}", w=Word(f"{word}.txt")), "text/plain", word.encode() * 9)
        ),
    }


@dataclass
class Ground:
    """A county whose people have WeCom, and orders for processes that work on it."""

    lane: Lane
    fake: FakeWeCom
    orders: Orders

    def do(self, unit: Callable[[Session], T]) -> T:
        return self.lane.run_now(unit)

    def people(self, count: int) -> list[int]:
        """So many members, the n-th with the userid `u<n>`."""

        def unit(session: Session) -> list[int]:
            county = session.get_one(County, session.get_one(Member, make.town(session).officer).county_id)
            made = [make.member(session, county, name=f"关怀{number}") for number in range(count)]
            for number, member in enumerate(made):
                people.bind_address(session, member, "wecom", f"u{number}", now=make.LONG_AGO)
            return [member.id for member in made]

        for number in range(count):
            self.fake.user(f"u{number}")
        return self.do(unit)

    def put(self, member_id: int, *messages: Message) -> None:
        rows = [
            outbox.row(
                "reply", now=make.NOW, county_id=None, member_id=member_id, channel="wecom",
                payload={"message": message},
            )
            for message in messages
        ]  # fmt: skip
        self.do(lambda session: outbox.put(session, rows))

    def shown(self, number: int = 0) -> list[str]:
        """What one chat shows, oldest first, in one line each."""
        chat = self.fake.user(f"u{number}").chat
        return [one.file.name if one.file else (one.title or one.text).partition("\n")[0] for one in chat]

    def rows(self) -> list[Outbox]:
        return self.do(make.mail)


@pytest.fixture
async def ground(database_url: str, tmp_path: Path) -> AsyncIterator[Ground]:
    key_file = tmp_path / "ground.key"
    lane = open_storage(Settings(database_url=SecretStr(database_url), key_file=key_file, _env_file=None))
    async with FakeWeCom() as fake:
        vendor = {
            "wecom_corp_id": fake.corp_id,
            "wecom_agent_id": fake.agent_id,
            "wecom_secret": SecretStr(fake.secret),
            "wecom_token": SecretStr(fake.token),
            "wecom_aes_key": SecretStr(fake.aes_key),
            "wecom_api_base": fake.api_base,
            "wecom_disclosure": Level.full,  # or no file would go out at all
        }
        yield Ground(lane, fake, Orders(database_url, key_file, vendor, make.NOW, kind="wecom"))
    lane.close()


@pytest.mark.parametrize("point", POINTS)
async def test_a_sender_that_dies_shows_nothing_twice(ground: Ground, point: str) -> None:
    (member,) = ground.people(1)
    ground.put(member, spoken("one")["file"], *spoken("two").values())
    assert await crash.run(replace(ground.orders, die=point)) == -signal.SIGKILL
    crash.let_leases_end(ground.lane)
    assert await crash.run(ground.orders) == 0
    assert ground.shown() == ["one", "one.txt", "two", "two", "two", "two", "two", "two", "two.txt"]
    assert {row.state for row in ground.rows()} == {OutboxState.sent}
    assert ground.fake.dropped == []


async def test_a_file_is_sent_again_under_the_name_it_has_there(ground: Ground) -> None:
    (member,) = ground.people(1)
    ground.put(member, structs.replace(spoken("one")["file"], lines=()))
    for point in ("after the send", "before the call", "after the call"):
        assert await crash.run(replace(ground.orders, die=point)) == -signal.SIGKILL
        crash.let_leases_end(ground.lane)
    assert await crash.run(ground.orders) == 0
    assert len(ground.fake.calls_of("media/upload")) == 1
    assert ground.shown() == ["one.txt"]
    assert len(ground.fake.suppressed) == 2


async def test_of_two_who_upload_one_file_at_once_both_send_the_same(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One slept past its lease in the middle of its upload, and another took over."""
    ground.people(1)
    settings = ground.orders.settings()
    channel = build(settings, ground.lane, SandboxClock(ground.orders.now, standing=True)).channels["wecom"]
    both, upload = asyncio.Barrier(2), Client.upload

    async def uploaded(self: Client, kind: str, name: str, content: bytes) -> str:
        media_id = await upload(self, kind, name, content)
        await both.wait()
        return media_id

    monkeypatch.setattr(Client, "upload", uploaded)
    message = Rendered("", file=("one.txt", "text/plain", b"one" * 9), key="k1")
    async with channel.opened():
        await asyncio.gather(*(channel.send("u0", message) for _ in range(2)))
    assert ground.shown() == ["one.txt"]
    assert len(ground.fake.suppressed) == 1


# --- at random -------------------------------------------------------------------------------------------------------


async def rage(ground: Ground, chats: int, each: int, kills: int, seed: int, orders: Orders) -> None:
    """Two senders, of which one at a time is killed and replaced; in the end each chat shows everything once."""
    members, chance = ground.people(chats), random.Random(seed)
    expected: list[list[str]] = [[] for _ in members]

    def put(number: int, count: int) -> None:
        for _ in range(count):
            kind = chance.choice(("text", "headed", "card", "file"))
            name = f"{number}-{len(expected[number]):04}"
            ground.put(members[number], spoken(name)[kind])
            expected[number] += [name, *[f"{name}.txt"] * (kind == "file")]

    def more(count: int = 2) -> None:
        for number in range(chats):
            put(number, count)

    more(each)
    await crash.rage(orders, kills, seed, more)
    assert [ground.shown(number) for number in range(chats)] == expected
    assert ground.fake.dropped == []


async def test_killed_at_random_nothing_is_lost_and_nothing_shown_twice(ground: Ground) -> None:
    with patch(SHOWN, lambda member, now: True):
        await rage(ground, 20, 8, 8, 20261125, replace(ground.orders, lease=4.0))


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(5))
async def test_a_hundred_kills_show_nothing_twice(ground: Ground, seed: int) -> None:
    """At WeCom's own pace, and with what it drops above that."""
    await rage(ground, 250, 20, 100, seed, replace(ground.orders, lease=5.0, paced=True))
    # Of a hundred kills, though not of eight, some fall between a call and its mark.
    assert ground.fake.suppressed
