"""How somebody comes to our pages: a code that works once, and a session in the browser. Only fingerprints are kept."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from storage.sealed import blind_index
from storage.tables.columns import (
    id_column,
    maybe_moment_column,
    maybe_reference,
    moment_column,
    reference,
    word_column,
)


class Purpose(StrEnum):
    link = "link"  # opens a session for the member it was given to
    state = "state"  # what a vendor's login brings back, so that nobody is logged in as somebody else


class LoginCode(SQLModel, table=True):
    """A code that works once, for a short time. Real time: moving the people's clock lends nobody a minute."""

    id: int = id_column()
    purpose: Purpose = word_column(Purpose)
    member_id: int | None = maybe_reference("member")
    code_index: bytes = Field(unique=True)
    expires_at: datetime = moment_column()
    used_at: datetime | None = maybe_moment_column()


class PageSession(SQLModel, table=True):
    """A browser that is logged in. It ends by itself, by logging out, or when its member is suspended."""

    id: int = id_column()
    member_id: int = reference("member", index=True)
    token_index: bytes = Field(unique=True)
    created_at: datetime = moment_column()
    seen_at: datetime = moment_column()
    ended_at: datetime | None = maybe_moment_column()


def code_index(purpose: Purpose, code: str) -> bytes:
    return blind_index(f"{purpose.value}:{code}", "logincode.code")


def token_index(token: str) -> bytes:
    return blind_index(token, "pagesession.token")
