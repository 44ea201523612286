"""The codes with which cards can be changed, each used once, and the ids of files that were uploaded for a message:
kept while they may work."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import blake2b

from sqlmodel import Session, and_, col, delete, or_, select

from storage.bulk import InsertNew
from storage.tables import METADATA
from storage.tables.cards import CardCode

LIFE = timedelta(hours=72)
_FIRST = InsertNew(METADATA.tables["cardcode"], ["id", "channel", "task_id", "code_sealed", "at"])


def keep_code(session: Session, channel: str, task_id: str, code: str, *, real_now: datetime) -> None:
    """Remember a code of a card, or the id of a file; those that are too old to work are forgotten on this occasion."""
    session.execute(delete(CardCode).where(col(CardCode.at) <= real_now - LIFE))
    kept = CardCode(channel=channel, task_id=task_id, code_sealed=b"", at=real_now)
    kept.code = code
    session.add(kept)


def keep_first(
    session: Session, channel: str, task_id: str, code: str, *, since: datetime, real_now: datetime
) -> str:
    """Remember what must not change once it is there. What whoever came first since then has given holds for
    everybody, also for two who give it at once: the id is made of the word, and the database takes one row of it."""
    old = col(CardCode.at) <= real_now - LIFE
    of_this = and_(col(CardCode.channel) == channel, col(CardCode.task_id) == task_id)
    session.execute(delete(CardCode).where(or_(old, and_(of_this, col(CardCode.at) <= since))))
    drawn = blake2b(f"{channel} {task_id}".encode(), digest_size=7).digest()
    kept = CardCode(
        id=-1 - int.from_bytes(drawn), channel=channel, task_id=task_id, code_sealed=b"", at=real_now
    )
    kept.code = code
    _FIRST.write(session, [(kept.id, kept.channel, kept.task_id, kept.code_sealed, kept.at)])
    found = newest_code(session, channel, task_id)
    return code if found is None else found.code


def newest_code(session: Session, channel: str, task_id: str) -> CardCode | None:
    """The code of a card that was given last, if there is one left."""
    query = select(CardCode).where(CardCode.channel == channel, CardCode.task_id == task_id)
    return session.exec(query.order_by(col(CardCode.id).desc()).limit(1)).first()


def forget_code(session: Session, code_id: int) -> None:
    """It was used, or does not work any more."""
    session.execute(delete(CardCode).where(col(CardCode.id) == code_id))
