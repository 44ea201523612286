"""What a command or a dialog is given: the transaction, who speaks, and what time it is for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from msgspec import Struct, field
from sqlmodel import Session

from bot.channels.disclosure import Level
from locales.phrase import Reader
from reminders.ladder import Recipients
from reminders.mechanism import Mechanism, mechanism_of
from storage.once import once
from storage.queries.access import Actor, Speaker, actor_of
from storage.queries.heads import VisitHead, head
from storage.tables.members import Member


class Context(Struct, dict=True):
    """One incoming message, or one outgoing notice, of one member."""

    session: Session
    member: Member | Speaker
    now: datetime
    level: Level
    default_language: str
    public_url: str | None = None  # where our pages are reached, if they are
    on_page: bool = False  # the member is on one of them, not in a chat
    channel: str = ""  # where the member speaks
    chat: str = ""  # in which of its chats, by a short print that tells it from all others of the member
    buttons: int | None = None  # of one message that it shows; more are a numbered list
    at_once: int = 0  # how many questions it can ask in one message
    edits: bool = False  # whether a message that it showed can be changed
    ticks: bool = False  # something was ticked: the answer takes the place of the question
    call: int | None = None  # the safety call that the answer tells of, and is to be true to
    reachable: Recipients | None = None  # of several notices that are put into words together
    # What is found once a message: what surrounds open forms, and the heads of visits.
    memo: dict[object, object] = field(default_factory=dict)
    at_form: Sequence[object] = ()  # the form that they are at, as it was found with who speaks, if it was
    # The form in which the message was said, and the forms that it brought to their end.
    said_in: int | None = None
    took: bool = False  # the form that is open took it as an answer
    named_somebody: bool = False  # the message names or shows a person, on a channel that may not know whom
    dictates: bool = False  # what is said into a form can be written down
    wants_file: str | None = None  # what a file that was sent is to be: the answer to which question
    ended: dict[int, str] = field(default_factory=dict)  # each with the word that may be left of it
    # What others gave of what is handed in: those who had the draft before.
    begun: dict[int, dict[str, Any]] = field(default_factory=dict)
    opened: int | None = None  # the form that a page is to show

    @property
    def language(self) -> str:
        return self.member.language or self.default_language

    @once
    def actor(self) -> Actor:
        return actor_of(self.session, self.member, self.default_language)

    @once
    def mechanism(self) -> Mechanism:
        return mechanism_of(self.session, self.member.county_id)

    @once
    def people(self) -> Recipients:
        """Who hears of visits, among those whom a message reaches."""
        return self.reachable or Recipients(self.session, reachable=True)

    def visit(self, visit_id: int) -> VisitHead | None:
        """What a visit is, for somebody who has passed its door or is about to."""
        key = (VisitHead, visit_id)
        if key not in self.memo:
            self.memo[key] = head(self.session, visit_id)
        found = self.memo[key]
        return found if isinstance(found, VisitHead) else None

    def forget(self) -> None:
        """What was found for a message holds the message: else names and answers would wait for the collector."""
        self.memo.clear()

    @once
    def today(self) -> date:
        return self.mechanism.day(self.now)

    @property
    def reader(self) -> Reader:
        return Reader(self.language, self.mechanism.zone, self.today)

    @property
    def fills_on_page(self) -> bool:
        """Whether forms are filled in on our pages alone: the channel may be told too little for a dialog."""
        return self.level is Level.notice and self.public_url is not None

    @property
    def tells_cases(self) -> bool:
        """Whether this channel may be told of a case at all: below that there are tasks, dates and a link."""
        return self.level is not Level.notice

    @property
    def tells_names(self) -> bool:
        """Whether answers may be shown again on this channel."""
        return self.level is Level.full
