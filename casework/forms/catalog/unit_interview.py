"""走访单位: what the unit says of the person and does for them. Opinions are kept as the unit's."""

from __future__ import annotations

from casework.forms.catalog import common
from casework.forms.form import Field, Form, option
from locales.catalogue import N_

SPOKEN_TO_UNIT = Field(
    key="unit_people",
    kind="many",
    prompt=N_("With whom in the unit did you speak?"),
    label=N_("Spoken with in the unit"),
    options=(
        option("party_secretary", N_("Secretary of the Party organisation"), "书记", "党组书记", "支部书记"),
        option("unit_leader", N_("Leader in charge"), "分管领导", "领导"),
        option("discipline_officer", N_("Discipline inspection member"), "纪检委员", "纪检组"),
        option("personnel", N_("Personnel staff"), "人事", "人事干部"),
    ),
    open=True,
    hint=N_("Tap one or several, then Done. Someone else can be typed, by post and not by name."),
    page_hint=N_("One or several. Someone else can be written, by post and not by name."),
)

UNIT_INTERVIEW = Form(
    id="unit_interview",
    version=2,
    title=N_("Unit interview"),
    closing="recorded",
    fields=(
        common.DATE,
        SPOKEN_TO_UNIT,
        common.required_text(
            "work", N_("In the unit's words, how is the person doing at work?"), common.WORK.label
        ),
        common.SAFETY,
        common.SAFETY_DETAIL,
        common.more(
            (
                common.THINKING_TOPIC,
                common.CORRECTION_TOPIC,
                common.UNIT_OPINION_TOPIC,
                common.EXECUTION_TOPIC,
                common.UNIT_SUPPORT_TOPIC,
                common.FEEDBACK_TOPIC,
                common.SUGGESTIONS_TOPIC,
                common.NEXT_TOPIC,
                common.FOLLOW_UP_TOPIC,
                common.COMPANIONS_TOPIC,
                common.VISITORS_TOPIC,
            )
        ),
        common.topic_text("thinking", common.THINKING_PROMPT, common.THINKING_LABEL),
        common.CORRECTION,
        common.UNIT_OPINION,
        common.EXECUTION,
        common.UNIT_SUPPORT,
        common.PUBLIC_FEEDBACK,
        common.topic_text("suggestions", N_("What does the unit suggest?"), common.SUGGESTIONS.label),
        common.NEXT_STEPS,
        *common.FOLLOW_UP,
        *common.VISITORS,
    ),
)
