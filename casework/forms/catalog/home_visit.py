"""廉政家访. Only when the family knows; it asks less than a talk, and nothing about money, health or children."""

from __future__ import annotations

from typing import Any

from casework.forms.catalog import common
from casework.forms.catalog.basis import BASIS
from casework.forms.form import Answers, Env, Form
from locales.catalogue import N_
from locales.phrase import P, Phrase


def _family_must_know(value: Any, answers: Answers, env: Env) -> Phrase | None:
    if value:
        return None
    return P(
        "While the family does not know, no home visit can be made, so that the person's wish is respected. "
        "Please do not fill in this form; talks go on as before."
    )


HOME_VISIT = Form(
    id="home_visit",
    version=3,
    title=N_("Integrity home visit"),
    closing="recorded",
    fields=(
        common.family_informed(_family_must_know),
        common.DATE,
        common.ATMOSPHERE,
        common.state_of_mind(
            N_("On this visit, which of these comes closest to the person's state of mind?")
        ),
        BASIS,
        common.SAFETY,
        common.SAFETY_DETAIL,
        common.more(
            (
                common.THINKING_TOPIC,
                common.HARDSHIP_TOPIC,
                common.FAMILY_SUGGESTIONS_TOPIC,
                common.SUGGESTIONS_TOPIC,
                common.HELP_TOPIC,
                common.NEXT_TOPIC,
                common.TO_MIND_TOPIC,
                common.FOLLOW_UP_TOPIC,
                common.COMPANIONS_TOPIC,
                common.ATTENDANCE_TOPIC,
            )
        ),
        common.topic_text("thinking", common.THINKING_PROMPT, common.THINKING_LABEL),
        common.HARDSHIP,
        common.FAMILY_SUGGESTIONS,
        common.SUGGESTIONS,
        *common.HELP,
        common.NEXT_STEPS,
        common.TO_MIND,
        *common.FOLLOW_UP,
        *common.ATTENDANCE,
    ),
)
