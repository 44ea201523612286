"""A county's own rules: read from a file, saved as versions."""

from __future__ import annotations

import json
from datetime import time, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from casework import people, rulebooks
from reminders import mechanism
from storage.errors import Refused
from storage.lane import Lane
from storage.rulebook import Recipient, Rulebook
from storage.tables.audit import AuditRecord
from storage.tables.counties import County, RulebookVersion
from storage.tables.members import Member
from storage.tables.visits import Visit
from tests import make
from tests.make import NOW, Town, at

BOOK = Rulebook.default()
CHANGE = {"ladder": {"repeat_every": 10}}


def read(changes: Any, current: Rulebook = BOOK) -> Rulebook:
    return rulebooks.changed(current, json.dumps(changes).encode())


def test_what_is_left_out_stays_as_it_is_and_not_as_by_default() -> None:
    first = read({"cadence": {"follow_up": {"talk_days": {"concern": 7}}}})
    second = read(CHANGE, first)
    assert second.cadence.follow_up.talk_days.concern == 7
    assert second.cadence.follow_up.talk_days.unsettled == 30
    assert second.ladder.repeat_every == 10
    assert second.ladder.steps == BOOK.ladder.steps
    assert (
        read({"restriction_months": {"organisational.admonition": 12}}).restriction_months["party.warning"]
        == 12
    )


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"{", b"[" * 10_000, b"[]", b"null", b"3", b'{"ladder": 3}', b'{"laddder": {}}',
     b'{"ladder": {"steps": []}}', b'{"ladder": {"repeat_every": "10"}}', b'{"ladder": {"repeat_every": 0}}',
     b'{"ladder": {"repeat_every": NaN}}', b'{"hours": {"digest_at": "25:00"}}',
     b'{"hours": {"notices_from": "07:00"}}',
     b'{"restriction_months": {"party.exile": 3}}', b"{}", b'{"version": 9}', b'{"ladder": {"repeat_every": 5}}'],
)  # fmt: skip
def test_what_is_wrong_or_changes_nothing_is_refused_with_one_sentence(content: bytes) -> None:
    with pytest.raises(Refused) as caught:
        rulebooks.changed(BOOK, content)
    assert caught.value.phrase.msgid.endswith(".")


def test_every_difference_has_its_name() -> None:
    after = read(
        {
            "hours": {"digest_at": "08:00"},
            "ladder": {"repeat_to": ["leader"], "steps": BOOK.dump()["ladder"]["steps"][1:]},
        }
    )
    found = {one.path: (one.before, one.after) for one in rulebooks.differences(BOOK, after)}
    assert found["hours", "digest_at"] == (time(8, 30), time(8, 0))
    assert found["ladder", "repeat_to"] == (BOOK.ladder.repeat_to, (Recipient.leader,))
    assert found["ladder", "steps", 7] == (BOOK.ladder.steps[7], None)
    assert not any(path[0] in ("cadence", "version") for path in found)


# --- saving ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def town(lane: Lane) -> Town:
    return lane.run_now(make.town)


def save(lane: Lane, town: Town, changes: Any, author: int) -> Rulebook:
    def unit(session: Session) -> Rulebook:
        county, member = session.get_one(County, town.county), session.get_one(Member, author)
        return rulebooks.save(session, county, json.dumps(changes).encode(), member, now=NOW)

    return lane.run_now(unit)


def test_a_version_with_its_author_and_an_audit_row(lane: Lane, town: Town) -> None:
    assert save(lane, town, CHANGE, town.staff).version == 2
    assert save(lane, town, {"ladder": {"acknowledge_workdays": 2}}, town.leader).version == 3

    def unit(session: Session) -> None:
        versions = session.exec(select(RulebookVersion).order_by(RulebookVersion.version)).all()  # type: ignore[arg-type]
        assert [(v.version, v.author_id) for v in versions] == [(2, town.staff), (3, town.leader)]
        held = mechanism.mechanism_of(session, town.county).rulebook
        assert (held.version, held.ladder.repeat_every, held.ladder.acknowledge_workdays) == (3, 10, 2)
        saved = select(AuditRecord).where(AuditRecord.verb == "rulebook_saved").order_by(col(AuditRecord.id))
        rows = session.exec(saved).all()
        assert [(row.facts["version"], row.facts["author"]) for row in rows] == [
            (2, town.staff),
            (3, town.leader),
        ]
        assert rows[0].facts["rules"] == rows[0].facts["visits"] == 1

    lane.run_now(unit)


def test_open_visits_are_looked_at_by_the_new_rules(lane: Lane, town: Town) -> None:
    steps = BOOK.dump()["ladder"]["steps"][3:]
    save(lane, town, {"ladder": {"steps": [{**steps[0], "at": "10:00"}, *steps[1:]]}}, town.staff)
    visit = lane.run_now(lambda s: s.get_one(Visit, town.visit))
    assert (visit.next_look_at, visit.due_on) == (
        at("2026-11-12", "08:30"),
        make.MONDAY,
    )  # owed since long ago
    assert visit.next_step == 0


def test_only_some_can_answer_for_the_rules(lane: Lane, town: Town) -> None:
    other = lane.run_now(lambda s: make.town(s, code="KB"))
    lane.run_now(lambda s: people.suspend(s, town.leader, now=NOW + timedelta(seconds=1)))
    for author in (town.officer, town.supervisor, town.leader, other.staff):
        with pytest.raises(Refused, match="cannot answer"):
            save(lane, town, CHANGE, author)
    assert lane.run_now(lambda s: s.exec(select(RulebookVersion)).all()) == []


def test_another_county_keeps_its_rules(lane: Lane, town: Town) -> None:
    other = lane.run_now(lambda s: make.town(s, code="KB"))
    save(lane, town, CHANGE, town.staff)
    assert lane.run_now(lambda s: mechanism.mechanism_of(s, other.county).rulebook) == BOOK
