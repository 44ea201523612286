"""Who is asking, and the one door to each record.

Every door takes the session, the actor and an id or code, states one condition a line, and answers a record that
does not exist and a record that is not the actor's with the same `NotFound`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Literal

from msgspec import Struct
from sqlalchemy import bindparam
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, or_, select

from locales.catalogue import N_
from locales.phrase import Term
from storage.bulk import asking_among, listed
from storage.errors import NotFound, Refused
from storage.prepared import Prepared
from storage.queries.heads import VisitHead, head
from storage.queries.leaves import covers
from storage.queries.recusals import is_barred
from storage.queries.units import speaks_for
from storage.sealed import unseal
from storage.tables import METADATA
from storage.tables.calls import SafetyCall
from storage.tables.cases import Case, CaseState
from storage.tables.leaves import Leave
from storage.tables.members import Member, MemberRole, MemberState, Role, address_index
from storage.tables.visits import Visit, VisitKind, VisitState

NO_SUCH_CASE = N_("No case “{query}” was found among those you may see. Please check the code or the name.")
NO_CASE = N_("No case was found among those you may see.")
NO_SUCH_VISIT = N_("This task is no longer open, or it is not yours.")
NO_SUCH_CALL = N_("This matter is not among those you may see.")
NO_VISITS_NOW = N_(
    "No visits are arranged in this case for now, so nothing was changed. Those who make them are told when they go on."
)
NO_SUCH_LEAVE = N_("This leave is over or was withdrawn, or it is not yours.")
NOT_FOR_YOU = N_("This is not among what your role may do. Send “{word}” to see what is.")

AnyVisit = Visit | VisitHead
OFFICE = frozenset({Role.commission_staff, Role.leader})


class Actor(Struct, frozen=True):
    """A member in action, with all roles they hold."""

    member_id: int
    county_id: int
    roles: frozenset[Role]
    language: str

    def has(self, *roles: Role) -> bool:
        return not self.roles.isdisjoint(roles)

    @property
    def in_office(self) -> bool:
        """Whether this is somebody of the commission who may see the content of every case of the county."""
        return not self.roles.isdisjoint(OFFICE)


class Speaker(Struct):
    """What an incoming message needs of its member: read with one plain statement, where most steps need no more."""

    id: int
    county_id: int
    language: str | None
    state: str
    name_sealed: bytes
    lost: bool = False  # they could not be reached where they now speak from

    @property
    def name(self) -> str:
        return unseal(self.name_sealed, "member.name", self.id)


_MEMBER, _ADDRESS = METADATA.tables["member"], METADATA.tables["address"]
_ROLES = METADATA.tables["memberrole"]
SPEAKER = (
    select_columns(
        _MEMBER.c.id,
        _MEMBER.c.county_id,
        _MEMBER.c.language,
        _MEMBER.c.state,
        _MEMBER.c.name_sealed,
        _ADDRESS.c.unreachable_at.is_not(None),
    )
    .join(_ADDRESS, _ADDRESS.c.member_id == _MEMBER.c.id)
    .where(_ADDRESS.c.channel == bindparam("channel"), _ADDRESS.c.address_index == bindparam("index"))
    # Two messages of one person at once: the second sees what the first did. Rows that point here are not held up.
    .with_for_update(of=_MEMBER, key_share=True)
)
_SPEAKER = Prepared(SPEAKER)


def speaker_at(session: Session, channel: str, address: str) -> Speaker | None:
    """The member whom a chat identity is bound to, suspended or not; None for a stranger."""
    row = _SPEAKER.first(session, speaks_from(channel, address))
    return Speaker(*row) if row is not None else None


def speaks_from(channel: str, address: str) -> dict[str, object]:
    """What `SPEAKER` is asked with."""
    return {"channel": channel, "index": address_index(channel, address)}


_ROLES_OF = Prepared(select_columns(_ROLES.c.role).where(_ROLES.c.member_id == bindparam("member")))


def actor_of(session: Session, member: Member | Speaker, language: str) -> Actor:
    roles = frozenset(role for (role,) in _ROLES_OF.all(session, {"member": member.id}))
    return Actor(member.id, member.county_id, roles, member.language or language)


def require(actor: Actor, *roles: Role) -> None:
    """Raises `Refused` unless the actor holds one of `roles`."""
    if not actor.has(*roles):
        raise Refused(NOT_FOR_YOU, word=Term(N_("help")))


def access_case(session: Session, actor: Actor, case: int | str, *, lock: bool = False) -> Case:
    """The case with this id or code, for somebody who may see its content: the office, or its care officer.

    With `lock` as it stands now, and nobody else changes it meanwhile.
    """
    column = Case.id if isinstance(case, int) else Case.code
    nothing = NotFound(NO_CASE) if isinstance(case, int) else NotFound(NO_SUCH_CASE, query=case)
    query = select(Case).where(col(column) == case)
    if lock:
        # Rows that point here are not held up.
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    found = session.exec(query).first()
    if (
        found is None
        or found.county_id != actor.county_id
        or not (
            actor.in_office or (actor.has(Role.care_officer) and found.care_officer_id == actor.member_id)
        )
        or is_barred(session, actor.member_id, found.id)
    ):
        raise nothing
    return found


def access_case_to_record(
    session: Session, actor: Actor, case_id: int, *, today: date, lock: bool = False, resting: bool = False
) -> Case:
    """An open case, for whoever may write down what took place in it: its care officer, or today their cover.
    `lock` as in `access_case`, `resting` as in `access_visit`."""
    query = select(Case).where(Case.id == case_id)
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    found = session.exec(query).first()
    if (
        found is None
        or found.county_id != actor.county_id
        or (found.state != CaseState.open and not resting)
        or not actor.has(Role.care_officer)
        or not (
            found.care_officer_id == actor.member_id
            or covers(session, actor.member_id, found.care_officer_id, today, today)
        )
        or is_barred(session, actor.member_id, found.id)
    ):
        raise NotFound(NO_CASE)
    return found


def access_case_to_review(session: Session, actor: Actor, case_id: int, *, lock: bool = False) -> Case:
    """An open case, for somebody of the office who sums up how it stands. `lock` as in `access_case`."""
    require(actor, Role.commission_staff)
    found = access_case(session, actor, case_id, lock=lock)
    if found.state != CaseState.open:
        raise Refused(NO_VISITS_NOW)
    return found


def access_case_to_warn(session: Session, actor: Actor, case_id: int, *, today: date) -> Case:
    """A case, in whatever state, for whoever may see of its person that they are in danger: the office, its care
    officer or their cover, whoever makes a visit in it, the officer's supervisor, whoever speaks for the unit."""
    case = session.exec(select(Case).where(Case.id == case_id)).first()
    if (
        case is None
        or case.county_id != actor.county_id
        or not (actor.in_office or _meets(session, actor, case, today) or _leads(session, actor, case))
        or is_barred(session, actor.member_id, case.id)
    ):
        raise NotFound(NO_CASE)
    return case


def _meets(session: Session, actor: Actor, case: Case, today: date) -> bool:
    if actor.has(Role.unit_party_org) and speaks_for(session, actor.member_id, case.id):
        return True
    if not actor.has(Role.care_officer):
        return False
    officers = select(Visit.officer_id).where(Visit.case_id == case.id, Visit.state == VisitState.planned)
    theirs = {case.care_officer_id, *session.exec(officers)}
    return actor.member_id in theirs or any(
        covers(session, actor.member_id, one, today, today) for one in theirs
    )


def _leads(session: Session, actor: Actor, case: Case) -> bool:
    if not actor.has(Role.supervisor) or case.care_officer_id is None:
        return False
    query = select(Member.supervisor_id).where(Member.id == case.care_officer_id)
    return session.exec(query).first() == actor.member_id


def access_visit(
    session: Session,
    actor: Actor,
    visit_id: int,
    *,
    to: Literal["record", "direct"],
    today: date | None = None,
    lock: bool = True,
    resting: bool = False,
) -> Visit:
    """An open visit, for its officer (`record`) or for the officer's supervisor (`direct`).

    With `today` also for whoever covers for the officer on that day. A supervisor is never the one who directs a
    visit that is theirs to make: it falls to the next in line. `resting`: also one that is not to be made for now,
    because its case is on hold or closed.

    Raises:
        NotFound: no such visit, it is over, or not the actor's.
        Refused: its case is on hold or closed; which of them is not said.
    """
    visit = session.exec(_VISIT_LOCKED if lock else _VISIT, params={"visit": visit_id}).first()
    if visit is None or not _is_theirs(session, actor, visit, to, today):
        raise NotFound(NO_SUCH_VISIT)
    # With `lock` the case stays what it is until the end of the transaction. The visit is locked first, here and by
    # whoever puts a case on hold (casework/standing.py), so that neither waits for the other.
    found = (_CASE_STATE_LOCKED if lock else _CASE_STATE).first(session, {"case": visit.case_id})
    _must_be_open(visit, None if found is None else found[0], resting=resting)
    return visit


def see_visit(
    session: Session, actor: Actor, of: int | VisitHead, *, to: Literal["record", "direct"], today: date
) -> VisitHead:
    """The same door for somebody who changes nothing yet: to what it shows of a visit, and locking nothing. A head that
    was read for this message is not read again; whose it is, is asked of it as of any other."""
    visit = of if isinstance(of, VisitHead) else head(session, of)
    if visit is None or not _is_theirs(session, actor, visit, to, today):
        raise NotFound(NO_SUCH_VISIT)
    _must_be_open(visit, visit.case_state)
    return visit


def _is_theirs(
    session: Session, actor: Actor, visit: AnyVisit, to: Literal["record", "direct"], today: date | None
) -> bool:
    if visit.county_id != actor.county_id:
        return False
    if visit.state == VisitState.done:
        return False
    return (_may_record if to == "record" else may_direct)(session, actor, visit, today)


def _must_be_open(visit: AnyVisit, case: CaseState | None, *, resting: bool = False) -> None:
    if case is not CaseState.open:
        if not resting:
            raise Refused(NO_VISITS_NOW)
    elif visit.state != VisitState.planned:
        raise NotFound(NO_SUCH_VISIT)


_VISIT = select(Visit).where(Visit.id == bindparam("visit"))
_VISIT_LOCKED = _VISIT.with_for_update()
_CASES = METADATA.tables["care_case"]
_STATE = select_columns(_CASES.c.state).where(_CASES.c.id == bindparam("case"))
_CASE_STATE, _CASE_STATE_LOCKED = Prepared(_STATE), Prepared(_STATE.with_for_update(read=True))


def makes(session: Session, actor: Actor, visit: AnyVisit, today: date | None) -> bool:
    """Whether the visit is the actor's to make: as its officer, or as their cover; never where they are recused."""
    if visit.officer_id != actor.member_id and (
        today is None or not covers(session, actor.member_id, visit.officer_id, visit.due_on, today)
    ):
        return False
    return not is_barred(session, actor.member_id, visit.case_id)


def _may_record(session: Session, actor: Actor, visit: AnyVisit, today: date | None) -> bool:
    if visit.kind == VisitKind.unit_opinion:  # any of those who speak for the unit may give it
        return actor.has(Role.unit_party_org) and speaks_for(session, actor.member_id, visit.case_id)
    if visit.kind == VisitKind.review:  # so may any of the office sum up
        return actor.has(Role.commission_staff) and not is_barred(session, actor.member_id, visit.case_id)
    return actor.has(Role.care_officer) and makes(session, actor, visit, today)


def may_hear(session: Session, actor: Actor, visit: Visit, today: date) -> bool:
    """Whether a reminder of the visit may be sent to the actor: theirs to make, or theirs to oversee."""
    return makes(session, actor, visit, today) or may_direct(session, actor, visit, today)


def may_direct(session: Session, actor: Actor, visit: AnyVisit, today: date | None) -> bool:
    """Whether the actor oversees whoever makes the visit: of the office, or the officer's supervisor."""
    if actor.member_id == visit.officer_id or makes(session, actor, visit, today):
        return False
    if not actor.in_office:
        if not actor.has(Role.supervisor) or visit.officer_id is None:
            return False
        supervisor = session.exec(select(Member.supervisor_id).where(Member.id == visit.officer_id)).first()
        if supervisor != actor.member_id:
            return False
    return not is_barred(session, actor.member_id, visit.case_id)


def access_call(session: Session, actor: Actor, call_id: int, *, today: date) -> SafetyCall:
    """A safety call, open or not, for those who may know of it."""
    call = session.exec(select(SafetyCall).where(SafetyCall.id == call_id).with_for_update()).first()
    if call is None or call.county_id != actor.county_id or not may_know_call(session, actor, call, today):
        raise NotFound(NO_SUCH_CALL)
    return call


def may_know_call(session: Session, actor: Actor, call: SafetyCall, today: date) -> bool:
    """Whether the actor is of the office, looks after the case (or covers for who does), saw the danger, or is the
    supervisor of the care officer; never somebody who keeps out of the case."""
    if is_barred(session, actor.member_id, call.case_id):
        return False
    if actor.in_office:
        return True
    if actor.has(Role.care_officer) and (
        actor.member_id in (call.officer_id, call.opened_by)
        or covers(session, actor.member_id, call.officer_id, today, today)
    ):
        return True
    if not actor.has(Role.supervisor) or call.officer_id is None:
        return False
    supervisor = session.exec(select(Member.supervisor_id).where(Member.id == call.officer_id)).first()
    return supervisor == actor.member_id


def access_leave(session: Session, actor: Actor, leave_id: int, *, today: date) -> Leave:
    """The actor's own leave that is not over."""
    leave = session.exec(select(Leave).where(Leave.id == leave_id).with_for_update()).first()
    if (
        leave is None
        or leave.county_id != actor.county_id
        or leave.member_id != actor.member_id
        or leave.withdrawn_at is not None
        or leave.last_on < today
    ):
        raise NotFound(NO_SUCH_LEAVE)
    return leave


def active_members(session: Session, county_id: int, role: Role) -> list[Member]:
    """The active members of a county who hold a role, oldest first."""
    query = (
        select(Member)
        .join(MemberRole, col(MemberRole.member_id) == Member.id)
        .where(
            MemberRole.county_id == county_id,
            MemberRole.role == role,
            Member.state == MemberState.active,
        )
        .order_by(col(Member.id))
    )
    return list(session.exec(query).unique().all())


def holders(
    session: Session, county_ids: Sequence[int], roles: Sequence[Role]
) -> dict[tuple[int, Role], list[int]]:
    """The ids of the `active_members` of several counties and roles."""
    found: dict[tuple[int, Role], list[int]] = {(county, role): [] for county in county_ids for role in roles}
    for county_id, role, member_id in _holding(tuple(roles)).all(session, listed(session, county_ids)):
        found[county_id, role].append(member_id)
    return found


@cache
def _holding(roles: tuple[Role, ...]) -> Prepared:
    return asking_among(
        lambda among: (
            select_columns(_ROLES.c.county_id, _ROLES.c.role, _ROLES.c.member_id)
            .distinct()
            .join(_MEMBER, _MEMBER.c.id == _ROLES.c.member_id)
            .where(
                among(_ROLES.c.county_id),
                or_(*(_ROLES.c.role == role for role in roles)),
                _MEMBER.c.state == MemberState.active,
            )
            .order_by(_ROLES.c.member_id)
        )
    )
