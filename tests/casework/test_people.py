"""Members: their roles, the codes that bind a chat to them, and the end of their membership."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from casework import people
from casework.people import NewMember
from locales.phrase import Reader
from storage.errors import Conflict, NotFound, Refused
from storage.ids import ALPHABET
from storage.lane import Lane, open_lane
from storage.queries.access import active_members, actor_of
from storage.tables.audit import AuditRecord
from storage.tables.cases import Case
from storage.tables.counties import County
from storage.tables.members import Address, Invite, Member, MemberRole, MemberState, Role
from storage.tables.visits import Visit
from tests import make
from tests.make import NOW, at

WEEK = timedelta(days=7)
SECOND = timedelta(seconds=1)


def one(lane: Lane, role: Role = Role.care_officer, **more: Any) -> int:
    return lane.run_now(lambda s: make.member(s, make.county(s), role, **more).id)


def invite(lane: Lane, member_id: int) -> str:
    return lane.run_now(lambda s: people.invite(s, member_id, now=NOW))[0]


def bind(lane: Lane, secret: str, address: str = "chat-1", *, channel: str = "wecom", now: Any = NOW) -> int:
    return lane.run_now(lambda s: people.bind(s, channel, address, secret, now=now).id)


def refused(act: Callable[[], object], error: type[Refused] = Refused) -> str:
    with pytest.raises(error) as caught:
        act()
    assert type(caught.value) is error
    return caught.value.phrase.render(Reader("en", make.NOW.tzinfo, make.MONDAY))  # type: ignore[arg-type]


# --- counties and roles ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["J", "JAX", "J1", "嘉安", "JI", "OA", ""])
def test_a_county_code_is_two_letters_that_look_like_no_digit(lane: Lane, code: str) -> None:
    refused(lambda: lane.run_now(lambda s: make.county(s, code)))


def test_a_county_is_there_once(lane: Lane) -> None:
    assert lane.run_now(lambda s: make.county(s, " ja ").code) == "JA"
    refused(lambda: lane.run_now(lambda s: make.county(s)), Conflict)


@pytest.mark.parametrize("role", list(Role))
def test_every_role_can_be_given(lane: Lane, role: Role) -> None:
    def unit(session: Session) -> tuple[frozenset[Role], bool]:
        member = make.member(session, make.county(session), role, unit="县财政局")
        return actor_of(session, member, "en").roles, member.digest_at is not None

    # Who looks after cases, or speaks for a unit, gets the morning digest, and nobody else.
    assert lane.run_now(unit) == (frozenset({role}), role in (Role.care_officer, Role.unit_party_org))


def test_a_role_holds_for_its_unit(lane: Lane) -> None:
    def unit(session: Session) -> bool:
        member = make.member(session, make.county(session), Role.unit_party_org, unit="县财政局")
        role = session.exec(select(MemberRole).where(MemberRole.member_id == member.id)).one()
        return role.unit_id == member.unit_id is not None

    assert lane.run_now(unit)


@pytest.mark.parametrize("name", ["", "　 ", "很" * 31])
def test_a_name_is_neither_empty_nor_endless(lane: Lane, name: str) -> None:
    refused(lambda: one(lane, name=name))


def test_an_administrator_needs_a_duty(lane: Lane) -> None:
    refused(lambda: one(lane, Role.administrator, duty=None))


def test_a_name_is_kept_without_the_spaces_it_was_aligned_with(lane: Lane) -> None:
    member = one(lane, name="仇　海 ")
    assert lane.run_now(lambda s: s.get_one(Member, member).name) == "仇海"


def test_cases_that_waited_for_an_officer_of_this_name_are_theirs_at_once(lane: Lane) -> None:
    def wait(session: Session) -> tuple[int, int, int]:
        county = make.county(session)
        mine, others = (make.case(session, county, name=name) for name in ("张明", "王芳"))
        mine.awaits_officer, others.awaits_officer = "李敏", "吴涛"
        return mine.id, others.id, make.visit(session, mine).id

    mine, others, visit = lane.run_now(wait)

    def come(session: Session) -> int:
        return make.member(session, session.exec(select(County)).one(), name="李 敏").id

    officer = lane.run_now(come)
    case = lane.run_now(lambda s: s.get_one(Case, mine))
    assert (case.care_officer_id, case.awaits_officer) == (officer, None)
    assert lane.run_now(lambda s: s.get_one(Visit, visit).officer_id) == officer
    assert lane.run_now(lambda s: s.get_one(Case, others).care_officer_id) is None


# --- invites ---------------------------------------------------------------------------------------------------------


def test_a_code_binds_once(lane: Lane) -> None:
    member = one(lane)
    secret = invite(lane, member)
    assert len(secret) >= 13  # at five bits a character, no fewer than 64
    assert set(secret) <= set(ALPHABET)
    assert bind(lane, secret) == member
    refused(lambda: bind(lane, secret, "chat-2"))
    found = lane.run_now(lambda s: s.exec(select(Address)).all())
    assert [(row.member_id, row.channel, row.address) for row in found] == [(member, "wecom", "chat-1")]


def test_a_code_may_be_typed_in_small_letters(lane: Lane) -> None:
    member = one(lane)
    assert bind(lane, invite(lane, member).lower()) == member


@pytest.mark.parametrize(("after", "good"), [(WEEK - SECOND, True), (WEEK, False), (WEEK * 9, False)])
def test_a_code_holds_for_a_week(lane: Lane, after: timedelta, good: bool) -> None:
    member = one(lane)
    secret = invite(lane, member)
    if good:
        assert bind(lane, secret, now=NOW + after) == member
    else:
        refused(lambda: bind(lane, secret, now=NOW + after))


def test_a_new_code_ends_the_one_before(lane: Lane) -> None:
    member = one(lane)
    old, new = invite(lane, member), invite(lane, member)
    refused(lambda: bind(lane, old))
    assert bind(lane, new) == member


def test_wrong_used_late_and_suspended_are_told_alike(lane: Lane) -> None:
    member = one(lane)
    used = invite(lane, member)
    bind(lane, used)
    late = invite(lane, member)
    answers = [refused(lambda: bind(lane, "AAAAAAAAAAAAAA", "c")), refused(lambda: bind(lane, used, "c"))]
    answers.append(refused(lambda: bind(lane, late, "c", now=NOW + WEEK)))
    lane.run_now(lambda s: people.suspend(s, member, now=NOW))
    answers.append(refused(lambda: bind(lane, late, "c")))
    assert len(set(answers)) == 1, answers


def test_a_bound_chat_cannot_be_bound_to_somebody_else(lane: Lane) -> None:
    first = one(lane)
    bind(lane, invite(lane, first))
    second = lane.run_now(lambda s: make.member(s, s.exec(select(County)).one(), name="吴涛").id)
    secret = invite(lane, second)
    refused(lambda: bind(lane, secret), Conflict)
    # The same id on another channel is another identity; and the code was not used up by the refusal.
    assert bind(lane, secret, channel="telegram") == second


def test_of_two_who_redeem_at_once_one_wins(lane: Lane, database_url: str) -> None:
    secret = invite(lane, one(lane))
    beside = open_lane(database_url)

    def redeem(job: tuple[Lane, str]) -> bool:
        try:
            bind(job[0], secret, job[1])
        except Refused:
            return False
        return True

    jobs = [(each, f"chat-{n}") for n, each in enumerate([lane, beside] * 4)]
    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(redeem, jobs)) == 1
    beside.close()
    assert len(lane.run_now(lambda s: s.exec(select(Address)).all())) == 1


def test_the_code_itself_is_kept_nowhere(lane: Lane) -> None:
    secret = invite(lane, one(lane))
    kept = lane.run_now(lambda s: [str(row.model_dump()) for row in s.exec(select(Invite)).all()])
    kept += lane.run_now(lambda s: [str(row.model_dump()) for row in s.exec(select(AuditRecord)).all()])
    assert not any(secret in row for row in kept)


# --- suspended -------------------------------------------------------------------------------------------------------


def test_who_is_suspended_is_active_nowhere(lane: Lane) -> None:
    member = one(lane)
    lane.run_now(lambda s: people.suspend(s, member, now=NOW))

    def unit(session: Session) -> tuple[MemberState, object, int]:
        found = session.get_one(Member, member)
        active = active_members(session, found.county_id, Role.care_officer)
        return found.state, found.digest_at, len(active)

    assert lane.run_now(unit) == (MemberState.suspended, None, 0)
    refused(lambda: invite(lane, member))
    refused(lambda: lane.run_now(lambda s: people.suspend(s, member, now=NOW)))


def test_nobody_is_invited_who_is_not_there(lane: Lane) -> None:
    refused(lambda: invite(lane, 4711), NotFound)


def test_a_language_is_one_of_two(lane: Lane) -> None:
    member = one(lane)

    def choose(language: str) -> None:
        lane.run_now(
            lambda s: people.set_language(s, make.actor(s, s.get_one(Member, member)), language, now=NOW)
        )

    choose("en")
    refused(lambda: choose("fr"))
    assert lane.run_now(lambda s: s.get_one(Member, member).language) == "en"


def test_every_act_leaves_its_record_and_no_name(lane: Lane) -> None:
    member = one(lane, name="李敏")
    bind(lane, invite(lane, member))
    lane.run_now(lambda s: people.suspend(s, member, now=at(make.MONDAY)))
    records = lane.run_now(lambda s: s.exec(select(AuditRecord)).all())
    verbs = {"county_added", "member_added", "invited", "bound", "suspended"}
    assert {record.verb for record in records} == verbs
    assert not any("李敏" in str(record.model_dump()) for record in records)


def test_a_second_role_is_added_to_the_first(lane: Lane) -> None:
    def unit(session: Session) -> frozenset[Role]:
        member = make.member(session, make.county(session), Role.supervisor)
        people.grant(session, member, NewMember("李敏", Role.care_officer), now=NOW, actor=None)
        return actor_of(session, member, "en").roles

    assert lane.run_now(unit) == {Role.supervisor, Role.care_officer}
