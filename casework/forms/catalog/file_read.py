"""查阅档案: how many files were read and what they show. No file is copied or photographed."""

from __future__ import annotations

from casework.forms.catalog import common
from casework.forms.form import Field, Form, When, option
from locales.catalogue import N_

FILES_TOPIC = option("files", N_("Which files were read"))
FILES = Field(
    key="files",
    kind="many",
    prompt=N_("Which files were read?"),
    label=N_("Files read"),
    required=False,
    options=(
        option("personnel_file", N_("Personnel file"), "人事档案", "个人档案"),
        option("decision", N_("Decision and its file"), "处分决定", "案卷"),
        option("appraisals", N_("Annual appraisals"), "年度考核", "考核材料"),
        option("integrity_file", N_("Integrity file"), "廉政档案"),
    ),
    open=True,
    show_if=(When("more", contains="files"),),
    hint=N_("Something else can be typed."),
)

FILE_READ = Form(
    id="file_read",
    version=1,
    title=N_("File read"),
    closing="recorded",
    fields=(
        common.DATE,
        common.how_many(
            "copies",
            N_("How many files did you read?"),
            N_("Number of files"),
            common.ONE_TO_FOUR_FILES,
            common.files,
        ),
        common.required_text(
            "found",
            N_("What do the files show? A sentence or two will do."),
            N_("What the files show"),
            hint=N_("Only what care needs to know; no leads and no investigation material."),
        ),
        common.SAFETY,
        common.SAFETY_DETAIL,
        common.more(
            (
                FILES_TOPIC,
                common.WORK_TOPIC,
                common.CORRECTION_TOPIC,
                common.EXECUTION_TOPIC,
                common.NEXT_TOPIC,
                common.FOLLOW_UP_TOPIC,
            )
        ),
        FILES,
        common.WORK,
        common.CORRECTION,
        common.EXECUTION,
        common.NEXT_STEPS,
        *common.FOLLOW_UP,
    ),
)
