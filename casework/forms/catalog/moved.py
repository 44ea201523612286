"""What 未能开展 and 改期 both ask: why a visit does not take place on its day, and on which it shall."""

from __future__ import annotations

from casework.forms.catalog import common
from casework.forms.form import Field, option
from locales.catalogue import N_

NEW_DATE = Field(
    key="new_date",
    kind="date",
    prompt=N_("To which day shall the visit be moved?"),
    label=N_("New date"),
    dynamic=True,
    hint=N_("Tap a day, or type it: 12-3, next Monday."),
    direction="future",
    earliest=0,
    latest=common.NEW_DATE_WITHIN,
    columns=3,
    sensitive=False,
)
_NOT_REACHED = ("无法联系", "失联", "打不通", "打不通电话", "电话打不通", "没接电话")
REASONS = (
    option(
        "away",
        N_("The person is away"),
        *("外出", "出差", "出差了", "不在家", "人不在", "请假", "请假了", "休假", "休假了", "on leave"),
    ),
    option("health", N_("The person's health"), "身体原因", "生病", "生病了", "住院", "住院了"),
    option(
        "unwilling",
        N_("The person does not wish to meet now"),
        *("不愿见面", "不愿意见面", "不想见面", "拒绝见面"),
    ),
    option("unreachable", N_("Could not be reached"), *_NOT_REACHED),
    option("companion_absent", N_("The companion could not come"), "陪同未到"),
    option("work_conflict", N_("Conflict with work"), "工作冲突", "公务冲突", "开会", "临时开会"),
    option("weather_road", N_("Weather or roads"), "天气", "道路", "weather"),
    common.OTHER,
)
