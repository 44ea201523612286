"""Photos of signed forms: kept while their form is filled in, on file once it is handed in, gone with what they show.

Nobody keeps more of them than there are papers: one a confirmation.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, delete, select, update

from casework.pictures import MEDIA_TYPE, Picture
from storage import audit
from storage.errors import NotFound
from storage.queries import confirmations as lists
from storage.queries.access import Actor
from storage.queries.media import NO_SUCH_PHOTO, access_medium, note_of
from storage.tables.confirmations import Confirmation
from storage.tables.media import Medium, MediumKind


def keep(
    session: Session, actor: Actor, confirmation_id: int, draft_id: int, picture: Picture, *, now: datetime
) -> Medium:
    """Keep a photo for the form that it was sent into, in the place of one that was sent there before. Whether the
    actor may enter the paper is for the form to ask."""
    lists.access_confirmation(session, actor, confirmation_id, to="paper", lock=False)
    drop_waiting(session, draft_id)
    medium = Medium(
        county_id=actor.county_id,
        kind=MediumKind.signed_form,
        confirmation_id=confirmation_id,
        draft_id=draft_id,
        member_id=actor.member_id,
        kept_at=now,
        media_type=MEDIA_TYPE,
        width=picture.width,
        height=picture.height,
        size=len(picture.content),
        sha256=picture.sha256,
        content_sealed=b"",
    )
    medium.content = picture.content
    session.add(medium)
    session.flush()
    return medium


def drop_waiting(session: Session, draft_id: int) -> None:
    """The form came to its end, or has another photo: what was sent into it and not handed in goes."""
    session.execute(delete(Medium).where(col(Medium.draft_id) == draft_id))


def put_on_file(
    session: Session, actor: Actor, medium_id: int, confirmation: Confirmation, *, now: datetime
) -> None:
    """The form was handed in: its photo is on file from now on.

    Raises:
        NotFound: it is not there any more, or was not sent into a form of the actor's about this paper.
    """
    mine = (
        update(Medium)
        .where(
            col(Medium.id) == medium_id,
            col(Medium.member_id) == actor.member_id,
            col(Medium.confirmation_id) == confirmation.id,
            col(Medium.draft_id).is_not(None),
        )
        .values(draft_id=None)
        .returning(col(Medium.sha256), col(Medium.size))
    )
    kept = session.execute(mine).first()
    if kept is None:
        raise NotFound(NO_SUCH_PHOTO).at("photo")
    note, (sha256, size) = confirmation.note_id, kept
    audit.record(
        session, actor, "photo_kept", "medium", medium_id, now=now, note=note, sha256=sha256, size=size
    )


def forget(session: Session, confirmation: Confirmation, *, now: datetime) -> None:
    """The paper bears nothing out any more: what it looked like need not be known either."""
    of_it = col(Medium.confirmation_id) == confirmation.id
    for medium_id in session.exec(select(Medium.id).where(of_it)).all():
        county, note = confirmation.county_id, confirmation.note_id
        audit.record(
            session, None, "photo_dropped", "medium", medium_id, now=now, county_id=county, note=note
        )
    session.execute(delete(Medium).where(of_it))


def look_at(session: Session, actor: Actor, medium_id: int, *, now: datetime) -> tuple[str, bytes]:
    """The type and content of a photo, for whoever may see it; that they looked is written down."""
    medium = access_medium(session, actor, medium_id)
    note = note_of(session, medium)
    audit.record(session, actor, "photo_read", "medium", medium.id, now=now, note=note)
    return medium.media_type, medium.content
