"""Recusal in chat: the office names somebody, and from then on the case is not there for them."""

from __future__ import annotations

import pytest

from tests.chat import Town, labels
from tests.story.words import OVERDUE_CASE


@pytest.mark.parametrize(
    ("language", "look_up", "recusal", "submit", "out", "gone", "back", "again"),
    [
        ("zh_CN", "查询 ", "回避", "提交", "自即日起回避本档案", "没有查到", "解除回避 ", "已解除回避"),
        ("en", "/case ", "Recusal", "Submit", "keeps out of this case", "Nothing was found", "", "again"),
    ],
    ids=["zh_CN", "en"],
)  # fmt: skip
async def test_the_officer_keeps_out(
    town: Town, language: str, look_up: str, recusal: str, submit: str, out: str, gone: str, back: str,
    again: str,
) -> None:  # fmt: skip
    office, officer = await town.one("commission_staff"), await town.one("care_officer")
    for phone in (office, officer):
        await phone.in_language(language)
    card = await office.says(look_up + OVERDUE_CASE)
    asked = await office.taps(recusal, card)
    assert labels(asked)[0].startswith(officer.name)  # the care officer stands first
    await office.taps(officer.name)
    await office.says("表亲")
    done = await office.taps(submit)
    assert out in done["text"]
    assert OVERDUE_CASE in done["text"]
    assert gone in (await officer.says(look_up + OVERDUE_CASE))["text"]
    await town.later(to="2026-11-24T08:30")
    morning = await officer.finds("早上好" if language == "zh_CN" else "Good morning")
    assert OVERDUE_CASE not in morning["text"]
    card = await office.says(look_up + OVERDUE_CASE)
    assert f"{officer.name}（表亲）" in card["text"] or f"{officer.name} (表亲)" in card["text"]
    ended = await office.taps(back or f"{officer.name} need not", card)
    assert again in ended["text"]
    assert OVERDUE_CASE in (await officer.says(look_up + OVERDUE_CASE))["text"]
