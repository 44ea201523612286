"""廉政家访. Only when the family knows; it asks less than a talk, and nothing about money, health or children."""

from __future__ import annotations

from typing import Any

from casework.forms.catalog import common
from casework.forms.form import Answers, Env, Field, Form, option
from locales.catalogue import N_
from locales.phrase import P, Phrase


def _family_must_know(value: Any, answers: Answers, env: Env) -> Phrase | None:
    if value:
        return None
    return P(
        "While the family does not know, no home visit can be made, so that the person's wish is respected. "
        "Please tap Cancel and arrange a talk instead."
    )


FAMILY_INFORMED = Field(
    key="family_informed",
    kind="yes_no",
    prompt=N_("Does the family know of the sanction, by the person's own word?"),
    label=N_("Whether the family knows"),
    options=(
        option("yes", N_("The family knows"), "知道", "知情"),
        option("no", N_("The family does not know"), "不知道", "不知情"),
    ),
    check=_family_must_know,
)
ATMOSPHERE = Field(
    key="atmosphere",
    kind="text",
    prompt=N_("How are things in the family? A sentence or two will do."),
    label=N_("Family atmosphere"),
    hint=N_("Please leave out finances, diagnoses, details of children and the furnishing of the home."),
)
FAMILY_SUGGESTIONS_TOPIC = option("family_suggestions", N_("Suggestions of the family"))

HOME_VISIT = Form(
    id="home_visit",
    version=1,
    title=N_("Integrity home visit"),
    closing="recorded",
    fields=(
        FAMILY_INFORMED,
        common.DATE,
        ATMOSPHERE,
        common.state_of_mind(
            N_("On this visit, which of these comes closest to the person's state of mind?")
        ),
        common.BASIS,
        common.SAFETY,
        common.SAFETY_DETAIL,
        common.more(
            (
                common.THINKING_TOPIC,
                common.HARDSHIP_TOPIC,
                FAMILY_SUGGESTIONS_TOPIC,
                common.SUGGESTIONS_TOPIC,
                common.HELP_TOPIC,
                common.NEXT_TOPIC,
                common.FOLLOW_UP_TOPIC,
                common.ATTENDANCE_TOPIC,
            )
        ),
        common.topic_text("thinking", common.THINKING_PROMPT, common.THINKING_LABEL),
        common.HARDSHIP,
        common.topic_text(
            "family_suggestions", N_("What does the family suggest?"), N_("Suggestions of the family")
        ),
        common.SUGGESTIONS,
        *common.HELP,
        common.NEXT_STEPS,
        *common.FOLLOW_UP,
        *common.ATTENDANCE,
    ),
)
