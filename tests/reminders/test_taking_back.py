"""Taking back what was said in a form: in each chat in which something of it stands, and in no other."""

from __future__ import annotations

from sqlmodel import Session

from reminders import outbox, taking_back
from storage.lane import Lane
from storage.tables.mail import Inbox
from tests import make
from tests.make import NOW

DRAFT = 77


def test_each_chat_in_which_it_was_said_is_cleared_once(lane: Lane) -> None:
    def unit(session: Session) -> list[tuple[str | None, object]]:
        town = make.town(session)
        for number, (channel, about) in enumerate(
            (("telegram", DRAFT), ("telegram", DRAFT), ("wecom", DRAFT), ("sandbox", DRAFT + 1))
        ):
            said = Inbox(channel=channel, event_id=f"e{number}", received_at=NOW, about=about, receipt="1")
            session.add(said)
        session.flush()
        for _ in range(2):  # it came to its end twice at once
            taking_back.of_form(session, DRAFT, town.county, town.officer, now=NOW)
        found = make.mail(session, taking_back.KIND)
        return [(row.channel, outbox.payload_of(row.id, row.payload_sealed)["draft"]) for row in found]

    assert sorted(lane.run_now(unit)) == [("telegram", DRAFT), ("wecom", DRAFT)]
