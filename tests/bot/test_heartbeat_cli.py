"""`heartbeat` at the command line: for cron, where there is only one process, or none is left."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from casework import people
from reminders import heartbeats
from reminders.heartbeats import Beat
from storage.clock import lease_now
from storage.tables.mail import Outbox
from storage.tables.members import Member
from tests.bot.test_channels_cli import elsewhere
from tests.bot.test_cli import county, does, fails, folder, migrated
from tests.bot.test_outbox_cli import inside
from tests.fakes.telegram import FakeTelegram

__all__ = ["county", "folder", "migrated"]
CHAT = 7_000_000_001


def ticked(ago: int) -> None:
    moment = lease_now() - timedelta(seconds=ago)
    beat = Beat("host:8000", moment, moment, None)
    inside(lambda s: heartbeats.beat(s, beat, now=moment, real_now=moment, watch=False))


def test_it_lists_who_serves(county: Path) -> None:
    assert does("heartbeat") == ""
    ticked(5)
    name, _, delivered = does("heartbeat", "--max-age", "300").strip().split("\t")
    assert (name, delivered) == ("host:8000", "-")


def test_it_fails_when_the_last_tick_is_too_old_or_there_is_none(county: Path) -> None:
    assert "fangpingcha serve" in fails("heartbeat", "--max-age", "300")
    ticked(301)
    assert fails("heartbeat", "--max-age", "300").startswith("The last tick was 30")
    does("heartbeat", "--max-age", "400")
    fails("heartbeat", "--tell", code=2)


@pytest.fixture
def administrator(county: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeTelegram]:
    with elsewhere(FakeTelegram(floods=False)) as fake:
        monkeypatch.setenv("FANGPINGCHA_TELEGRAM_TOKEN", fake.token)
        monkeypatch.setenv("FANGPINGCHA_TELEGRAM_API_BASE", fake.api_base)
        does("member", "add", "--name", "袁志新", "--role", "administrator", "--duty", "system")

        def unit(session: Session) -> None:
            member = session.exec(select(Member)).one()
            people.bind_address(session, member, "telegram", str(CHAT), now=lease_now())

        inside(unit)
        fake.user(CHAT).person.started = True
        yield fake


def test_it_tells_the_administrators_itself_and_once(administrator: FakeTelegram) -> None:
    told = administrator.user(CHAT).told
    ticked(600)
    administrator.faults.server_error(method="sendMessage")
    assert "No administrator could be told" in fails("heartbeat", "--max-age", "300", "--tell")
    assert "1 of 1 administrators were told." in fails("heartbeat", "--max-age", "300", "--tell")
    assert "told already" in fails("heartbeat", "--max-age", "300", "--tell")
    told = administrator.user(CHAT).told
    assert [seen.text.partition(" ")[0] for seen in told] == ["The"]
    assert "has stood still since" in told[0].text
    ticked(0)
    ticked(0)
    does("heartbeat", "--max-age", "300", "--tell")
    rows = inside(lambda s: [row.kind for row in s.exec(select(Outbox).where(Outbox.state == "todo"))])
    assert rows == ["back"]  # said by whoever ticks again
