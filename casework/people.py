"""Members: adding them, inviting them, binding their chats, suspending them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from casework.names import tidy
from locales.catalogue import LANGUAGES, N_
from locales.phrase import Name, Word
from reminders import makers, rules, schedule
from reminders.mechanism import mechanism_of
from storage import audit
from storage.errors import Conflict, NotFound, Refused
from storage.ids import code
from storage.queries.access import Actor
from storage.sealed import blind_index
from storage.tables.cases import Case
from storage.tables.counties import County, Unit
from storage.tables.members import (
    Address,
    Duty,
    Invite,
    Member,
    MemberRole,
    MemberState,
    Role,
    address_index,
    invite_index,
)

NAME_LENGTH = 30
NO_SUCH_MEMBER = N_("There is no member {id}. “fangpingcha member list” shows them all.")


@dataclass(frozen=True)
class NewMember:
    """What is needed to add a member. `scope` fields say for what the role holds."""

    name: str
    role: Role
    unit: str | None = None
    duty: Duty | None = None
    supervisor_id: int | None = None
    person_id: int | None = None
    language: str | None = None


def add_county(session: Session, county_code: str, name: str, zone: str, *, now: datetime) -> County:
    county_code = county_code.strip().upper()
    if len(county_code) != 2 or not (county_code.isascii() and county_code.isalpha()):
        raise Refused(N_("A county code is two letters, for example JA; “{code}” is not."), code=county_code)
    if set(county_code) & set("IO"):
        raise Refused(
            N_("“{code}” has a letter that looks like a digit. Please choose letters other than I and O."),
            code=county_code,
        )
    if session.exec(select(County).where(County.code == county_code)).first():
        raise Conflict(N_("There is a county {code} already."), code=county_code)
    county = County(code=county_code, name=name.strip(), zone=zone, created_at=now)
    session.add(county)
    session.flush()
    audit.record(session, None, "county_added", "county", county.id, now=now, county_id=county.id)
    return county


def unit_called(session: Session, county_id: int, name: str) -> Unit:
    """The unit of this name, made if need be."""
    unit = session.exec(select(Unit).where(Unit.county_id == county_id, Unit.name == name)).first()
    if unit is None:
        unit = Unit(county_id=county_id, name=name)
        session.add(unit)
        session.flush()
    return unit


def add_member(
    session: Session, county: County, data: NewMember, *, now: datetime, actor: Actor | None = None
) -> Member:
    """Add a member with one role. Cases that a roster gave to an officer of this name are linked at once."""
    name = tidy(data.name)
    if not name or len(name) > NAME_LENGTH:
        raise Refused(
            N_("A name has 1 to {limit} characters; “{name}” does not."), limit=NAME_LENGTH, name=Name(name)
        )
    if data.role is Role.administrator and data.duty is None:
        raise Refused(N_("An administrator needs a duty: system, security or audit."))
    unit = unit_called(session, county.id, tidy(data.unit)) if data.unit else None
    member = Member(
        number=(session.exec(select(func.max(Member.number))).one() or 0) + 1,
        county_id=county.id,
        unit_id=unit.id if unit else None,
        supervisor_id=data.supervisor_id,
        language=data.language,
        name_sealed=b"",
        name_index=b"",
        created_at=now,
    )
    member.name = name
    session.add(member)
    session.flush()
    grant(session, member, data, now=now, actor=actor)
    audit.record(
        session,
        actor,
        "member_added",
        "member",
        member.id,
        now=now,
        county_id=county.id,
        role=data.role.value,
    )
    return member


def known_member(session: Session, county: County, data: NewMember) -> Member | None:
    """The active member who is meant: of this name and unit, or the only one of this name where no unit is given."""
    query = (
        select(Member, Unit.name)
        .join(Unit, col(Unit.id) == Member.unit_id, isouter=True)
        .where(Member.county_id == county.id, Member.state == MemberState.active)
        .where(Member.name_index == blind_index(tidy(data.name), "member.name"))
    )
    found = [member for member, unit in session.exec(query) if data.unit is None or unit == tidy(data.unit)]
    return found[0] if len(found) == 1 else None


def extend_member(
    session: Session, member: Member, data: NewMember, *, now: datetime, actor: Actor | None = None
) -> None:
    """Give a member another role, another supervisor, or both."""
    if data.supervisor_id is not None:
        member.supervisor_id = data.supervisor_id
    held = session.exec(
        select(MemberRole.duty).where(MemberRole.member_id == member.id, MemberRole.role == data.role)
    ).all()
    if (data.duty.value if data.duty else None) not in held:
        grant(session, member, data, now=now, actor=actor)
    audit.record(
        session,
        actor,
        "member_extended",
        "member",
        member.id,
        now=now,
        county_id=member.county_id,
        role=data.role.value,
    )


def grant(session: Session, member: Member, data: NewMember, *, now: datetime, actor: Actor | None) -> None:
    """Give a member a role with its scope."""
    session.add(
        MemberRole(
            county_id=member.county_id,
            member_id=member.id,
            role=data.role,
            unit_id=member.unit_id if data.role is Role.unit_party_org else None,
            duty=data.duty.value if data.duty else None,
            person_id=data.person_id,
        )
    )
    if data.role is Role.care_officer:
        _first_morning(session, member, now)
        _link_waiting_cases(session, member, now=now, actor=actor)
    session.flush()
    if data.role is Role.unit_party_org and member.unit_id is not None:
        _first_morning(session, member, now)
        actor_id = actor.member_id if actor else None
        makers.speaker_changed(session, member.unit_id, now=now, actor_id=actor_id)
    if data.role is Role.commission_staff:
        actor_id = actor.member_id if actor else None
        makers.office_changed(session, member.county_id, now=now, actor_id=actor_id)


def _first_morning(session: Session, member: Member, now: datetime) -> None:
    """Whoever makes visits or gives opinions hears each morning of what there is to do."""
    mechanism = mechanism_of(session, member.county_id)
    member.digest_at = rules.next_digest(now, mechanism.rulebook, mechanism.calendar, mechanism.zone)


def _link_waiting_cases(session: Session, officer: Member, *, now: datetime, actor: Actor | None) -> None:
    query = select(Case).where(
        Case.county_id == officer.county_id,
        col(Case.care_officer_id).is_(None),
        col(Case.awaits_officer_sealed).is_not(None),
    )
    for case in session.exec(query).all():
        if case.awaits_officer == officer.name:
            case.care_officer_id, case.awaits_officer = officer.id, None
            schedule.hand_over(
                session, case, officer.id, now=now, actor_id=actor.member_id if actor else None
            )
            audit.record(session, actor, "officer_linked", "case", case.id, now=now, county_id=case.county_id)


def invite(
    session: Session, member_id: int, *, now: datetime, actor: Actor | None = None
) -> tuple[str, datetime]:
    """A new one-time code for a member and until when it holds; codes given out before no longer do."""
    member = _active(session, member_id)
    for old in session.exec(
        select(Invite).where(Invite.member_id == member_id, col(Invite.used_at).is_(None))
    ):
        session.delete(old)
    secret = code(14)  # 70 random bits
    days = mechanism_of(session, member.county_id).rulebook.limits.invite_days
    expires_at = now + timedelta(days=days)
    session.add(
        Invite(
            county_id=member.county_id,
            member_id=member.id,
            code_index=invite_index(secret),
            expires_at=expires_at,
            created_at=now,
        )
    )
    audit.record(session, actor, "invited", "member", member.id, now=now, county_id=member.county_id)
    return secret, expires_at


def bind(session: Session, channel: str, address: str, secret: str, *, now: datetime) -> Member:
    """Bind a chat identity to the member who was given this code. A code works once; two at once have one winner."""
    wrong = N_("This code is not valid or was used before. Please ask the commission's office for a new one.")
    found = session.exec(
        select(Invite).where(Invite.code_index == invite_index(secret.upper())).with_for_update()
    ).first()
    if found is None or found.used_at is not None or found.expires_at <= now:
        raise Refused(wrong)
    member = session.get(Member, found.member_id)
    if member is None or member.state != MemberState.active:
        raise Refused(wrong)
    taken = session.exec(
        select(Address).where(
            Address.channel == channel, Address.address_index == address_index(channel, address)
        )
    ).first()
    if taken is not None:
        raise Conflict(
            N_("This chat is already bound to a member. To change it, please ask the commission's office.")
        )
    found.used_at = now
    bind_address(session, member, channel, address, now=now)
    audit.record(
        session, None, "bound", "member", member.id, now=now, county_id=member.county_id, channel=channel
    )
    return member


def bind_known(session: Session, member_id: int, channel: str, address: str, *, now: datetime) -> Member:
    """Bind the address of a member that the office knows, without a code. From now on messages go there."""
    member = _active(session, member_id)
    taken = session.exec(
        select(Address).where(
            Address.channel == channel, Address.address_index == address_index(channel, address)
        )
    ).first()
    if taken is not None:
        raise Conflict(N_("This address is bound to a member already; nothing was changed."))
    bind_address(session, member, channel, address, now=now)
    audit.record(
        session, None, "bound", "member", member.id, now=now, county_id=member.county_id, channel=channel
    )
    return member


def bind_address(session: Session, member: Member, channel: str, address: str, *, now: datetime) -> Address:
    bound = Address(
        county_id=member.county_id,
        member_id=member.id,
        channel=channel,
        address_sealed=b"",
        address_index=b"",
        bound_at=now,
    )
    bound.address = address
    session.add(bound)
    session.flush()
    return bound


def reached(session: Session, channel: str, address: str, works: bool, *, now: datetime) -> None:
    """Note that an address works again, or that it no longer does."""
    bound = session.exec(
        select(Address).where(
            Address.channel == channel, Address.address_index == address_index(channel, address)
        )
    ).first()
    if bound is not None and (bound.unreachable_at is None) != works:
        bound.unreachable_at = None if works else now


def suspend(session: Session, member_id: int, *, now: datetime, actor: Actor | None = None) -> Member:
    """The member may do nothing from now on, and receives nothing; their reminders go to the next in line."""
    member = _active(session, member_id)
    member.state = MemberState.suspended
    member.digest_at = None
    session.flush()
    if member.unit_id is not None:
        actor_id = actor.member_id if actor else None
        makers.speaker_changed(session, member.unit_id, now=now, actor_id=actor_id)
    makers.office_changed(session, member.county_id, now=now, actor_id=actor.member_id if actor else None)
    audit.record(session, actor, "suspended", "member", member.id, now=now, county_id=member.county_id)
    return member


def set_language(session: Session, actor: Actor, language: str, *, now: datetime) -> None:
    if language not in LANGUAGES:
        raise Refused(N_("There are two languages: {zh} and {en}."), zh=Word("中文"), en=Word("English"))
    member = _active(session, actor.member_id)
    member.language = language
    audit.record(session, actor, "language_set", "member", member.id, now=now, language=language)


def member_numbered(session: Session, number: int) -> Member:
    """The member whom operators call by this number."""
    member = session.exec(select(Member).where(Member.number == number)).first()
    if member is None:
        raise NotFound(NO_SUCH_MEMBER, id=Word(str(number)))
    return member


def _active(session: Session, member_id: int) -> Member:
    member = session.get(Member, member_id)
    if member is None:
        raise NotFound(NO_SUCH_MEMBER, id=Word(str(member_id)))
    if member.state != MemberState.active:
        raise Refused(N_("Member {id} is suspended."), id=Word(str(member.number)))
    return member
