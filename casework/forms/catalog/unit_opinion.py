"""单位党组织意见: what the unit's Party organisation thinks of the person, at intervals. It sees no note of others."""

from __future__ import annotations

from dataclasses import replace

from casework.forms.catalog import common
from casework.forms.form import Form
from locales.catalogue import N_

UNIT_OPINION = Form(
    id="unit_opinion",
    version=1,
    title=N_("Unit's opinion"),
    closing="submitted",
    fields=(
        replace(
            common.DATE,
            prompt=N_("On which day did the Party organisation form its opinion?"),
            label=N_("Date of the opinion"),
        ),
        common.required_text(
            "unit_opinion",
            N_("What is your Party organisation's opinion of the person? A sentence or two will do."),
            common.UNIT_OPINION.label,
            hint=N_("It is the organisation's opinion, not one person's. It enters no score by itself."),
        ),
        common.SAFETY,
        common.SAFETY_DETAIL,
        common.more(
            (
                common.THINKING_TOPIC,
                common.WORK_TOPIC,
                common.CORRECTION_TOPIC,
                common.EXECUTION_TOPIC,
                common.UNIT_SUPPORT_TOPIC,
                common.FEEDBACK_TOPIC,
                common.HARDSHIP_TOPIC,
                common.SUGGESTIONS_TOPIC,
                common.NEXT_TOPIC,
            )
        ),
        common.topic_text("thinking", common.THINKING_PROMPT, common.THINKING_LABEL),
        common.WORK,
        common.CORRECTION,
        common.EXECUTION,
        common.UNIT_SUPPORT,
        common.PUBLIC_FEEDBACK,
        common.HARDSHIP,
        common.topic_text("suggestions", N_("What does the unit suggest?"), common.SUGGESTIONS.label),
        common.NEXT_STEPS,
    ),
)
