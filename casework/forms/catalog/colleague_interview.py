"""走访同事: what colleagues say. They are counted and never named: what one of them said must not come back to them."""

from __future__ import annotations

from casework.forms.catalog import common
from casework.forms.form import Form
from locales.catalogue import N_

COLLEAGUE_INTERVIEW = Form(
    id="colleague_interview",
    version=2,
    title=N_("Colleague interview"),
    closing="recorded",
    fields=(
        common.DATE,
        common.how_many(
            "people",
            N_("With how many colleagues did you speak?"),
            N_("Colleagues spoken with"),
            common.ONE_TO_FOUR_PEOPLE,
            common.people,
        ),
        common.required_text(
            "public_feedback",
            N_("What do colleagues say of the person? A sentence or two will do."),
            common.PUBLIC_FEEDBACK.label,
            hint=N_("Please sum up and name no colleague."),
        ),
        common.SAFETY,
        common.SAFETY_DETAIL,
        common.more(
            (
                common.THINKING_TOPIC,
                common.WORK_TOPIC,
                common.CORRECTION_TOPIC,
                common.UNIT_SUPPORT_TOPIC,
                common.SUGGESTIONS_TOPIC,
                common.NEXT_TOPIC,
                common.FOLLOW_UP_TOPIC,
                common.COMPANIONS_TOPIC,
                common.VISITORS_TOPIC,
            )
        ),
        common.topic_text("thinking", common.THINKING_PROMPT, common.THINKING_LABEL),
        common.WORK,
        common.CORRECTION,
        common.UNIT_SUPPORT,
        common.topic_text("suggestions", N_("What do the colleagues suggest?"), common.SUGGESTIONS.label),
        common.NEXT_STEPS,
        *common.FOLLOW_UP,
        *common.VISITORS,
    ),
)
