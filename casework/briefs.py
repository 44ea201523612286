"""What to know before a visit, gathered from the notes for whoever makes it. Each reading is recorded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from casework import appeals, difficulties
from casework.appeals import Appeal
from casework.difficulties import Pending
from reminders import calls
from reminders.mechanism import mechanism_of
from storage import audit
from storage.errors import NotFound
from storage.queries import calls as call_lists
from storage.queries import matters, standing
from storage.queries import notes as note_lists
from storage.queries.access import NO_SUCH_VISIT, Actor, access_case, access_visit
from storage.queries.notes import KeptNote
from storage.tables.calls import SafetyCall
from storage.tables.cases import Case
from storage.tables.visits import OUTINGS, Visit, VisitKind

# Before which there is something to know: somebody is met, or asked after.
PREPARED = frozenset({*OUTINGS, VisitKind.difficulty})
# Notes of meetings with the person, in which there is a summary; the unit's opinion and what others say are none.
_MEETINGS = ("talk", "home_visit", "study_visit")
_SUMMARIES = ("thinking", "atmosphere", "study_feedback")
# Where the person speaks for themselves: what the unit, colleagues or the family suggest is no wish of theirs.
_OWN_WORD = frozenset({*_MEETINGS, "care_plan"})
# What is said once stays true until it is said anew: a topic, the answers in which it may stand, and in which notes.
# What to mind is the visitor's own advice, wherever they learnt it.
TOPICS = {
    "to_mind": (("to_mind",), _OWN_WORD | {"family_interview"}),
    "wishes": (("suggestions", "requests"), _OWN_WORD),
    "promised": (("next_steps",), _OWN_WORD),
    "helped": (("help_given",), _OWN_WORD),
    "at_home": (("others_present",), frozenset({"home_visit"})),
}


@dataclass(frozen=True)
class Said:
    """One thing that a note says."""

    held_on: date
    text: str


@dataclass(frozen=True)
class Promise:
    """What a note left to follow up, by which day, and when somebody did."""

    said: Said
    due_on: date | None
    done_on: date | None


@dataclass(frozen=True)
class Brief:
    """`visit` is None where somebody looks at it from the case. `summary`: of the newest meeting that has one, which a
    study visit need not. `family_since`: by the person's own word the family knew on that day; None where nobody wrote
    so. `uninformed_since`: it did not on that day, and nobody wrote since that it does. `spoken`: how the last safety
    call ended, where the person was not met since."""

    case: Case
    visit: Visit | None
    last: KeptNote | None
    summary: Said | None
    topics: dict[str, Said]
    follow_ups: tuple[Promise, ...]
    family_since: date | None
    uninformed_since: date | None
    pending: Sequence[Pending]
    appeal: Appeal | None = None
    spoken: SafetyCall | None = None


def of_visit(session: Session, actor: Actor, visit_id: int, *, today: date, now: datetime) -> Brief:
    """For whoever makes the visit, and has not made it yet. The unit is told of no note."""
    visit = access_visit(session, actor, visit_id, to="record", today=today, lock=False)
    if visit.kind not in PREPARED:
        raise NotFound(NO_SUCH_VISIT)
    return _gather(session, actor, session.get_one(Case, visit.case_id), visit, now)


def of_case(session: Session, actor: Actor, case_id: int, *, now: datetime) -> Brief:
    """For whoever may read the case."""
    return _gather(session, actor, access_case(session, actor, case_id), None, now)


def _gather(session: Session, actor: Actor, case: Case, visit: Visit | None, now: datetime) -> Brief:
    audit.record(session, actor, "brief_read", "case", case.id, now=now)
    newest = note_lists.of_case(session, case.id)[::-1]
    meetings = [note for note in newest if note.form in _MEETINGS]
    last = meetings[0] if meetings else None
    day = mechanism_of(session, case.county_id).day
    uninformed, informed = standing.uninformed(session, case.id), standing.informed(session, case.id)
    knew = [note.held_on for note in newest if note.answers.get("family_informed") is True]
    knew += [day(informed.at)] if informed is not None else []
    return Brief(
        case,
        visit,
        last,
        _first(meetings, _SUMMARIES),
        {
            topic: said
            for topic, (keys, forms) in TOPICS.items()
            if (said := _first([note for note in newest if note.form in forms], keys)) is not None
        },
        tuple(sorted(promises(session, case, newest, day), key=_urgency)),
        max(knew, default=None),
        day(uninformed.at) if uninformed is not None else None,
        difficulties.pending(session, case),
        appeals.running(session, case.id),
        _spoken(session, case, last, day),
    )


def _spoken(
    session: Session, case: Case, last: KeptNote | None, day: Callable[[datetime], date]
) -> SafetyCall | None:
    call = call_lists.last_closed(session, case.id)
    if call is None or call.closed_at is None or calls.is_withdrawn(call):
        return None
    return call if last is None or last.held_on <= day(call.closed_at) else None


def _first(notes: Sequence[KeptNote], keys: Sequence[str]) -> Said | None:
    """The newest note that says it; of several answers in it, all."""
    for note in notes:
        words = [str(note.answers[key]).strip() for key in keys if note.answers.get(key)]
        if words:
            *before, last = words
            return Said(note.held_on, "；".join([*(one.rstrip("。.；;") for one in before), last]))
    return None


def promises(
    session: Session,
    case: Case,
    notes: Sequence[KeptNote],
    day: Callable[[datetime], date],
    *,
    of_all: bool = False,
) -> list[Promise]:
    """What the last notes left to follow up, done or not; and of older ones what is still open."""
    found, kept = [], matters.of_notes(session, case.id)
    for place, note in enumerate(notes):
        matter = kept.get(note.id)
        is_open = matter is not None and matter.done_at is None
        if note.answers.get("follow_up") and (of_all or place < RECENT or is_open):
            due = note.answers.get("follow_up_due")
            done_on = day(matter.done_at) if matter is not None and matter.done_at is not None else None
            said = Said(note.held_on, str(note.answers["follow_up"]))
            found.append(Promise(said, date.fromisoformat(str(due)) if due else None, done_on))
    return found


def _urgency(one: Promise) -> tuple[bool, date]:
    """What is open comes first, by the day when it is due; what names none, or is done, keeps its order."""
    open_ = one.done_on is None
    return not open_, one.due_on if open_ and one.due_on is not None else date.max


RECENT = 3  # notes whose matters to follow up are named, though they are done
