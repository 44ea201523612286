"""Photos of signed forms, and the door to each."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from locales.catalogue import N_
from storage.errors import NotFound
from storage.queries.access import Actor
from storage.queries.notes import access_note
from storage.tables.confirmations import Confirmation
from storage.tables.media import Medium

NO_SUCH_PHOTO = N_("This photo is not among those you may see.")


def access_medium(session: Session, actor: Actor, medium_id: int) -> Medium:
    """A photo, to be looked at: by the office, and by the author of the note that it bears out; never by somebody who
    may not read that note. One that belongs to a form not handed in yet is for whoever sent it, alone.

    Raises:
        NotFound: no such photo, or it is not the actor's to see.
    """
    medium = session.get(Medium, medium_id)
    if medium is None or medium.county_id != actor.county_id or not _is_open_to(session, actor, medium):
        raise NotFound(NO_SUCH_PHOTO)
    return medium


def _is_open_to(session: Session, actor: Actor, medium: Medium) -> bool:
    try:
        note = access_note(session, actor, note_of(session, medium), to="read")
    except NotFound:
        return False
    if medium.draft_id is not None:
        return medium.member_id == actor.member_id
    return actor.in_office or note.author_id == actor.member_id


def note_of(session: Session, medium: Medium) -> int:
    """The note that a photo belongs to."""
    return session.get_one(Confirmation, medium.confirmation_id).note_id


def of_confirmations(session: Session, confirmation_ids: Sequence[int]) -> dict[int, int]:
    """The photo that is on file for each of these confirmations, where there is one."""
    if not confirmation_ids:
        return {}
    query = select(Medium.confirmation_id, Medium.id).where(
        col(Medium.confirmation_id).in_(confirmation_ids), col(Medium.draft_id).is_(None)
    )
    return dict(session.exec(query.order_by(col(Medium.id))).all())


def waiting(session: Session, member_id: int, confirmation_id: int) -> list[int]:
    """The photos that a member has sent into a form about this confirmation, and not handed in yet."""
    query = select(Medium.id).where(
        Medium.confirmation_id == confirmation_id,
        Medium.member_id == member_id,
        col(Medium.draft_id).is_not(None),
    )
    return list(session.exec(query.order_by(col(Medium.id))))
