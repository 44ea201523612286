"""Ratings that differ markedly: found where they do, never from a handful, and shown to the office alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, select

from bot.channels.disclosure import Level
from casework import drift
from casework.drift import Tally, chance, standing_out
from storage.errors import Refused
from storage.queries.access import actor_of
from storage.rulebook import DriftRules
from storage.tables.members import Member, Role
from storage.tables.notes import Note, NoteEvent, NoteEventKind
from storage.tables.visits import VisitKind
from tests.commands.world import World, add_case, at, living

RULES = DriftRules()


@pytest.fixture
def world(tmp_path: Path, empty_sqlite: Path) -> Iterator[World]:
    with living(tmp_path, empty_sqlite) as made:
        yield made


def stand_out(**tallies: tuple[int, int]) -> list[int]:
    given = {number: Tally(*one) for number, one in enumerate(tallies.values())}
    return [key for key, _ in standing_out(given, RULES)]


# --- the statistic ---------------------------------------------------------------------------------------------------


def test_chance_is_that_of_the_textbook() -> None:
    """Fisher's tea: 3 of 4 against 1 of 4."""
    assert chance(Tally(4, 3), Tally(4, 1)) == pytest.approx(34 / 70)
    assert chance(Tally(10, 1), Tally(14, 11)) == pytest.approx(0.002759, abs=1e-6)
    assert chance(Tally(5, 0), Tally(9, 0)) == 1


@pytest.mark.parametrize("sees", [8, 0])
def test_a_marked_difference_is_found_either_way(sees: int) -> None:
    usual = 1 if sees else 9
    assert stand_out(a=(10, sees), b=(12, usual), c=(11, usual), d=(10, usual)) == [0]


def test_a_handful_says_nothing() -> None:
    few = RULES.people - 1
    assert stand_out(a=(few, few), b=(20, 0), c=(20, 0), d=(20, 0)) == []
    assert stand_out(a=(10, 10), b=(6, 0), c=(6, 0), d=(6, 0)) == []  # the others are too few
    assert stand_out(a=(30, 30), b=(30, 0), c=(30, 0)) == []  # too few officers


@given(st.integers(3, 12), st.integers(1, 60), st.data())
def test_who_rates_alike_never_stands_out(officers: int, people: int, data: st.DataObject) -> None:
    concerned = data.draw(st.integers(0, people))
    assert standing_out(dict.fromkeys(range(officers), Tally(people, concerned)), RULES) == []


COUNTS = st.integers(0, 30).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))


@given(st.lists(COUNTS, max_size=8))
def test_nobody_stands_out_against_the_rules(counts: list[tuple[int, int]]) -> None:
    tallies = {key: Tally(*one) for key, one in enumerate(counts)}
    for key, others in standing_out(tallies, RULES):
        own = tallies[key]
        assert own.people >= RULES.people
        assert others.people >= RULES.others
        assert len(tallies) > RULES.officers
        assert chance(own, others) <= 1 / RULES.once_in
        assert chance(own, others) == pytest.approx(chance(others, own))
        mirrored = {one: Tally(t.people, t.people - t.concerned) for one, t in tallies.items()}
        assert key in dict(standing_out(mirrored, RULES))


# --- in the county ---------------------------------------------------------------------------------------------------


def rated(world: World, officer: str, code: str, day: str, grade: str) -> None:
    """A talk of that day, in a case of its own."""

    def unit(session: Session) -> None:
        if code not in world.cases:
            made = add_case(session, world, code, f"同志{code[-2:]}", "发改局", officer, expires_on=None)
            world.cases[code] = made.id
        member = session.get_one(Member, world.members[officer])
        note = Note(
            county_id=member.county_id, case_id=world.cases[code], author_id=member.id, kind=VisitKind.talk,
            form="talk", form_version=1, held_on=date.fromisoformat(day), submitted_at=at(day), answers_sealed=b"",
            state_of_mind_sealed=b"",
        )  # fmt: skip
        note.answers, note.state_of_mind = {"date": day, "state_of_mind": grade}, grade
        session.add(note)
        session.flush()

    world.do(unit)


def lived(world: World) -> None:
    """李敏 rates nine of ten red; three colleagues one of ten each."""
    for at_place, officer in enumerate(("officer", "colleague", "stranger", "both")):
        for number in range(10):
            red = number < 9 if officer == "officer" else number == 0
            rated(world, officer, f"JA-Z{at_place}X{number}", "2026-10-10", "concern" if red else "stable")


def test_the_office_sees_it_among_what_waits(world: World) -> None:
    assert "differ markedly" not in world.asks("staff", "/todo").text
    lived(world)
    said = world.asks("staff", "/todo")
    assert "李敏: rated 10, of them yellow or red 9; the others together: 30, of them 3" in said.lines
    assert "enters no score" in said.text
    assert "吴涛" not in said.text
    assert world.audited()[-1][0] == "ratings_compared"
    for other in ("officer", "boss", "leader", "colleague"):
        assert "differ markedly" not in world.asks(other, "/todo").text


def test_at_coded_it_names_nobody(world: World) -> None:
    lived(world)
    said = world.asks("staff", "/todo", Level.coded).text
    assert "differ markedly" in said
    assert "李敏" not in said
    assert "member " in said


def test_a_note_without_a_rating_leaves_the_one_before_it(world: World) -> None:
    lived(world)
    for number in range(9):
        rated(world, "officer", f"JA-Z0X{number}", "2026-11-10", "not_rated")
    assert "rated 10, of them yellow or red 9" in world.asks("staff", "/todo").text


@pytest.mark.parametrize(
    ("amended", "found"),
    [({"state_of_mind": "stable"}, False), ({"state_of_mind": None}, False), ({"date": "2026-10-30"}, True)],
)
def test_what_was_amended_counts_as_it_stands_now(
    world: World, amended: dict[str, str | None], found: bool
) -> None:
    """Another rating, none, or another day: then it is a later note than the one of the 20th."""
    lived(world)
    for number in range(9):
        code = f"JA-Z0X{number}"
        if "date" in amended:
            rated(world, "officer", code, "2026-10-20", "stable")
        amend(world, code, "2026-10-10", amended)
    assert ("rated 10, of them yellow or red 9" in world.asks("staff", "/todo").text) is found


def amend(world: World, code: str, day: str, answers: dict[str, str | None]) -> None:
    def unit(session: Session) -> None:
        query = select(Note).where(Note.case_id == world.cases[code], Note.held_on == date.fromisoformat(day))
        note = session.exec(query).one()
        event = NoteEvent(
            county_id=note.county_id, note_id=note.id, at=at("2026-11-01"), kind=NoteEventKind.amended,
            actor_id=note.author_id, reason_sealed=b"",
        )  # fmt: skip
        event.reason, event.answers = "笔误", answers
        session.add(event)
        session.flush()

    world.do(unit)


def test_each_person_counts_once_by_the_latest_rating(world: World) -> None:
    lived(world)
    for number in range(9):
        rated(world, "officer", f"JA-Z0X{number}", "2026-11-10", "stable")
    assert "differ markedly" not in world.asks("staff", "/todo").text


def test_a_note_in_the_wrong_case_does_not_count(world: World) -> None:
    lived(world)

    def void(session: Session) -> None:
        for note in session.exec(select(Note).where(Note.author_id == world.members["officer"])):
            note.voided_at = world.now

    world.do(void)
    assert "differ markedly" not in world.asks("staff", "/todo").text


def test_what_is_long_ago_or_not_rated_does_not_count(world: World) -> None:
    lived(world)
    for number in range(9):
        rated(world, "officer", f"JA-Z0X{number}", "2026-11-10", "not_rated")
    assert "differ markedly" in world.asks("staff", "/todo").text
    world.now = at("2027-11-23")
    assert "differ markedly" not in world.asks("staff", "/todo").text


def test_only_the_office_may_ask(world: World) -> None:
    def unit(session: Session) -> None:
        member = session.get_one(Member, world.members["leader"])
        assert Role.commission_staff not in actor_of(session, member, "en").roles
        drift.marked(session, actor_of(session, member, "en"), now=world.now)

    with pytest.raises(Refused):
        world.do(unit)
