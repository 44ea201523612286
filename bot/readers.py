"""What rows that are put into words together need of those who read them: asked once for them all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlmodel import Session, col, select

from reminders.ladder import Recipients
from storage.tables.members import Address, Member


class Readers:
    """Good for one transaction: whoever changes what the words depend on waits for its end."""

    def __init__(self, session: Session, member_ids: Collection[int]) -> None:
        self.people = Recipients(session, reachable=True)
        self.people.read(set(member_ids))
        of_readers = select(Member).where(col(Member.id).in_(member_ids))
        self._members = session.exec(of_readers).all() if member_ids else []  # to be known by their ids
        reached = (
            select(Address)
            .where(col(Address.member_id).in_(member_ids), col(Address.unreachable_at).is_(None))
            .order_by(col(Address.bound_at).desc())
        )
        self._addresses = defaultdict[int, list[Address]](list)
        for address in session.exec(reached) if member_ids else ():
            self._addresses[address.member_id].append(address)

    def addresses_of(self, member_id: int) -> Sequence[Address]:
        """Where the member is reached, the latest first."""
        return self._addresses[member_id]
