"""谈心谈话. The minimum is six answers; everything else hangs on what is chosen under "more"."""

from __future__ import annotations

from casework.forms.catalog import common
from casework.forms.catalog.basis import BASIS
from casework.forms.form import Field, Form
from locales.catalogue import N_

THINKING = Field(key="thinking", kind="text", prompt=common.THINKING_PROMPT, label=common.THINKING_LABEL)

TALK = Form(
    id="talk",
    version=3,
    title=N_("Heart-to-heart talk"),
    closing="recorded",
    fields=(
        common.DATE,
        common.PLACE,
        THINKING,
        common.state_of_mind(N_("In this talk, which of these comes closest to the person's state of mind?")),
        BASIS,
        common.SAFETY,
        common.SAFETY_DETAIL,
        common.more(
            (
                common.WORK_TOPIC,
                common.CORRECTION_TOPIC,
                common.UNIT_OPINION_TOPIC,
                common.UNDERSTANDING_TOPIC,
                common.EXECUTION_TOPIC,
                common.HARDSHIP_TOPIC,
                common.SUGGESTIONS_TOPIC,
                common.UNIT_SUPPORT_TOPIC,
                common.FEEDBACK_TOPIC,
                common.HELP_TOPIC,
                common.NEXT_TOPIC,
                common.TO_MIND_TOPIC,
                common.FOLLOW_UP_TOPIC,
                common.COMPANIONS_TOPIC,
                common.ATTENDANCE_TOPIC,
            )
        ),
        common.WORK,
        common.CORRECTION,
        common.UNIT_OPINION,
        common.UNDERSTANDING,
        common.EXECUTION,
        common.HARDSHIP,
        common.SUGGESTIONS,
        common.UNIT_SUPPORT,
        common.PUBLIC_FEEDBACK,
        *common.HELP,
        common.NEXT_STEPS,
        common.TO_MIND,
        *common.FOLLOW_UP,
        *common.ATTENDANCE,
    ),
)
