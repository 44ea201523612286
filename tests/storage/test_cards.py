"""Codes of cards: the newest first, each once, sealed, and gone when they are too old to work."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session, select

from storage.clock import lease_now
from storage.lane import Lane
from storage.queries.cards import LIFE, forget_code, keep_code, keep_first, newest_code
from storage.tables.cards import CardCode

NOW = lease_now()


def _all(session: Session) -> list[CardCode]:
    return list(session.exec(select(CardCode)).all())


def test_the_newest_code_of_a_card_is_used_first_and_once(lane: Lane) -> None:
    def unit(session: Session) -> list[str]:
        for card, code in (("a", "first"), ("b", "other"), ("a", "second")):
            keep_code(session, "x", card, code, real_now=NOW)
        given = []
        while (found := newest_code(session, "x", "a")) is not None:
            given.append(found.code)
            forget_code(session, found.id)
        assert newest_code(session, "y", "b") is None
        return given

    assert lane.run_now(unit) == ["second", "first"]


def test_codes_are_sealed_and_do_not_outlive_their_use(lane: Lane) -> None:
    lane.run_now(lambda s: keep_code(s, "x", "old", "secret-code", real_now=NOW - LIFE))
    (kept,) = lane.run_now(_all)
    assert b"secret-code" not in kept.code_sealed
    lane.run_now(lambda s: keep_code(s, "x", "new", "c", real_now=NOW + timedelta(seconds=1)))
    assert [card.task_id for card in lane.run_now(_all)] == ["new"]


def test_who_comes_second_goes_by_what_the_first_has_given_as_long_as_it_is_young(lane: Lane) -> None:
    def given(code: str, minutes: int) -> str:
        now = NOW + timedelta(minutes=minutes)
        since = now - timedelta(hours=1)
        return lane.run_now(lambda s: keep_first(s, "x", "a", code, since=since, real_now=now))

    assert [given("first", 0), given("second", 59), given("third", 60), given("fourth", 61)] == [
        "first", "first", "third", "third",
    ]  # fmt: skip
