"""People who use the assistant: who they are, what they may do, where they are reached."""

from __future__ import annotations

from datetime import datetime, time
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.sealed import blind_index, known_index, seal, unseal
from storage.tables.columns import (
    id_column,
    maybe_moment_column,
    maybe_reference,
    moment_column,
    reference,
    word_column,
)


class Role(StrEnum):
    care_officer = "care_officer"
    supervisor = "supervisor"
    commission_staff = "commission_staff"
    leader = "leader"
    unit_party_org = "unit_party_org"
    stationed_group = "stationed_group"
    organisation_department = "organisation_department"
    personnel_bureau = "personnel_bureau"
    subject = "subject"
    administrator = "administrator"


class Duty(StrEnum):
    """The three duties of administrators, kept apart on purpose."""

    system = "system"
    security = "security"
    audit = "audit"


class MemberState(StrEnum):
    active = "active"
    suspended = "suspended"


class Member(SQLModel, table=True):
    __table_args__ = (
        Index("ix_member_county_name", "county_id", "name_index"),
        Index("ix_member_digest_at", "digest_at"),
    )

    id: int = id_column()
    # What operators call this member by: short, and never given twice.
    number: int = Field(unique=True)
    county_id: int = reference("county")
    unit_id: int | None = maybe_reference("unit")
    supervisor_id: int | None = maybe_reference("member", index=True)
    name_sealed: bytes
    name_index: bytes
    language: str | None = Field(default=None, max_length=10)
    state: MemberState = word_column(MemberState, MemberState.active)
    digest_at: datetime | None = maybe_moment_column()
    # Within these alone reminders come, where the member wants it so; in the county's time.
    hours_from: time | None = None
    hours_until: time | None = None
    created_at: datetime = moment_column()

    @property
    def own_hours(self) -> tuple[time, time] | None:
        if self.hours_from is None or self.hours_until is None:
            return None
        return self.hours_from, self.hours_until

    @property
    def name(self) -> str:
        return unseal(self.name_sealed, "member.name", self.id)

    @name.setter
    def name(self, text: str) -> None:
        self.name_sealed = seal(text, "member.name", self.id)
        self.name_index = blind_index(text, "member.name")


class MemberRole(SQLModel, table=True):
    """One role of a member. A member may hold several, each with its scope: a unit, a duty, a person."""

    __table_args__ = (Index("ix_memberrole_county_role", "county_id", "role"),)

    id: int = id_column()
    county_id: int = reference("county")
    member_id: int = reference("member", index=True)
    role: Role = word_column(Role)
    unit_id: int | None = maybe_reference("unit")
    duty: str | None = Field(default=None, max_length=10)
    person_id: int | None = maybe_reference("person")


class Invite(SQLModel, table=True):
    """A one-time code that binds a chat identity to a member. Only its fingerprint is kept."""

    id: int = id_column()
    county_id: int = reference("county")
    member_id: int = reference("member", index=True)
    code_index: bytes = Field(unique=True)
    expires_at: datetime = moment_column()
    used_at: datetime | None = maybe_moment_column()
    created_at: datetime = moment_column()


class Address(SQLModel, table=True):
    """Where a member is reached on one channel. The address itself is sealed; `address_index` finds it."""

    __table_args__ = (UniqueConstraint("channel", "address_index"), Index("ix_address_member", "member_id"))

    id: int = id_column()
    county_id: int = reference("county")
    member_id: int = reference("member")
    channel: str = Field(max_length=20)
    address_sealed: bytes
    address_index: bytes
    bound_at: datetime = moment_column()
    unreachable_at: datetime | None = maybe_moment_column()

    @property
    def address(self) -> str:
        return unseal(self.address_sealed, "address.address", self.id)

    @address.setter
    def address(self, text: str) -> None:
        self.address_sealed = seal(text, "address.address", self.id)
        self.address_index = address_index(self.channel, text)


def address_index(channel: str, address: str) -> bytes:
    return known_index(f"{channel}:{address}", "address.address")


def invite_index(code: str) -> bytes:
    return blind_index(code, "invite.code")
