"""What the person concerned says of a meeting: of their own alone, and past whoever wrote the note."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from casework import notes, own_word, people
from casework.notes import NoteData
from casework.people import NewMember
from storage.errors import NotFound
from storage.lane import Lane
from storage.queries import confirmations as lists
from storage.queries.access import actor_of
from storage.tables.cases import Case
from storage.tables.counties import County
from storage.tables.members import Member, Role
from tests import make
from tests.make import NOW, Town


@pytest.fixture
def town(lane: Lane) -> Town:
    return lane.run_now(make.town)


def talk(session: Session, author: Member, about: int) -> int:
    """A talk with the person of a case, or for a planned visit; the number of its note."""
    data = NoteData(about, "talk", 1, NOW.date(), {"date": NOW.date().isoformat()}, "not_rated")
    return notes.record_visit(session, actor_of(session, author, "en"), data, now=NOW).note.id


def concerned(session: Session, county: County, case: Case, name: str) -> Member:
    return make.member(session, county, Role.subject, name=name, person_id=case.person_id)


def test_of_a_meeting_with_somebody_else_nobody_says_a_word(lane: Lane, town: Town) -> None:
    def unit(session: Session) -> None:
        county, officer = session.get_one(County, town.county), session.get_one(Member, town.officer)
        mine, theirs = session.get_one(Case, town.case), make.case(session, county, officer, name="赵亮")
        me = make.actor(session, concerned(session, county, mine, "张明"))
        concerned(session, county, theirs, "赵亮")
        own, other = talk(session, officer, town.visit), talk(session, officer, theirs.id)
        for took_place in (True, False):
            with pytest.raises(NotFound):
                own_word.say(session, me, other, took_place=took_place, now=NOW)
        assert own_word.say(session, me, own, took_place=True, now=NOW).note.id == own

    lane.run_now(unit)


def test_who_wrote_the_note_does_not_look_into_it(lane: Lane, town: Town) -> None:
    """Somebody of the office who also visits."""

    def unit(session: Session) -> None:
        county, case = session.get_one(County, town.county), session.get_one(Case, town.case)
        author, staff = session.get_one(Member, town.officer), session.get_one(Member, town.staff)
        people.grant(session, author, NewMember(author.name, Role.commission_staff), now=NOW, actor=None)
        note = talk(session, author, town.visit)
        me = make.actor(session, concerned(session, county, case, "张明"))
        said = own_word.say(session, me, note, took_place=False, now=NOW).confirmation.id
        theirs, others = make.actor(session, author), make.actor(session, staff)
        assert lists.denials_for(session, theirs) == []
        with pytest.raises(NotFound):
            own_word.looked_into(session, theirs, said, now=NOW)
        assert [one.confirmation.id for one in lists.denials_for(session, others)] == [said]
        own_word.looked_into(session, others, said, now=NOW)
        assert lists.denials_for(session, others) == []

    lane.run_now(unit)
