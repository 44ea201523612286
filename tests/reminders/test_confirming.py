"""Confirmations in the database: asked once, silence told once and foreseen, and what becomes of them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from bot.app import House
from casework import amendments, confirmations, leave, notes, people, recusals, rulebooks, standing
from casework.confirmations import Formality, formality
from casework.forms.catalog.amendment import WHICH, WHY
from reminders import confirming, mechanism, passing
from reminders.mechanism import mechanism_of
from storage.clock import SandboxClock
from storage.errors import NotFound, Refused
from storage.lane import Lane
from storage.queries import confirmations as lists
from storage.queries.access import actor_of
from storage.tables.cases import Case, CaseEventKind
from storage.tables.confirmations import Confirmation, ConfirmationKind, ConfirmationState
from storage.tables.counties import County
from storage.tables.mail import Outbox, OutboxState
from storage.tables.members import Address, Member, MemberState, Role
from storage.tables.notes import Note
from storage.tables.visits import Visit
from tests import make
from tests.make import MONDAY, Town, at
from tests.reminders.county import house_of
from tests.reminders.test_forecast import foreseen

TEN = at(MONDAY, "10:00")
SECOND = timedelta(seconds=1)
HEARD = at("2026-11-26")


@pytest.fixture
def town(lane: Lane) -> Town:
    mechanism.forget()

    def unit(session: Session) -> Town:
        made = make.town(session)
        for name in ("officer", "colleague", "supervisor", "staff", "leader"):
            member = session.get_one(Member, getattr(made, name))
            people.bind_address(session, member, "sandbox", str(member.number), now=make.LONG_AGO)
        return made

    return lane.run_now(unit)


def who(session: Session, member_id: int) -> Any:
    return actor_of(session, session.get_one(Member, member_id), "en")


def recorded(lane: Lane, town: Town, *companions: str, now: datetime = TEN) -> list[int]:
    """A note of the visit that names these companions; the ids of what is asked."""

    def unit(session: Session) -> list[int]:
        answers = {"date": MONDAY.isoformat(), "more": ["companions"], "companions": list(companions)}
        data = notes.NoteData(town.visit, "talk", 2, MONDAY, answers)
        return [
            one.id for one in notes.record_visit(session, who(session, town.officer), data, now=now).asked
        ]

    return lane.run_now(unit)


def look(lane: Lane, now: datetime) -> None:
    while lane.run_now(lambda session: confirming.one_slice(session, now=now)):
        pass


def told(lane: Lane, town: Town, kind: str) -> list[str]:
    return lane.run_now(lambda s: [town.who(row.member_id or 0) for row in make.mail(s, kind)])


def one_of(lane: Lane, confirmation_id: int) -> Confirmation:
    return lane.run_now(lambda session: session.get_one(Confirmation, confirmation_id))


def confirm(lane: Lane, member_id: int, *ids: int, now: datetime = TEN) -> None:
    lane.run_now(lambda s: confirmations.confirm(s, who(s, member_id), ids, now=now))


def test_the_companion_is_asked_and_the_office_hears_to_the_second(lane: Lane, town: Town) -> None:
    (one,) = recorded(lane, town, str(town.colleague))
    assert told(lane, town, confirming.CARD) == ["colleague"]
    look(lane, HEARD - SECOND)
    assert told(lane, town, confirming.SILENT) == []
    look(lane, HEARD)
    assert told(lane, town, confirming.SILENT) == ["staff"]
    look(lane, HEARD + timedelta(days=30))
    assert told(lane, town, confirming.SILENT) == ["staff"]
    assert one_of(lane, one).told_at == HEARD


def test_who_has_answered_is_not_silent(lane: Lane, town: Town) -> None:
    (one,) = recorded(lane, town, str(town.colleague))
    confirm(lane, town.colleague, one)
    look(lane, HEARD + timedelta(days=30))
    assert told(lane, town, confirming.SILENT) == []
    with pytest.raises(NotFound):
        confirm(lane, town.colleague, one)


@pytest.mark.parametrize("member", ["officer", "supervisor", "staff", "leader"])
def test_nobody_else_answers(lane: Lane, town: Town, member: str) -> None:
    (one,) = recorded(lane, town, str(town.colleague))
    with pytest.raises(NotFound):
        confirm(lane, getattr(town, member), one)
    assert one_of(lane, one).state is ConfirmationState.asked


def test_of_two_companions_the_office_hears_once_though_one_of_it_cannot_be_reached(
    lane: Lane, town: Town
) -> None:
    def colleague(session: Session) -> int:
        place = session.get_one(County, town.county)
        made = make.member(session, place, Role.commission_staff, name="赵六")
        people.bind_address(session, made, "sandbox", "赵六", now=make.LONG_AGO)
        return made.id

    other = lane.run_now(colleague)
    recorded(lane, town, str(town.colleague), str(town.supervisor))
    look(lane, HEARD)
    before = [row.member_id for row in lane.run_now(lambda s: make.mail(s, confirming.SILENT))]
    assert sorted(before, key=str) == sorted([town.staff, other], key=str)

    def undelivered(session: Session) -> None:
        row = make.mail(session, confirming.SILENT)[0]
        passing.pass_on(session, row, mechanism_of(session, town.county), now=HEARD)

    lane.run_now(undelivered)
    assert [row.member_id for row in lane.run_now(lambda s: make.mail(s, confirming.SILENT))] == before


def test_leave_that_is_entered_later_is_no_silence(lane: Lane, town: Town) -> None:
    recorded(lane, town, str(town.colleague))
    tuesday, wednesday = MONDAY + timedelta(1), MONDAY + timedelta(2)
    lane.run_now(
        lambda s: leave.take(s, who(s, town.colleague), tuesday, wednesday, None, now=at(MONDAY, "16:00"))
    )
    look(lane, HEARD)
    assert told(lane, town, confirming.SILENT) == []
    look(lane, at("2026-11-30") - SECOND)
    assert told(lane, town, confirming.SILENT) == []
    look(lane, at("2026-11-30"))
    assert told(lane, town, confirming.SILENT) == ["staff"]


def test_of_somebody_no_message_reaches_the_office_hears_at_once(lane: Lane, town: Town) -> None:
    (one,) = recorded(lane, town, str(town.colleague))

    def undelivered(session: Session) -> None:
        (row,) = make.mail(session, confirming.CARD)
        passing.pass_on(session, row, mechanism_of(session, town.county), now=TEN)

    lane.run_now(undelivered)
    assert told(lane, town, confirming.SILENT) == ["staff"]
    lane.run_now(undelivered)
    look(lane, HEARD)
    assert told(lane, town, confirming.SILENT) == ["staff"]
    assert one_of(lane, one).told_at == TEN


def test_where_nobody_of_the_office_can_be_reached_the_leading_group_hears(lane: Lane, town: Town) -> None:
    recorded(lane, town, str(town.colleague))
    look(lane, HEARD)

    def lost(session: Session) -> None:
        address = session.exec(select(Address).where(Address.member_id == town.staff)).one()
        address.unreachable_at = HEARD
        session.flush()
        (row,) = make.mail(session, confirming.SILENT)
        passing.pass_on(session, row, mechanism_of(session, town.county), now=HEARD)

    lane.run_now(lost)
    assert told(lane, town, confirming.SILENT) == ["staff", "leader"]


def test_whoever_is_recused_is_asked_no_more(lane: Lane, town: Town) -> None:
    (one,) = recorded(lane, town, str(town.colleague))
    lane.run_now(lambda s: recusals.recuse(s, who(s, town.staff), town.case, town.colleague, None, now=TEN))
    assert one_of(lane, one).state is ConfirmationState.withdrawn
    assert lane.run_now(lambda s: lists.waiting_for(s, town.colleague)) == []
    with pytest.raises(NotFound):
        confirm(lane, town.colleague, one)
    look(lane, HEARD)
    assert told(lane, town, confirming.SILENT) == []


@pytest.mark.parametrize("kinds", [("held", "resumed"), ("closed", "reopened")])
def test_on_hold_nobody_is_asked_and_then_anew(lane: Lane, town: Town, kinds: tuple[str, str]) -> None:
    (one,) = recorded(lane, town, str(town.colleague))

    def change(kind: str, now: datetime) -> None:
        actor_kind = CaseEventKind(kind)
        lane.run_now(
            lambda s: standing.change(s, who(s, town.staff), town.case, actor_kind, "工作安排", now=now)
        )

    change(kinds[0], TEN)
    look(lane, HEARD)
    assert told(lane, town, confirming.SILENT) == []
    with pytest.raises(NotFound):
        confirm(lane, town.colleague, one)
    change(kinds[1], HEARD)
    assert one_of(lane, one).next_look_at == at("2026-12-01")
    confirm(lane, town.colleague, one, now=HEARD)


def test_other_rules_move_the_moment(lane: Lane, town: Town) -> None:
    (one,) = recorded(lane, town, str(town.colleague))

    def save(session: Session) -> None:
        county, author = session.get_one(County, town.county), session.get_one(Member, town.staff)
        rulebooks.save(session, county, b'{"formal": {"silent_workdays": 5}}', author, now=TEN)

    lane.run_now(save)
    assert one_of(lane, one).next_look_at == at("2026-11-30")


# --- who may be named ------------------------------------------------------------------------------------------------


def test_who_may_be_companion(lane: Lane, town: Town) -> None:
    def unit(session: Session) -> list[str]:
        session.get_one(Member, town.supervisor).state = MemberState.suspended
        able = confirmations.candidates(session, town.county, town.case, town.officer)
        return [town.who(member.id) for member in able]

    assert lane.run_now(unit) == ["colleague", "staff", "leader"]


def test_whoever_went_along_last_comes_first(lane: Lane, town: Town) -> None:
    """Before who went along more often, and before who is of the same kind as the author."""

    def unit(session: Session) -> list[str]:
        case = session.get_one(Case, town.case)
        for n, companion in enumerate((town.leader, town.leader, town.staff)):
            note_id = make.promise(session, case, MONDAY, now=make.LONG_AGO).note_id
            note, now = session.get_one(Note, note_id), TEN + timedelta(hours=n)
            confirmations.ask_companions(session, note, {"companions": [str(companion)]}, now=now)
        able = confirmations.candidates(session, town.county, town.case, town.officer)
        return [town.who(member.id) for member in able]

    assert lane.run_now(unit) == ["staff", "leader", "colleague", "supervisor"]


@pytest.mark.parametrize("named", ["officer", "nobody"])
def test_who_cannot_have_gone_along_is_refused(lane: Lane, town: Town, named: str) -> None:
    wanted = str(town.officer) if named == "officer" else "12345"
    with pytest.raises((Refused, NotFound)):
        recorded(lane, town, wanted)
    assert lane.run_now(lambda s: s.get_one(Visit, town.visit)).done_on is None


def test_the_author_cannot_be_typed_either(lane: Lane, town: Town) -> None:
    with pytest.raises(Refused):
        recorded(lane, town, "李敏")


# --- what it counts as -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("states", "visitors", "counts_as"),
    [
        ("", 2, "informal"),
        ("a", 2, "awaited"),
        ("c", 2, "formal"),
        ("r", 2, "informal"),
        ("w", 2, "informal"),
        ("ra", 2, "awaited"),
        ("rc", 2, "formal"),
        ("c", 3, "informal"),
        ("ca", 3, "awaited"),
        ("cc", 3, "formal"),
    ],
)
def test_it_is_formal_when_enough_stand_by_it(states: str, visitors: int, counts_as: str) -> None:
    by_letter = {state.value[0]: state for state in ConfirmationState}
    asked = [
        Confirmation(
            county_id=1, note_id=1, kind=ConfirmationKind.companion, state=by_letter[one], asked_at=TEN
        )
        for one in states
    ]
    assert formality(asked, visitors) is Formality(counts_as)


def test_the_signed_paper(lane: Lane, town: Town) -> None:
    (one,) = recorded(lane, town, "周老")
    assert one_of(lane, one).member_id is None
    assert told(lane, town, confirming.CARD) == []

    def keep(by: int, day: date) -> None:
        lane.run_now(lambda s: confirmations.keep_paper(s, who(s, by), one, day, now=TEN))

    with pytest.raises(NotFound):
        keep(town.colleague, MONDAY)
    for day in (MONDAY - timedelta(1), MONDAY + timedelta(1)):
        with pytest.raises(Refused):
            keep(town.officer, day)
    keep(town.staff, MONDAY)
    kept = one_of(lane, one)
    assert (kept.state, kept.paper_on, kept.paper_by) == (ConfirmationState.confirmed, MONDAY, town.staff)


# --- foreseen --------------------------------------------------------------------------------------------------------


async def lived(lane: Lane, url: str, start: datetime, days: int) -> set[tuple[str, int, datetime]]:
    """What was foreseen of confirmations, which is what came."""
    house: House = house_of(lane, url, start)
    assert isinstance(house.clock, SandboxClock)
    until = start + timedelta(days=days)
    notices = [n for n in foreseen(lane, start, until) if n.kind in confirming.KINDS and n.reached]
    await house.ticker.advance(house.clock, until)

    def sent(session: Session) -> list[tuple[str, int, datetime]]:
        rows = session.exec(select(Outbox).where(Outbox.state == OutboxState.sent)).all()
        return [
            (row.kind, row.member_id or 0, row.sent_at or start)
            for row in rows
            if row.kind in confirming.KINDS
        ]

    came = lane.run_now(sent)
    promised = [(n.kind, n.member_id, n.moment) for n in notices]
    assert sorted(promised) == sorted(came)
    return set(came)


@pytest.mark.parametrize("away", [False, True])
async def test_it_is_foreseen(lane: Lane, database_url: str, town: Town, away: bool) -> None:
    evening = at(MONDAY, "19:00")
    recorded(lane, town, str(town.colleague), str(town.supervisor), now=evening)
    if away:
        tuesday = MONDAY + timedelta(1)
        lane.run_now(lambda s: leave.take(s, who(s, town.colleague), tuesday, tuesday, None, now=evening))
    came = await lived(lane, database_url, evening, 14)
    first = at("2026-11-25") if away else at("2026-11-24")
    assert (confirming.CARD, town.colleague, first) in came
    assert (confirming.CARD, town.supervisor, at("2026-11-24")) in came
    heard = {moment for kind, member, moment in came if kind == confirming.SILENT}
    assert heard == ({at("2026-11-27"), at("2026-11-30")} if away else {at("2026-11-27")})


async def test_one_who_cannot_be_reached_is_foreseen(lane: Lane, database_url: str, town: Town) -> None:
    recorded(lane, town, str(town.colleague), now=at(MONDAY, "19:00"))

    def lose(session: Session) -> None:
        address = session.exec(select(Address).where(Address.member_id == town.colleague)).one()
        address.unreachable_at = TEN

    lane.run_now(lose)
    came = await lived(lane, database_url, at(MONDAY, "19:00"), 14)
    assert came == {(confirming.SILENT, town.staff, at("2026-11-24"))}


# --- amended ---------------------------------------------------------------------------------------------------------


def amend(lane: Lane, town: Town, question: str, value: Any) -> None:
    def unit(session: Session) -> None:
        note = session.exec(select(Note)).one()
        given = {WHICH: question, WHY: "slip", question: value}
        amendments.amend(session, who(session, town.officer), note.id, given, now=TEN + timedelta(hours=1))

    lane.run_now(unit)


def test_another_companion_is_asked_instead(lane: Lane, town: Town) -> None:
    (one,) = recorded(lane, town, str(town.colleague))
    amend(lane, town, "companions", [str(town.supervisor)])
    assert one_of(lane, one).state is ConfirmationState.withdrawn
    assert lane.run_now(lambda s: lists.waiting_for(s, town.colleague)) == []
    assert told(lane, town, confirming.CARD) == ["colleague", "supervisor"]
    amend(lane, town, "companions", [str(town.colleague)])
    assert one_of(lane, one).state is ConfirmationState.asked


def test_of_another_day_they_are_asked_anew(lane: Lane, town: Town) -> None:
    (one,) = recorded(lane, town, str(town.colleague))
    confirm(lane, town.colleague, one)
    friday = MONDAY - timedelta(3)
    amend(lane, town, "date", friday.isoformat())
    assert one_of(lane, one).state is ConfirmationState.asked
    (line,) = lane.run_now(lambda s: lists.waiting_for(s, town.colleague))
    assert line.held_on == friday


def test_another_answer_asks_nobody(lane: Lane, town: Town) -> None:
    (one,) = recorded(lane, town, str(town.colleague))
    confirm(lane, town.colleague, one)
    amend(lane, town, "thinking", "平稳")
    assert one_of(lane, one).state is ConfirmationState.confirmed
