"""Hours of one's own in which reminders come: within the county's, never beyond them."""

from __future__ import annotations

from datetime import datetime, time

from sqlmodel import Session

from locales.catalogue import N_
from locales.phrase import Word
from reminders.mechanism import mechanism_of
from storage import audit
from storage.errors import Refused
from storage.queries.access import Actor, require
from storage.tables.members import Member, Role

MAY_SET = (Role.care_officer, Role.supervisor, Role.commission_staff, Role.leader)


def set_hours(session: Session, actor: Actor, first: time, last: time, *, now: datetime) -> None:
    """The digest and the reminders of the ladder reach the actor within these hours alone; what cannot wait, at any.

    Raises:
        Refused: the hours lie outside those of the county, or are too short to be told everything in.
    """
    require(actor, *MAY_SET)
    book = mechanism_of(session, actor.county_id).rulebook
    begins, ends = book.hours.notices_from, book.hours.notices_until
    if (
        first < min(begins, book.hours.digest_at)
        or last > ends
        or _minutes(last) - _minutes(first) < 60 * (book.limits.own_hours)
    ):
        raise Refused(
            N_("Please choose hours between {first} and {last}, at least {n} hours in all."),
            first=clock(begins),
            last=clock(ends),
            n=book.limits.own_hours,
        )
    _keep(session, actor, first, last)
    audit.record(
        session,
        actor,
        "hours_set",
        "member",
        actor.member_id,
        now=now,
        first=f"{first:%H:%M}",
        last=f"{last:%H:%M}",
    )


def drop_hours(session: Session, actor: Actor, *, now: datetime) -> None:
    """The county's hours hold for the actor again."""
    require(actor, *MAY_SET)
    _keep(session, actor, None, None)
    audit.record(session, actor, "hours_dropped", "member", actor.member_id, now=now)


def clock(hour: time) -> Word:
    return Word(f"{hour:%H:%M}")


def _minutes(hour: time) -> int:
    return 60 * hour.hour + hour.minute


def _keep(session: Session, actor: Actor, first: time | None, last: time | None) -> None:
    member = session.get_one(Member, actor.member_id, with_for_update=True)
    member.hours_from, member.hours_until = first, last
    session.flush()
