"""Taking back from the chats what was said in a form: one row of the outbox for each chat in which something stands.

Which messages those are is found when the row is sent (bot/parcels.py). A row that is sent twice takes back nothing
more. What a vendor deletes no more is reduced to one word, where it can still be changed.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, select, union
from sqlmodel import Session

from locales.catalogue import N_
from reminders import outbox
from storage.tables import METADATA

KIND = outbox.REMOVAL
# The one word that may be left of a message: what became of the form that it belonged to.
TAKEN_BACK = N_("Taken back")
CLOSED = {"recorded": N_("Recorded"), "submitted": N_("Submitted")}

_INBOX, _OUTBOX = METADATA.tables["inbox"], METADATA.tables["outbox"]
_CHATS = union(
    *(
        select(table.c.channel).where(table.c.about == bindparam("draft"), table.c.channel.is_not(None))
        for table in (_INBOX, _OUTBOX)
    )
)


def of_form(
    session: Session, draft_id: int, county_id: int, member_id: int, *, said: str = TAKEN_BACK, now: datetime
) -> None:
    """A form came to its end: have all taken back that was said in it, wherever that was; once."""
    for channel in sorted(session.execute(_CHATS, {"draft": draft_id}).scalars()):
        row = outbox.row(
            KIND,
            now=now,
            county_id=county_id,
            member_id=member_id,
            payload={"draft": draft_id, "said": said},
            dedupe=f"{KIND}:{draft_id}:{channel}",
            channel=channel,
        )
        outbox.put_once(session, row)
