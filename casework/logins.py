"""Coming to our pages: codes that work once, and the sessions that they open."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import Session, col, delete, select

from locales.catalogue import N_
from storage import audit
from storage.errors import Refused
from storage.tables.logins import LoginCode, PageSession, Purpose, code_index, token_index
from storage.tables.members import Member, MemberState

# The lives are those of ASVS 5.0 (6.5.5, 7.3.1, 7.3.2) for what opens personal data.
CODE_LIFE = timedelta(minutes=10)
IDLE, ABSOLUTE = timedelta(minutes=30), timedelta(hours=12)
_SEEN_EVERY = timedelta(minutes=1)  # a look at a page is not a write each time
SPENT = N_("This link has been used or is too old. Please ask the assistant for a new one.")


def new_code(session: Session, purpose: Purpose, member_id: int | None, *, real_now: datetime) -> str:
    """A code that works once; those that have ended are forgotten on this occasion."""
    session.execute(delete(LoginCode).where(col(LoginCode.expires_at) <= real_now))
    secret = secrets.token_urlsafe(24) if purpose is Purpose.link else secrets.token_hex(24)
    session.add(
        LoginCode(
            purpose=purpose,
            member_id=member_id,
            code_index=code_index(purpose, secret),
            expires_at=real_now + CODE_LIFE,
        )
    )
    return secret


def use_code(session: Session, purpose: Purpose, secret: str, *, real_now: datetime) -> int | None:
    """Use a code up; the member it was given to. Two at once have one winner.

    Raises:
        Refused: it does not exist, was used, or its time is over.
    """
    used = (
        update(LoginCode)
        .where(
            col(LoginCode.code_index) == code_index(purpose, secret),
            col(LoginCode.used_at).is_(None),
            col(LoginCode.expires_at) > real_now,
        )
        .values(used_at=real_now)
        .returning(col(LoginCode.member_id))
    )
    found = session.execute(used).first()
    if found is None:
        raise Refused(SPENT)
    member_id: int | None = found[0]
    return member_id


def open_session(session: Session, member_id: int, *, now: datetime, real_now: datetime) -> str:
    """A new session; what its browser shows from now on.

    Raises:
        Refused: the member is suspended.
    """
    member = session.get(Member, member_id)
    if member is None or member.state != MemberState.active:
        raise Refused(SPENT)
    token = secrets.token_urlsafe(32)
    opened = PageSession(
        member_id=member.id, token_index=token_index(token), created_at=real_now, seen_at=real_now
    )
    session.add(opened)
    audit.record(session, None, "logged_in", "member", member.id, now=now, county_id=member.county_id)
    return token


def member_in(session: Session, token: str, *, real_now: datetime) -> Member | None:
    """Who is logged in with this token; None when the session has ended or its member is suspended."""
    query = select(PageSession).where(PageSession.token_index == token_index(token))
    found = session.exec(query).first()
    if found is None or found.ended_at is not None:
        return None
    if real_now - found.seen_at > IDLE or real_now - found.created_at > ABSOLUTE:
        return None
    member = session.get(Member, found.member_id)
    if member is None or member.state != MemberState.active:
        return None
    if real_now - found.seen_at > _SEEN_EVERY:
        found.seen_at = real_now
    return member


def close_session(session: Session, token: str, *, real_now: datetime) -> None:
    """Log out: the token opens nothing any more."""
    ended = update(PageSession).where(col(PageSession.token_index) == token_index(token))
    session.execute(ended.values(ended_at=real_now))
