"""走访家属: a word with the family outside a home visit. As for that one, only when the family knows."""

from __future__ import annotations

from typing import Any

from casework.forms.catalog import common
from casework.forms.form import Answers, Env, Form
from locales.catalogue import N_
from locales.phrase import P, Phrase


def _family_must_know(value: Any, answers: Answers, env: Env) -> Phrase | None:
    if value:
        return None
    return P(
        "While the family does not know, nobody of the family is asked, so that the person's wish is respected. "
        "Please do not fill in this form; talks go on as before."
    )


FAMILY_INTERVIEW = Form(
    id="family_interview",
    version=3,
    title=N_("Family interview"),
    closing="recorded",
    fields=(
        common.family_informed(_family_must_know),
        common.DATE,
        common.how_many(
            "people",
            N_("With how many of the family did you speak?"),
            N_("Family spoken with"),
            common.ONE_TO_FOUR_PEOPLE,
            common.people,
        ),
        common.ATMOSPHERE,
        common.SAFETY,
        common.SAFETY_DETAIL,
        common.more(
            (
                common.THINKING_TOPIC,
                common.HARDSHIP_TOPIC,
                common.FAMILY_SUGGESTIONS_TOPIC,
                common.HELP_TOPIC,
                common.NEXT_TOPIC,
                common.TO_MIND_TOPIC,
                common.FOLLOW_UP_TOPIC,
                common.COMPANIONS_TOPIC,
                common.VISITORS_TOPIC,
            )
        ),
        common.topic_text("thinking", common.THINKING_PROMPT, common.THINKING_LABEL),
        common.HARDSHIP,
        common.FAMILY_SUGGESTIONS,
        common.topic_text("requests", N_("What did the family ask for?"), N_("Requests"), topic="help"),
        common.HELP[1],
        common.NEXT_STEPS,
        common.TO_MIND,
        *common.FOLLOW_UP,
        *common.VISITORS,
    ),
)
