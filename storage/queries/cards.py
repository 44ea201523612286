"""The codes with which cards can be changed, each used once, and the ids of files that were uploaded for a message:
kept while they may work."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, select

from storage.tables.cards import CardCode

LIFE = timedelta(hours=72)


def keep_code(session: Session, channel: str, task_id: str, code: str, *, real_now: datetime) -> None:
    """Remember a code of a card, or the id of a file; those that are too old to work are forgotten on this occasion."""
    session.execute(delete(CardCode).where(col(CardCode.at) <= real_now - LIFE))
    kept = CardCode(channel=channel, task_id=task_id, code_sealed=b"", at=real_now)
    kept.code = code
    session.add(kept)


def newest_code(session: Session, channel: str, task_id: str) -> CardCode | None:
    """The code of a card that was given last, if there is one left."""
    query = select(CardCode).where(CardCode.channel == channel, CardCode.task_id == task_id)
    return session.exec(query.order_by(col(CardCode.id).desc()).limit(1)).first()


def forget_code(session: Session, code_id: int) -> None:
    """It was used, or does not work any more."""
    session.execute(delete(CardCode).where(col(CardCode.id) == code_id))
