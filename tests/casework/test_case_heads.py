"""A case is found without opening more than decides: in a county of a thousand everybody else waits meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session

from casework import cases
from storage import sealed
from storage.queries.access import actor_of
from storage.tables.cases import NAME, NAME_KEYS
from storage.tables.members import Member
from tests.commands.world import World, at, living


@pytest.fixture
def world(tmp_path: Path, empty_sqlite: Path) -> Iterator[World]:
    with living(tmp_path, empty_sqlite) as made:
        yield made


def opened(world: World, monkeypatch: pytest.MonkeyPatch, query: str) -> tuple[list[str], Counter[str]]:
    """The codes that somebody of the office finds, and how many seals of which place were opened for it."""
    places: Counter[str] = Counter()
    whole = sealed.Keyring.open_bytes

    def counted(keyring: sealed.Keyring, content: bytes, place: str, row: int) -> bytes:
        places[place] += 1
        return whole(keyring, content, place, row)

    def unit(session: Session) -> list[str]:
        staff = session.get_one(Member, world.members["staff"])
        actor = actor_of(session, staff, "en")
        with monkeypatch.context() as patch:
            patch.setattr(sealed.Keyring, "open_bytes", counted)
            found = cases.find(session, actor, query, now=at("2026-11-23"))
        return [hit.case.code for hit in found.hits]

    return world.do(unit), places


def test_a_code_opens_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert opened(world, monkeypatch, "ja-7k3q") == (["JA-7K3Q"], Counter())


def test_characters_open_the_names_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    codes, places = opened(world, monkeypatch, "张明")
    assert "JA-7K3Q" in codes
    assert set(places) == {NAME}


def test_letters_open_what_names_are_found_by(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    codes, places = opened(world, monkeypatch, "zhangming")
    assert "JA-7K3Q" in codes
    assert set(places) == {NAME_KEYS}


def test_hits_come_by_code_each_with_its_own_person(world: World) -> None:
    """They are read in two questions, and put together again."""

    def unit(session: Session) -> list[tuple[str, bool]]:
        actor = actor_of(session, session.get_one(Member, world.members["staff"]), "en")
        found = cases.find(session, actor, "水利局", now=at("2026-11-23"))
        return [(hit.case.code, hit.case.person_id == hit.person.id) for hit in found.hits]

    hits = world.do(unit)
    assert len(hits) == 2
    assert hits == sorted(hits)
    assert all(own for _, own in hits)
