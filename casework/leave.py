"""Leave: taken, given a cover, withdrawn. The cover and those who oversee the officer are told, once."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from sqlmodel import Session

from casework import names
from locales.catalogue import N_
from locales.phrase import Day
from reminders import outbox, rules
from reminders.ladder import overseers_of
from reminders.mechanism import Mechanism, mechanism_of
from storage import audit
from storage.errors import Conflict, Refused
from storage.ids import new_id
from storage.queries import leaves
from storage.queries.access import Actor, access_leave, active_members, require
from storage.rulebook_sections import LeaveRules
from storage.tables.leaves import Leave
from storage.tables.members import Member, Role

MAY_TAKE = (Role.care_officer, Role.supervisor, Role.commission_staff, Role.leader)
_DAY = timedelta(days=1)


def take(
    session: Session, actor: Actor, first: date, last: date, cover_id: int | None = None, *, now: datetime
) -> Leave:
    """The actor is on leave from the first to the last day. What a cover does meanwhile: see reminders/ladder.py."""
    require(actor, *MAY_TAKE)
    mechanism = mechanism_of(session, actor.county_id)
    _check(first, last, mechanism.day(now), mechanism.rulebook.leave)
    known = leaves.overlapping(session, actor.member_id, first, last)
    if known:
        raise Conflict(
            N_("You are on leave from {first} to {last} already. Withdraw that first."),
            first=Day(known[0].first_on), last=Day(known[0].last_on),
        )  # fmt: skip
    if cover_id is not None:
        _check_cover(session, actor, cover_id, first, last)
    leave = Leave(
        county_id=actor.county_id,
        member_id=actor.member_id,
        cover_id=cover_id,
        first_on=first,
        last_on=last,
        created_at=now,
    )
    session.add(leave)
    session.flush()
    _audit(session, actor, "leave_taken", leave, now)
    _tell(session, actor, leave, mechanism, now=now)
    return leave


def name_cover(session: Session, actor: Actor, leave_id: int, cover_id: int, *, now: datetime) -> Leave:
    """Somebody acts for the actor after all."""
    mechanism = mechanism_of(session, actor.county_id)
    leave = access_leave(session, actor, leave_id, today=mechanism.day(now))
    if leave.cover_id is not None:
        raise Conflict(N_("Somebody covers already. To change that, withdraw the leave and enter it anew."))
    _check_cover(session, actor, cover_id, leave.first_on, leave.last_on)
    leave.cover_id = cover_id
    session.flush()
    _audit(session, actor, "cover_named", leave, now)
    _tell(session, actor, leave, mechanism, now=now)
    return leave


def withdraw(session: Session, actor: Actor, leave_id: int, *, now: datetime) -> Leave:
    """The actor is there after all: leave that has not begun never was, leave that runs ended yesterday."""
    mechanism = mechanism_of(session, actor.county_id)
    today = mechanism.day(now)
    leave = access_leave(session, actor, leave_id, today=today)
    if leave.first_on < today:
        leave.last_on = today - _DAY
    else:
        leave.withdrawn_at = now
    member = session.get_one(Member, actor.member_id)
    if member.digest_at is not None:
        member.digest_at = rules.next_digest(now, mechanism.rulebook, mechanism.calendar, mechanism.zone)
    session.flush()
    _audit(session, actor, "leave_withdrawn", leave, now)
    _tell(session, actor, leave, mechanism, now=now, back=True)
    return leave


def candidates(session: Session, actor: Actor, first: date, last: date) -> list[Member]:
    """Who could act for the actor in these days: officers who are there, those under the same supervisor first."""
    if not actor.has(Role.care_officer):
        return []
    supervisor = session.get_one(Member, actor.member_id).supervisor_id
    away = leaves.away_between(session, actor.county_id, first, last)
    able = [
        member
        for member in active_members(session, actor.county_id, Role.care_officer)
        if member.id != actor.member_id and member.id not in away
    ]
    return sorted(able, key=lambda member: member.supervisor_id != supervisor)


def meant(session: Session, actor: Actor, who: str, first: date, last: date) -> list[Member]:
    """The officers whom a name means: 吴涛, 老张, wutao, or the number that the office knows a member by."""
    able = candidates(session, actor, first, last)
    number = re.search(r"\d+", who)
    if number is not None:
        return [member for member in able if member.number == int(number[0])]
    if len(who) == 2 and who[0] in "老小":
        return [member for member in able if member.name.startswith(who[1])]
    exact = [member for member in able if member.name == names.tidy(who)]
    means = names.meant_by(who)
    return exact or [member for member in able if means(names.spelt(member.name))]


def _check(first: date, last: date, today: date, book: LeaveRules) -> None:
    if last < first:
        raise Refused(
            N_("{last} is before {first}: please give the first day first."), first=first, last=last
        ).at("last_on")
    if last < today:
        raise Refused(N_("{day} is over. Leave can be entered for today and later."), day=Day(last)).at(
            "last_on"
        )
    if (today - first).days > book.back_days:
        raise Refused(
            N_("{day} is too long ago: leave can begin at most {n} days back."), day=first, n=book.back_days
        ).at("first_on")
    if (first - today).days > book.ahead_days:
        raise Refused(N_("{day} is too far away: at most {n} days ahead."), day=first, n=book.ahead_days).at(
            "first_on"
        )
    if (last - first).days >= book.longest_days:
        raise Refused(
            N_("That is more than {n} days. For so long the cases need another care officer."),
            n=book.longest_days,
        ).at("last_on")


def _check_cover(session: Session, actor: Actor, cover_id: int, first: date, last: date) -> None:
    if cover_id not in {member.id for member in candidates(session, actor, first, last)}:
        raise Refused(N_("This member cannot cover in these days. Please choose another officer.")).at(
            "cover"
        )


def _audit(session: Session, actor: Actor, verb: str, leave: Leave, now: datetime) -> None:
    audit.record(
        session,
        actor,
        verb,
        "leave",
        leave.id,
        now=now,
        first_on=leave.first_on,
        last_on=leave.last_on,
        cover=leave.cover_id,
    )


def _tell(
    session: Session, actor: Actor, leave: Leave, mechanism: Mechanism, *, now: datetime, back: bool = False
) -> None:
    """The cover, and of an officer's leave whoever oversees them. What falls due is found when it is sent."""
    if not actor.has(Role.care_officer):
        return
    member, occasion = session.get_one(Member, leave.member_id), new_id()
    hearers = dict.fromkeys(overseers_of(session, member, mechanism.day(now)), "leave")
    if leave.cover_id is not None:
        hearers[leave.cover_id] = "cover"
    for hearer, kind in hearers.items():
        row = outbox.row(
            "leave_off" if back else kind,
            now=now,
            county_id=leave.county_id,
            member_id=hearer,
            payload={"leave": leave.id},
            dedupe=f"leave:{occasion}:{hearer}",
        )
        outbox.put(session, [row])
