"""What people see and tap, in both languages: the fixed words of the contract, and the first words of notices."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

# For what has nothing to do with the kind of database.
ON_SQLITE = pytest.mark.parametrize("house", ["sqlite"], indirect=True)

# The four buttons of the card and its wheel of lines are told apart by the case that the story is about.
OVERDUE_CASE, NAMESAKE = "JA-7K3Q", "JA-2F8N"
HOME_VISIT, TALK_TODAY, STUDY_VISIT = "JA-5M2X", "JA-DMR4", "JA-9P4T"


@dataclass(frozen=True)
class Words:
    """One language. `steps` is what a minimum note of a talk taps and types after the record button."""

    language: str
    record: str
    steps: tuple[str, ...]
    submit: str
    recorded: str
    tick: str
    greeting: str
    alert: str
    resolved: str
    due_today: str
    overdue: str
    card: tuple[str, str, str, str]
    days_late: str
    steadier: str
    thought: str = "情绪平稳，工作正常推进。"


CHINESE = Words(
    language="zh_CN",
    record="记录",
    steps=("今天", "本人办公室", "", "积极稳定", "未发现", "完成"),
    submit="提交",
    recorded="已记录",
    tick="✓ 已记录 08:30",
    greeting="早上好",
    alert="逾期提醒：以下",
    resolved="逾期提醒：已办",
    due_today="今日到期提醒",
    overdue="逾期",
    card=("时间线", "趋势图", "综合研判", "工作手册"),
    days_late="逾期{n}个工作日",
    steadier="趋于平稳",
)
ENGLISH = Words(
    language="en",
    record="Record",
    steps=("Today", "The person's office", "", "Settled", "No sign", "Done"),
    submit="Submit",
    recorded="Recorded",
    tick="✓ Recorded 08:30",
    greeting="Good morning",
    alert="Overdue: please see to",
    resolved="Overdue notice: settled",
    due_today="Due today:",
    overdue="overdue",
    card=("Timeline", "Trend", "Review", "Workbook"),
    days_late="{n} working days overdue",
    steadier="steadier",
)
