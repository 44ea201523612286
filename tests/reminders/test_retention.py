"""What is no longer needed goes: not a moment before its time, in slices, and forms only after a warning."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session, col, select, update

from reminders import mechanism, outbox, retention
from reminders.retention import EVENTS_KEPT, MESSAGES_KEPT, NO_EVENT, WARNED, EventKey
from storage.clock import lease_now
from storage.ids import first_id_at
from storage.lane import Lane
from storage.tables.audit import AuditRecord
from storage.tables.cases import Case
from storage.tables.counties import RulebookVersion
from storage.tables.drafts import Draft
from storage.tables.mail import Inbox, Outbox, OutboxItem, OutboxState
from storage.tables.matters import MatterTold
from storage.tables.members import Member, MemberState
from storage.tables.visits import Visit
from tests import make
from tests.make import NOW

TICK = timedelta(microseconds=1)
MONTH = timedelta(days=30)
OLD = NOW - EVENTS_KEPT - TICK


def came(lane: Lane, received_at: datetime, *event_ids: str, channel: str = "telegram") -> None:
    rows = [Inbox(channel=channel, event_id=event_id, received_at=received_at) for event_id in event_ids]
    lane.run_now(lambda session: session.add_all(rows))


def purge(lane: Lane, after: EventKey) -> EventKey | None:
    return lane.run_now(lambda session: retention.purge_events(session, after, now=NOW))


def known(lane: Lane) -> list[str]:
    """What the events that are not forgotten are called."""
    in_order = select(Inbox.event_id).order_by(Inbox.channel, Inbox.event_id)
    return list(lane.run_now(lambda session: session.exec(in_order).all()))


def test_events_are_forgotten_after_two_weeks(lane: Lane) -> None:
    for channel in ("sandbox", "telegram", "wecom"):
        came(lane, OLD, "a", "c", channel=channel)
        came(lane, OLD + TICK, "b", "d", channel=channel)
    looked_at, seen = list[EventKey](), purge(lane, NO_EVENT)
    while seen is not None:
        looked_at.append(seen)
        seen = purge(lane, seen)
    assert looked_at == [("sandbox", ""), ("telegram", ""), ("wecom", "")]
    assert known(lane) == 3 * ["b", "d"]


def test_all_events_are_gone_through_in_slices_and_each_but_once(
    lane: Lane, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Young ones, too: so many are looked at, however many of them are old."""
    monkeypatch.setattr(retention, "SLICE", 2)
    came(lane, NOW, "b", "c", "d")
    came(lane, OLD, "e", "f")
    came(lane, OLD, "a", channel="wecom")
    assert purge(lane, NO_EVENT) == ("telegram", "")
    assert purge(lane, ("telegram", "")) == ("telegram", "c")
    assert known(lane) == ["b", "c", "d", "e", "f", "a"]
    came(lane, OLD, "a")  # before what was looked at: it is the next round's
    came(lane, OLD, "g", "h")
    assert purge(lane, ("telegram", "c")) == ("telegram", "e")
    assert known(lane) == ["a", "b", "c", "d", "f", "g", "h", "a"]
    assert purge(lane, ("telegram", "e")) == ("telegram", "g")
    assert known(lane) == ["a", "b", "c", "d", "h", "a"]
    assert purge(lane, ("telegram", "g")) == ("wecom", "")
    assert known(lane) == ["a", "b", "c", "d", "a"]
    assert purge(lane, ("wecom", "")) is None
    assert known(lane) == ["a", "b", "c", "d"]
    purge(lane, ("telegram", ""))
    assert known(lane) == ["b", "c", "d"]


def test_a_slice_of_events_reads_no_more_than_itself(lane: Lane) -> None:
    """Nor does it where PostgreSQL has counted nothing yet. (What SQLite reads is watched in every test.)"""
    came(lane, NOW, *(f"{number:04}" for number in range(2000)))

    def unit(session: Session) -> None:
        if session.connection().dialect.name != "postgresql":
            return
        uncounted = "UPDATE pg_class SET reltuples = -1, relpages = 0 WHERE oid = 'inbox'::regclass"
        session.execute(text(uncounted))
        assert retention.purge_events(session, ("telegram", "0800"), now=NOW) == ("telegram", "1300")
        assert retention.purge_events(session, ("telegram", "1800"), now=NOW) is None
        scans = "SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relname = 'inbox'"
        assert session.execute(text(scans)).scalar() == 0

    lane.run_now(unit)


def put(session: Session, made: datetime, state: str, visit: int | None = None) -> int:
    row = outbox.row("digest", now=NOW, county_id=None, member_id=None)
    row |= {"id": first_id_at(made) + len(make.mail(session)), "state": OutboxState(state)}
    outbox.put(session, [row])
    if visit is not None:
        session.add(OutboxItem(outbox_id=row["id"], visit_id=visit))
        session.flush()
    return int(row["id"])


@pytest.mark.parametrize("button_days", [30, 200])
def test_messages_are_forgotten_when_they_are_over_and_no_button_works(lane: Lane, button_days: int) -> None:
    real = lease_now()
    kept = max(MESSAGES_KEPT, timedelta(days=button_days))
    second = timedelta(seconds=1)

    def unit(session: Session) -> list[int]:
        town = make.town(session)
        rules = {"limits": {"button_days": button_days}}
        session.add(RulebookVersion(county_id=town.county, version=2, data=rules, created_at=NOW))
        stays = [put(session, real - kept, "sent", town.visit)]
        stays += [put(session, real - 2 * kept, state) for state in ("todo", "sending")]
        for state in ("sent", "withdrawn", "dead"):
            put(session, real - kept - second, state, town.visit)
        return stays

    stays = lane.run_now(unit)
    mechanism.forget()
    assert not lane.run_now(lambda s: retention.purge_messages(s, real_now=real))
    assert sorted(row.id for row in lane.run_now(make.mail)) == sorted(stays)
    # It was marked by somebody who does not know the column: a process of the version before, in an upgrade.
    assert [row.ended for row in lane.run_now(make.mail) if row.id == stays[0]] == [OutboxState.sent]
    assert lane.run_now(lambda s: s.exec(select(OutboxItem.outbox_id)).all()) == [stays[0]]


def test_what_told_of_a_matter_is_forgotten_with_its_message(lane: Lane) -> None:
    real = lease_now()

    def unit(session: Session) -> list[int]:
        town = make.town(session)
        case = session.get_one(Case, session.get_one(Visit, town.visit).case_id)
        matter = make.promise(session, case, NOW.date(), now=NOW)
        rows = [put(session, made, "sent") for made in (real - 2 * MESSAGES_KEPT, real)]
        session.add_all(MatterTold(outbox_id=row, matter_id=matter.id) for row in rows)
        session.flush()
        return rows

    _, stays = lane.run_now(unit)
    lane.run_now(lambda s: retention.purge_messages(s, real_now=real))
    assert lane.run_now(lambda s: s.exec(select(MatterTold.outbox_id)).all()) == [stays]


# --- forms -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def draft(lane: Lane) -> int:
    """Begun a month ago, and not touched since."""

    def unit(session: Session) -> int:
        town = make.town(session)
        made = Draft(
            county_id=town.county, member_id=town.officer, form="talk", form_version=1, subject_id=town.visit,
            state_sealed=b"", updated_at=NOW - MONTH, expires_at=NOW,
        )  # fmt: skip
        session.add(made)
        session.flush()
        return made.id

    return lane.run_now(unit)


def look(lane: Lane, now: datetime) -> None:
    assert lane.run_now(lambda s: retention.look_at_drafts(s, 0, now=now)) is None


def change(lane: Lane, draft: int, **columns: Any) -> None:
    lane.run_now(lambda s: s.execute(update(Draft).where(col(Draft.id) == draft).values(**columns)))


def state(lane: Lane) -> tuple[int, int]:
    """How many warnings there are, and how many drafts."""
    return lane.run_now(lambda s: (len(make.mail(s, "draft_ends")), len(s.exec(select(Draft)).all())))


def test_a_form_is_dropped_a_day_after_its_warning(lane: Lane, draft: int) -> None:
    look(lane, NOW - WARNED - TICK)
    assert state(lane) == (0, 1)
    for _ in range(2):
        look(lane, NOW - WARNED)
    assert state(lane) == (1, 1)
    (warning,) = lane.run_now(lambda s: make.mail(s, "draft_ends"))
    ends = lane.run_now(lambda s: s.get_one(Draft, draft)).expires_at
    assert ends == warning.due_at + WARNED  # said in working hours; and a whole day is left from then on
    look(lane, ends - TICK)
    assert state(lane) == (1, 1)
    look(lane, ends)
    assert state(lane) == (1, 0)
    (record,) = lane.run_now(
        lambda s: s.exec(select(AuditRecord).where(AuditRecord.verb == "draft_dropped")).all()
    )
    assert (record.subject_id, record.facts) == (draft, {"form": "talk"})


def test_after_an_outage_a_form_is_warned_of_before_it_is_dropped(lane: Lane, draft: int) -> None:
    look(lane, NOW + timedelta(days=9))
    assert state(lane) == (1, 1)


def test_a_form_that_somebody_went_on_with_stays(lane: Lane, draft: int) -> None:
    look(lane, NOW - WARNED)
    change(lane, draft, updated_at=NOW)
    look(lane, NOW + timedelta(days=3))
    assert state(lane) == (1, 1)
    assert lane.run_now(lambda s: s.get_one(Draft, draft)).expires_at == NOW + MONTH
    look(lane, NOW + MONTH)
    assert state(lane) == (2, 1)  # left lying once more, and told once more


def test_who_may_do_nothing_is_told_nothing(lane: Lane, draft: int) -> None:
    def suspend(session: Session) -> None:
        session.get_one(Member, session.get_one(Draft, draft).member_id).state = MemberState.suspended

    lane.run_now(suspend)
    look(lane, NOW - WARNED)
    assert state(lane) == (0, 1)
    look(lane, NOW)
    assert state(lane) == (0, 0)


def test_many_forms_are_gone_through_in_slices(
    lane: Lane, draft: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "DRAFTS", 1)
    after = lane.run_now(lambda s: retention.look_at_drafts(s, 0, now=NOW))
    assert after == draft
    assert lane.run_now(lambda s: retention.look_at_drafts(s, draft, now=NOW)) is None
    assert lane.run_now(lambda s: s.exec(select(Outbox.id).where(col(Outbox.kind) == "draft_ends")).all())
