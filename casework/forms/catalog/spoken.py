"""已联系本人: how and when the person was spoken with, and what follows. It ends a safety call."""

from __future__ import annotations

from casework.forms.catalog import common
from casework.forms.form import Field, Form, option
from locales.catalogue import N_

SOON = "soon"  # what brings the next talk nearer

SPOKEN = Form(
    id="spoken",
    version=1,
    title=N_("Spoken with the person"),
    closing="submitted",
    fields=(
        Field(
            key="how",
            kind="choice",
            prompt=N_("How did you speak with the person themselves?"),
            label=N_("How"),
            options=(
                option("phone", N_("By phone"), "电话", "电话联系"),
                option("in_person", N_("Face to face"), "当面", "见面"),
                option("video", N_("By video call"), "视频"),
            ),
            hint=N_("Only if you spoke with the person. Word from others does not end the matter."),
            columns=3,
        ),
        Field(
            key="when",
            kind="choice",
            prompt=N_("When was that?"),
            label=N_("When"),
            options=(
                option("just_now", N_("Just now"), "刚才", "现在", "方才"),
                option(
                    "today",
                    N_("Earlier today"),
                    "今日",
                    "今天",
                    "今天上午",
                    "今天下午",
                    "今早",
                    "上午",
                    "下午",
                ),
                option("yesterday", N_("Yesterday"), "昨日", "昨晚", "昨天晚上"),
            ),
            columns=3,
        ),
        Field(
            key="next_step",
            kind="choice",
            prompt=N_("What follows?"),
            label=N_("What follows"),
            options=(
                option("as_planned", N_("Care goes on as planned"), "按计划"),
                option(SOON, N_("Another talk soon"), "再谈"),
                option("accompanied", N_("Family or colleagues stay with the person"), "陪同"),
                option("emergency", N_("Handed to 110, 120 or a doctor"), "110", "120", "送医"),
                common.OTHER,
            ),
            columns=1,
        ),
        Field(
            key="detail",
            kind="text",
            prompt=N_("Is there anything to add?"),
            label=N_("Details"),
            required=False,
            max_length=500,
            hint=N_("What was agreed, and who does what. Please use no medical terms."),
        ),
    ),
)
