"""Every form there is."""

from __future__ import annotations

from collections.abc import Mapping

from casework.forms.catalog.admit import ADMIT
from casework.forms.catalog.amendment import amending
from casework.forms.catalog.appeal import APPEAL, APPEAL_ENDED
from casework.forms.catalog.care_plan import CARE_PLAN
from casework.forms.catalog.colleague_interview import COLLEAGUE_INTERVIEW
from casework.forms.catalog.confirmation import NOT_CONFIRMED, SIGNED_PAPER
from casework.forms.catalog.difficulty import DIFFICULTY, DIFFICULTY_OPEN
from casework.forms.catalog.family_interview import FAMILY_INTERVIEW
from casework.forms.catalog.file_read import FILE_READ
from casework.forms.catalog.hand_over import HAND_OVER
from casework.forms.catalog.home_visit import HOME_VISIT
from casework.forms.catalog.leave import LEAVE
from casework.forms.catalog.misfiled import MISFILED
from casework.forms.catalog.not_done import NOT_DONE
from casework.forms.catalog.note_follows import NOTE_FOLLOWS
from casework.forms.catalog.post_change import POST_CHANGE
from casework.forms.catalog.rating import NOT_AGREED
from casework.forms.catalog.reassign import REASSIGN
from casework.forms.catalog.recusal import RECUSAL
from casework.forms.catalog.reschedule import RESCHEDULE
from casework.forms.catalog.review import REVIEW
from casework.forms.catalog.spoken import SPOKEN
from casework.forms.catalog.standing import STANDING_FORMS
from casework.forms.catalog.study_visit import STUDY_VISIT
from casework.forms.catalog.talk import TALK
from casework.forms.catalog.unit_interview import UNIT_INTERVIEW
from casework.forms.catalog.unit_opinion import UNIT_OPINION
from casework.forms.form import Form

OFFICERS_FORMS: Mapping[str, Form] = {
    form.id: form
    for form in (
        TALK,
        HOME_VISIT,
        STUDY_VISIT,
        UNIT_INTERVIEW,
        COLLEAGUE_INTERVIEW,
        FAMILY_INTERVIEW,
        FILE_READ,
        POST_CHANGE,
        CARE_PLAN,
        DIFFICULTY,
    )
}
# What may have taken place without a plan; a difficulty is settled once it was noted.
UNPLANNED_FORMS = {name: form for name, form in OFFICERS_FORMS.items() if form is not DIFFICULTY}
NOTE_FORMS: Mapping[str, Form] = {
    **OFFICERS_FORMS,
    UNIT_OPINION.id: UNIT_OPINION,
    REVIEW.id: REVIEW,
}
AMENDMENTS: Mapping[str, Form] = {form.id: form for form in map(amending, NOTE_FORMS.values())}
_OTHERS = (
    DIFFICULTY_OPEN,
    NOT_DONE,
    NOTE_FOLLOWS,
    RESCHEDULE,
    REASSIGN,
    ADMIT,
    HAND_OVER,
    LEAVE,
    RECUSAL,
    SPOKEN,
    MISFILED,
    NOT_CONFIRMED,
    SIGNED_PAPER,
    NOT_AGREED,
    APPEAL,
    APPEAL_ENDED,
    *STANDING_FORMS,
)
FORMS: Mapping[str, Form] = {
    **NOTE_FORMS,
    **AMENDMENTS,
    **{form.id: form for form in _OTHERS},
}
RATING_FORMS = frozenset(form.id for form in NOTE_FORMS.values() if "state_of_mind" in form.by_key)


def form_for_visit(kind: str) -> Form:
    """The form of a visit's note.

    Raises:
        KeyError: a visit of this kind is written in no form.
    """
    return NOTE_FORMS[kind]
