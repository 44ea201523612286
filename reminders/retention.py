"""What is no longer needed goes, in small slices: events long handled, messages long sent, forms long left lying.

Each function does one unit of work and says whether there is more. The numbers are ours: no county has a reason to
keep these longer, and the law asks for no longer than is needed.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, delete, select, update
from sqlmodel import Session, col

from reminders import outbox, rules, taking_back
from reminders.mechanism import Mechanism, mechanism_of
from storage import audit, ids
from storage.tables.counties import County
from storage.tables.drafts import Draft
from storage.tables.mail import Inbox, Outbox, OutboxItem, OutboxState
from storage.tables.matters import MatterTold
from storage.tables.media import Medium
from storage.tables.members import Member, MemberState

EVENTS_KEPT = timedelta(days=14)  # vendors repeat an event for a day at most
# Messages that were sent are kept up to date for 30 days, and explained by /why; an operator may look back a quarter.
MESSAGES_KEPT = timedelta(days=90)
WARNED = timedelta(days=1)  # before a form is dropped
SLICE = 500
DRAFTS = 100
EventKey = tuple[str, str]  # its channel, and what it is called there
NO_EVENT: EventKey = ("", "")  # before all of them
_OVER = (OutboxState.sent, OutboxState.withdrawn, OutboxState.dead)
# What a process of the version before brought to its end while an upgrade was under way: it does not know the column.
_UNSAID = (
    update(Outbox)
    .where(col(Outbox.ended).is_(None), col(Outbox.state).in_(_OVER))
    .values(ended=col(Outbox.state))
    .execution_options(synchronize_session=False)
)


def purge_events(session: Session, after: EventKey, *, now: datetime) -> EventKey | None:
    """Forget events that were handled long ago. Goes through all of them in the order of their keys, for no index knows
    when they came; the key to go on after, if there are more.

    One channel after the other: asked for what lies between two pairs of channel and event, PostgreSQL without
    statistics (after a restore) would read the whole table for each slice.
    """
    channel, event_id = col(Inbox.channel), col(Inbox.event_id)
    of_channel, behind = after
    these = and_(channel == of_channel, event_id > behind)
    last = session.execute(
        select(event_id).where(these).order_by(event_id).offset(SLICE - 1).limit(1)
    ).scalar()
    if last is not None:
        these = and_(these, event_id <= last)
    old = delete(Inbox).where(these, col(Inbox.received_at) < now - EVENTS_KEPT)
    session.execute(old.execution_options(synchronize_session=False))
    if last is not None:
        return of_channel, last
    following = session.execute(
        select(channel).where(channel > of_channel).order_by(channel).limit(1)
    ).scalar()
    return None if following is None else (following, "")


def purge_messages(session: Session, *, real_now: datetime) -> bool:
    """Forget messages of long ago that are over, however they ended. As long as a button of theirs works they stay."""
    session.execute(_UNSAID)
    before = ids.first_id_at(real_now - max(MESSAGES_KEPT, _buttons_work(session)))
    old = select(col(Outbox.id)).where(col(Outbox.id) < before, col(Outbox.state).in_(_OVER))
    found = session.execute(old.order_by(col(Outbox.id)).limit(SLICE)).scalars().all()
    if found:
        for spoken_of in (OutboxItem, MatterTold):
            session.execute(delete(spoken_of).where(col(spoken_of.outbox_id).in_(found)))
        session.execute(delete(Outbox).where(col(Outbox.id).in_(found)))
    return len(found) == SLICE


def _buttons_work(session: Session) -> timedelta:
    counties = session.execute(select(col(County.id))).scalars().all()
    days = (mechanism_of(session, county).rulebook.limits.button_days for county in counties)
    return timedelta(days=max(days, default=0))


def look_at_drafts(session: Session, after: int, *, now: datetime) -> int | None:
    """Warn of forms that nobody has touched for long, a day before they are dropped, and drop those whose day has come.
    Goes through them by their ids; the id to go on after, if there are more."""
    near = select(Draft).where(col(Draft.expires_at) <= now + WARNED, col(Draft.id) > after)
    found = session.execute(near.order_by(col(Draft.id)).limit(DRAFTS).with_for_update(skip_locked=True))
    drafts = found.scalars().all()
    for draft in drafts:
        _look_at(session, draft, mechanism_of(session, draft.county_id), now)
    return drafts[-1].id if len(drafts) == DRAFTS else None


def purge_photos(session: Session) -> None:
    """Photos that were sent into a form which is gone by now: given up elsewhere, or dropped."""
    there = select(col(Draft.id)).where(col(Draft.id) == col(Medium.draft_id)).exists()
    session.execute(delete(Medium).where(col(Medium.draft_id).is_not(None), ~there))


def _look_at(session: Session, draft: Draft, mechanism: Mechanism, now: datetime) -> None:
    end = draft.updated_at + timedelta(days=mechanism.rulebook.limits.draft_days)
    if end > now + WARNED:  # somebody has gone on with it since it was begun
        draft.expires_at = end
        return
    moment = rules.in_hours(now, mechanism.rulebook, mechanism.calendar, mechanism.zone)
    if _warn(session, draft, moment, now):
        draft.expires_at = max(end, moment + WARNED)
    elif draft.expires_at <= now:
        session.delete(draft)
        taking_back.of_form(session, draft.id, draft.county_id, draft.member_id, now=now)
        audit.record(
            session,
            None,
            "draft_dropped",
            "draft",
            draft.id,
            now=now,
            county_id=draft.county_id,
            form=draft.form,
        )


def _warn(session: Session, draft: Draft, moment: datetime, now: datetime) -> bool:
    """Whether the warning was given just now; once for all the time that it lies untouched."""
    member = session.get_one(Member, draft.member_id)
    if member.state != MemberState.active:
        return False
    row = outbox.row(
        "draft_ends",
        now=now,
        county_id=draft.county_id,
        member_id=draft.member_id,
        due_at=moment,
        payload={"draft": draft.id},
        dedupe=f"draft:{draft.id}:{draft.updated_at:%Y%m%dT%H%M%S}",
    )
    return outbox.put_once(session, row)
