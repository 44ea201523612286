"""By what a case is recognised: what took place in it last, whichever row the form is about."""

from __future__ import annotations

from datetime import date

import pytest
from sqlmodel import Session

from bot import recognising
from bot.channels.disclosure import Level
from bot.context import Context
from storage.lane import Lane
from storage.tables.cases import Case
from storage.tables.counties import County
from storage.tables.members import Member
from storage.tables.visits import VisitKind, VisitState
from tests import make
from tests.make import NOW, Town

TALK, HOME, REVIEW = VisitKind.talk, VisitKind.home_visit, VisitKind.review


@pytest.fixture
def town(lane: Lane) -> Town:
    return lane.run_now(make.town)


def took_place(
    lane: Lane, case_id: int, kind: VisitKind, due: str, done: str | None, state: VisitState
) -> None:
    def unit(session: Session) -> None:
        visit = make.visit(session, session.get_one(Case, case_id), date.fromisoformat(due), kind)
        visit.state, visit.done_on = state, date.fromisoformat(done) if done else None

    lane.run_now(unit)


def stands(lane: Lane, town: Town, about: int) -> str:
    def unit(session: Session) -> str:
        ctx = Context(session, session.get_one(Member, town.officer), NOW, Level.full, "en")
        who, stands = recognising.of_case(ctx, about)
        assert who.render(ctx.reader) == "县财政局 | 科员"
        return stands.render(ctx.reader).partition(" | ")[2]

    return lane.run_now(unit)


def test_what_took_place_last(lane: Lane, town: Town) -> None:
    elsewhere = lane.run_now(lambda s: make.case(s, s.get_one(County, town.county), name="王芳").id)
    took_place(lane, elsewhere, TALK, "2026-11-18", "2026-11-18", VisitState.done)
    assert stands(lane, town, town.case) == stands(lane, town, town.visit) == "Last: none yet"
    took_place(lane, town.case, TALK, "2026-09-01", "2026-09-09", VisitState.done)
    took_place(lane, town.case, HOME, "2026-10-05", "2026-09-02", VisitState.done)  # earlier than it was due
    took_place(lane, town.case, HOME, "2026-10-06", None, VisitState.withdrawn)
    took_place(lane, town.case, REVIEW, "2026-10-07", "2026-10-07", VisitState.done)  # at a desk
    assert (
        stands(lane, town, town.case)
        == stands(lane, town, town.visit)
        == "Last: 9 September Heart-to-heart talk"
    )
