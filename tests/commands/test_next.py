"""〔Record the next one〕 where there is no next one, or the note before it is somebody else's."""

from __future__ import annotations

from sqlmodel import Session, select

from storage.tables.notes import Note
from tests.commands.world import World, plan, record

CASE, OTHERS = "JA-7K3Q", "JA-5M2X"  # of the officer, and of a colleague


def noted(world: World, code: str) -> int:
    """The id of a note that was handed in today."""
    record(world, plan(world, code, "2026-11-23"), "2026-11-23", place="own_office")

    def newest(session: Session) -> int:
        return session.exec(select(Note.id).where(Note.case_id == world.cases[code])).one()

    return world.do(newest)


def test_with_nothing_left_for_today_there_is_the_list(world: World) -> None:
    seen = world.taps("officer", "record", after=noted(world, CASE))
    assert seen.lines == ["You have no open visit to record."]


def test_somebody_else_s_note_gives_nothing_away(world: World) -> None:
    others = noted(world, OTHERS)
    plan(world, CASE, "2026-11-23")
    assert world.taps("officer", "record", after=others).lines[0] == "Which visit do you want to record?"
