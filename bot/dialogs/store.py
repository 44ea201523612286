"""Drafts in the database: one row each, changed only from the revision one has seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace
from sqlalchemy import and_, bindparam, delete, false, insert, or_, select, true, update
from sqlmodel import Session

from bot.dialogs.engine import State, adopt
from casework.forms.catalog import FORMS, NOTE_FORMS
from casework.forms.form import Form
from locales.catalogue import N_
from locales.phrase import Value, load
from storage.errors import Conflict, Refused
from storage.ids import new_id
from storage.once import once
from storage.prepared import Prepared
from storage.queries.access import SPEAKER, Speaker, speaks_from
from storage.sealed import seal_data, unseal_data
from storage.tables import METADATA
from storage.tables.drafts import PLACE, Draft

_TABLE = METADATA.tables["draft"]
ALREADY_ANSWERED = N_("This question was answered a moment ago.")


def was_beaten(refusal: Refused) -> bool:
    """Whether it is the refusal of a step that another one came before."""
    return refusal.phrase.msgid == ALREADY_ANSWERED


class Open(Struct, frozen=True, dict=True):
    """A draft as it stands: which form, about what, and how far. `by_page`: the last step was made on a page of ours,
    so that the question in the chat may be an older one. `offered`: to which colleague it was offered, and the row
    of the outbox that asks them. `begun`: by question, who gave the answer before, and which. `chat`: where the
    question was last shown, as `Context.chat` tells chats apart; unknown in what was kept until 2026-11-30. `long_at`:
    when something so long was said last that it may go on (bot/cut.py).
    """

    id: int
    form: str
    form_version: int
    subject_id: int
    subject: Value
    active: bool
    revision: int
    state: State
    by_page: bool = False
    offered: tuple[int, int] | None = None
    begun: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    chat: str = ""
    long_at: datetime | None = None

    @once
    def stands(self) -> tuple[Form, State]:
        """The form as it is by now, and how far the draft is in it: a step asks for them at every turn."""
        form = FORMS[self.form]
        return form, self.state if self.form_version == form.version else adopt(form, self.state)

    def is_asked_in(self, chat: str) -> bool:
        """Whether the question that this chat shows last is the one that is asked: what is typed there answers it."""
        return not self.by_page and self.chat in ("", chat)

    def asks(self, revision: object, of_many: object) -> bool:
        """Whether a button belongs to what is asked now. One may tick faster than the ticks are shown: while their
        question (`of_many`) is asked, its options and what sends them hold."""
        asked = None if self.by_page or self.state.mode or self.offered else self.state.cursor
        return revision == self.revision or (of_many is not None and of_many == asked)


_COLUMNS = (
    _TABLE.c.id,
    _TABLE.c.form,
    _TABLE.c.form_version,
    _TABLE.c.subject_id,
    _TABLE.c.active,
    _TABLE.c.revision,
    _TABLE.c.state_sealed,
)
_OWN = select(*_COLUMNS).where(_TABLE.c.id == bindparam("draft"), _TABLE.c.member_id == bindparam("member"))
_BY_ID, _BY_ID_LOCKED = Prepared(_OWN), Prepared(_OWN.with_for_update())
_OF_MEMBER = select(*_COLUMNS).where(_TABLE.c.member_id == bindparam("member"))
_ALL = Prepared(_OF_MEMBER.order_by(_TABLE.c.updated_at.desc(), _TABLE.c.id))
_LONGEST = Prepared(_OF_MEMBER.order_by(_TABLE.c.updated_at, _TABLE.c.id))
_SUBJECT = and_(_TABLE.c.form == bindparam("form"), _TABLE.c.subject_id == bindparam("subject"))
_OF_SUBJECT = Prepared(_OF_MEMBER.where(_SUBJECT))
_OF_SUBJECT_OR_ACTIVE = Prepared(_OF_MEMBER.where(or_(_SUBJECT, _TABLE.c.active)))
_ACTIVE = Prepared(_OF_MEMBER.where(_TABLE.c.active))
_AT_FORM = and_(_TABLE.c.member_id == METADATA.tables["member"].c.id, _TABLE.c.active)
_SPEAKER = Prepared(
    {
        "sqlite": SPEAKER.add_columns(*_COLUMNS).outerjoin(_TABLE, _AT_FORM),
        # Where one waits here for another message of theirs the form has to be read after it.
        "postgresql": SPEAKER,
    }
)
_SPEAKS = len(SPEAKER.selected_columns)
_CREATE = Prepared(insert(_TABLE))
_STEP = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("draft"), _TABLE.c.revision == bindparam("seen"))
    .values(
        revision=bindparam("next"),
        form_version=bindparam("version"),
        state_sealed=bindparam("sealed"),
        updated_at=bindparam("moment"),
    )
)
_SAVE, _SAVE_BY_PAGE = Prepared(_STEP.values(active=true())), Prepared(_STEP)
_OFFER = Prepared(_STEP.values(active=false()))
_SAID_LONG = Prepared(
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("draft"), _TABLE.c.revision == bindparam("seen"))
    .values(state_sealed=bindparam("sealed"))
)
_PARK = Prepared(
    update(_TABLE).where(_TABLE.c.member_id == bindparam("member"), _TABLE.c.active).values(active=false())
)
_ACTIVATE = Prepared(update(_TABLE).where(_TABLE.c.id == bindparam("draft")).values(active=true()))
_DROP = Prepared(
    delete(_TABLE).where(_TABLE.c.id == bindparam("draft"), _TABLE.c.revision == bindparam("seen"))
)


def _opened(row: Sequence[Any]) -> Open:
    draft_id, form, version, subject_id, active, revision, sealed = row
    data = unseal_data(sealed, PLACE, draft_id)
    subject, state, by_page = load(data["subject"]), State.load(data), data.get("by_page", False)
    offered, begun = tuple(data["offered"]) if "offered" in data else None, data.get("begun", {})
    own = draft_id, form, version, subject_id, subject, active, revision, state
    long_at = datetime.fromisoformat(data["long_at"]) if "long_at" in data else None
    return Open(*own, by_page, offered, begun, data.get("chat", ""), long_at)


def _sealed(draft: Open) -> bytes:
    data = {**draft.state.dump(), "subject": draft.subject, "chat": draft.chat}
    if draft.by_page or draft.offered or draft.begun:
        more = {"by_page": draft.by_page, "offered": draft.offered, "begun": draft.begun}
        data |= {name: value for name, value in more.items() if value}
    if draft.long_at is not None:
        data["long_at"] = draft.long_at.isoformat()
    return seal_data(data, PLACE, draft.id)


def by_id(session: Session, member_id: int, draft_id: int, *, lock: bool = False) -> Open | None:
    """The member's own draft; somebody else's does not exist for them. With `lock` other steps wait for this one."""
    row = (_BY_ID_LOCKED if lock else _BY_ID).first(session, {"draft": draft_id, "member": member_id})
    return _opened(row) if row else None


def active(session: Session, member_id: int, found: Sequence[Any] = ()) -> Open | None:
    """The form that the member is at; `found` is what `speaker` found of it."""
    row = found or _ACTIVE.first(session, {"member": member_id})
    return _opened(row) if row and row[0] is not None else None


def speaker(session: Session, channel: str, address: str) -> tuple[Speaker | None, Sequence[Any]]:
    """Who writes, and what there is of the form that they are at: nothing if that was not asked. Both are needed for
    whatever is typed, and SQLite tells them at once."""
    row = _SPEAKER.first(session, speaks_from(channel, address))
    return (None, ()) if row is None else (Speaker(*row[:_SPEAKS]), row[_SPEAKS:])


def all_of(session: Session, member_id: int) -> list[Open]:
    """Every draft of the member, the latest first; those of one moment in the order in which they were made."""
    return [_opened(row) for row in _ALL.all(session, {"member": member_id})]


def notes_left(session: Session, member_id: int) -> list[Open]:
    """The notes that the member has still to finish, without those that a colleague is asked to: the one that was left
    alone for longest first, so that one which is put aside comes after the others."""
    found = (_opened(row) for row in _LONGEST.all(session, {"member": member_id}))
    return [one for one in found if one.form in NOTE_FORMS and one.offered is None]


def of_subject(session: Session, member_id: int, form: str, subject_id: int) -> Open | None:
    row = _OF_SUBJECT.first(session, {"member": member_id, "form": form, "subject": subject_id})
    return _opened(row) if row else None


def before(session: Session, member_id: int, form: str, subject_id: int) -> tuple[Open | None, bool]:
    """What there is before a form is opened: the draft of it that waits, and whether any of the member's is active."""
    values = {"member": member_id, "form": form, "subject": subject_id}
    rows = _OF_SUBJECT_OR_ACTIVE.all(session, values)
    own = next((row for row in rows if (row[1], row[3]) == (form, subject_id)), None)
    return _opened(own) if own is not None else None, any(row[4] for row in rows)


def create(
    session: Session,
    county_id: int,
    member_id: int,
    form: str,
    form_version: int,
    subject_id: int,
    subject: Value,
    state: State,
    *,
    now: datetime,
    days: int,
    by_page: bool = False,
    alone: bool = False,
    chat: str = "",
) -> Open:
    """A new draft, active, while the others of this member wait; `alone`, none of them was active. One begun on a page
    waits itself: what is typed in the chat is no answer to it."""
    if not by_page and not alone:
        park(session, member_id)
    draft = Open(
        new_id(), form, form_version, subject_id, subject, not by_page, 0, state, by_page, chat=chat
    )  # fmt: skip
    _add(session, draft, county_id, member_id, now=now, days=days)
    return draft


def _add(session: Session, draft: Open, county_id: int, member_id: int, *, now: datetime, days: int) -> None:
    values = {
        "id": draft.id,
        "county_id": county_id,
        "member_id": member_id,
        "form": draft.form,
        "form_version": draft.form_version,
        "subject_id": draft.subject_id,
        "active": draft.active,
        "revision": draft.revision,
        "state_sealed": _sealed(draft),
        "updated_at": now,
        "expires_at": now + timedelta(days=days),
    }
    _CREATE.write(session, values)


def save(
    session: Session,
    draft: Open,
    state: State,
    version: int,
    *,
    now: datetime,
    by_page: bool = False,
    chat: str = "",
) -> Open:
    """The draft after one step. It becomes the active one, unless the step was made on a page.

    Raises:
        Conflict: another message changed it meanwhile.
    """
    after = replace(
        draft,
        form_version=version,
        active=draft.active or not by_page,
        revision=draft.revision + 1,
        state=state,
        by_page=by_page,
        chat=chat,
        long_at=None,
    )
    _write(session, _SAVE_BY_PAGE if by_page else _SAVE, draft, after, now)
    return after


def _write(session: Session, statement: Prepared, draft: Open, after: Open, now: datetime) -> None:
    values = {
        "draft": draft.id,
        "seen": draft.revision,
        "next": after.revision,
        "version": after.form_version,
        "sealed": _sealed(after),
        "moment": now,
    }
    if statement.write(session, values) != 1:
        raise Conflict(ALREADY_ANSWERED)


def said_long(session: Session, draft: Open, at: datetime | None) -> Open:
    """When something long was said, or that it is over. What is asked is the same, and so is the revision; a step that
    was made meanwhile is left as it is."""
    after = replace(draft, long_at=at)
    _SAID_LONG.write(session, {"draft": draft.id, "seen": draft.revision, "sealed": _sealed(after)})
    return after


def park(session: Session, member_id: int) -> None:
    """No draft of the member is active any more; they all wait."""
    _PARK.write(session, {"member": member_id})


def activate(session: Session, member_id: int, draft_id: int) -> None:
    """The member turns to this draft; the others wait. What it asks is the same, and so is its revision."""
    park(session, member_id)
    _ACTIVATE.write(session, {"draft": draft_id})


def drop(session: Session, draft: Open) -> None:
    """The dialog is over. Raises `Conflict` when another message ended or changed it first."""
    if _DROP.write(session, {"draft": draft.id, "seen": draft.revision}) != 1:
        raise Conflict(ALREADY_ANSWERED)


# --- given to a colleague --------------------------------------------------------------------------------------------


def offer(session: Session, draft: Open, to: tuple[int, int] | None, *, now: datetime) -> Open:
    """The draft, offered to a colleague or taken back. It waits, and the buttons shown before are old ones."""
    after = replace(draft, offered=to, active=False, revision=draft.revision + 1)
    _write(session, _OFFER, draft, after, now)
    return after


def offered_to(session: Session, member_id: int, draft_id: int) -> tuple[Open, int] | None:
    """A draft that is offered to this member, and whose it is."""
    row = session.get(Draft, draft_id, with_for_update=True, populate_existing=True)
    draft = by_id(session, row.member_id, draft_id) if row is not None else None
    if row is None or draft is None or draft.offered is None or draft.offered[0] != member_id:
        return None
    return draft, row.member_id


def move(
    session: Session,
    draft: Open,
    giver_id: int,
    county_id: int,
    taker_id: int,
    *,
    now: datetime,
    days: int,
    chat: str = "",
) -> Open:
    """The draft as the taker's own, under a number of its own. Who gave which answer stays with it."""
    begun: dict[str, Sequence[Any]] = {}
    for key, value in draft.state.answers.items():
        before = draft.begun.get(key)
        begun[key] = before if before is not None and before[1] == value else (giver_id, value)
    drop(session, draft)
    park(session, taker_id)
    taken = replace(
        draft, id=new_id(), active=True, revision=0, by_page=False, offered=None, begun=begun, chat=chat
    )  # fmt: skip
    _add(session, taken, county_id, taker_id, now=now, days=days)
    return taken
