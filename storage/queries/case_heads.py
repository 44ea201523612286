"""Cases as a search needs them: all that somebody may read, the names still sealed. What it finds is read whole."""

from __future__ import annotations

from msgspec import Struct
from sqlalchemy import bindparam, select
from sqlmodel import Session, col

from storage.prepared import Prepared
from storage.queries.access import Actor
from storage.queries.recusals import free_for
from storage.sealed import unseal
from storage.tables.cases import NAME, NAME_KEYS, Case, Person
from storage.tables.counties import Unit


class CaseHead(Struct, frozen=True):
    """A case, whom it is about, and their unit. A name is opened when it is asked for."""

    case_id: int
    code: str
    person_id: int
    name_sealed: bytes
    name_keys_sealed: bytes
    unit: str

    @property
    def name(self) -> str:
        return unseal(self.name_sealed, NAME, self.person_id)

    @property
    def name_keys(self) -> str:
        return unseal(self.name_keys_sealed, NAME_KEYS, self.person_id)


_OF_COUNTY = (
    select(
        col(Case.id),
        col(Case.code),
        col(Person.id),
        col(Person.name_sealed),
        col(Person.name_keys_sealed),
        col(Unit.name),
    )
    .join(Person, col(Person.id) == Case.person_id)
    .join(Unit, col(Unit.id) == Person.unit_id)
    .where(col(Case.county_id) == bindparam("county"), free_for(bindparam("member")))
    .order_by(col(Case.code))
)
_ALL = Prepared(_OF_COUNTY)
_OWN = Prepared(_OF_COUNTY.where(col(Case.care_officer_id) == bindparam("member")))


def readable(session: Session, actor: Actor) -> list[CaseHead]:
    """By code: every case of the county for the office, for anybody else those they are the care officer of; without
    those they keep out of."""
    values = {"county": actor.county_id, "member": actor.member_id}
    return [CaseHead(*row) for row in (_ALL if actor.in_office else _OWN).all(session, values)]
