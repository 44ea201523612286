"""岗位调整建议: what is suggested and why. Others decide; the note keeps what they replied."""

from __future__ import annotations

from dataclasses import replace

from casework.forms.catalog import common
from casework.forms.form import Field, Form, option
from locales.catalogue import N_

REASON = Field(
    key="reason",
    kind="choice",
    prompt=N_("Why would another post suit better?"),
    label=N_("Reason"),
    options=(
        option("skills", N_("Skills and post do not match"), "专业不对口", "人岗不适"),
        option("more_use", N_("More could be made of what the person can do"), "发挥专长", "发挥作用"),
        option("strain", N_("Strain in the present post"), "压力大", "岗位压力"),
        option("family", N_("Hardship in the family"), "家庭困难"),
        option("own_wish", N_("The person's own wish"), "本人意愿", "本人要求"),
    ),
    open=True,
    hint=N_("Another reason can be typed."),
)
CURRENT_POST_TOPIC = option("current_post", N_("Present post"))
REPLY_TOPIC = option("organisation_reply", N_("Reply of the organisation department"))
WISH_TOPIC = option("requests", N_("The person's own view"))

POST_CHANGE = Form(
    id="post_change",
    version=1,
    title=N_("Suggestion to change post"),
    closing="recorded",
    fields=(
        replace(
            common.DATE,
            prompt=N_("On which day was the suggestion made?"),
            label=N_("Date of the suggestion"),
        ),
        REASON,
        common.required_text(
            "suggested_post",
            N_("Which post or kind of work do you suggest?"),
            N_("Suggested post"),
            hint=N_("This is a suggestion; the organisation department and the unit decide."),
        ),
        common.SAFETY,
        common.SAFETY_DETAIL,
        common.more(
            (
                CURRENT_POST_TOPIC,
                WISH_TOPIC,
                common.UNIT_OPINION_TOPIC,
                REPLY_TOPIC,
                common.NEXT_TOPIC,
                common.FOLLOW_UP_TOPIC,
            )
        ),
        common.topic_text("current_post", N_("What is the present post?"), N_("Present post")),
        common.topic_text(
            "requests", N_("What does the person think of it?"), N_("The person's own view"), topic="requests"
        ),
        common.UNIT_OPINION,
        common.topic_text(
            "organisation_reply",
            N_("What did the organisation department reply?"),
            N_("Reply of the organisation department"),
        ),
        common.NEXT_STEPS,
        *common.FOLLOW_UP,
    ),
)
