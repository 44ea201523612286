"""Several questions on one card of WeCom: fewer messages, and everything that holds for one question holds for them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlmodel import select

from bot.app import House
from bot.channels.base import Incoming
from bot.channels.disclosure import Level
from bot.dialogs import store
from storage.tables.drafts import Draft
from storage.tables.mail import Inbox
from tests.fakes.wecom import Message
from tests.story.test_wecom import everything_sent
from tests.story.words import CHINESE, ON_SQLITE, OVERDUE_CASE
from tests.wecom_town import WecomPhone, WecomTown, labels, wecom_town, words

CODED = pytest.mark.parametrize("level", [Level.coded])


@pytest.fixture
def level() -> Level:
    return Level.full


@pytest.fixture
async def county(house: House, level: Level) -> AsyncIterator[WecomTown]:
    async with wecom_town(house, level) as town:
        yield town


async def first_card(
    county: WecomTown, level: Level = Level.full, number: int = 0
) -> tuple[WecomPhone, Message]:
    officer = await county.bound("care_officer", number)
    await county.town.later(to="2026-11-24T08:30")
    case = "张明" if level is Level.full else OVERDUE_CASE
    return officer, await officer.taps(f"记录 {case}", officer.finds("早上好"))


async def kept(county: WecomTown) -> dict[str, Any]:
    """What the one open draft holds."""

    def unit(session: Any) -> dict[str, Any]:
        draft = session.exec(select(Draft)).one()
        found = store.by_id(session, draft.member_id, draft.id)
        assert found is not None
        return dict(found.state.answers)

    return await county.house.lane.read(unit)


@pytest.mark.parametrize("level", [Level.full, Level.coded])
async def test_two_questions_are_one_card_and_one_event(county: WecomTown, level: Level) -> None:
    officer, card = await first_card(county, level)
    lists = card.card["select_list"]
    assert [one["title"] for one in lists] == ["实际开展的日期是哪一天？", "在何处开展？"]
    for one in lists:
        first = one["option_list"][0]
        assert (first["text"], one["selected_id"]) == ("请选择", first["id"])
        assert 3 <= len(one["option_list"]) <= 10
    assert card.card["submit_button"]["text"] == "确定"
    assert card.text == "未选的随后再问；也可输入第一题的答案，或输入：取消"

    before = len(await county.house.lane.read(lambda s: s.exec(select(Inbox)).all()))
    told = len(officer.told)
    asked = await officer.fills("今天", "本人办公室", on=card)
    assert len(await county.house.lane.read(lambda s: s.exec(select(Inbox)).all())) == before + 1
    assert len(officer.told) == told + 1
    assert "第3步，共6步" in words(asked)
    assert await kept(county) == {"date": "2026-11-24", "place": "own_office"}
    assert card.greyed == "已收到"
    for list_ in (county.fake.truncated, county.fake.problems, county.fake.state.advice):
        assert list_ == []


@CODED
async def test_what_was_chosen_is_never_shown_again(county: WecomTown) -> None:
    officer, _ = await first_card(county, Level.coded)
    await officer.fills("今天", "本人办公室")
    asked = await officer.says(CHINESE.thought)
    assert asked.card["select_list"][0]["option_list"][3]["text"] == "情绪波动（黄）"
    sent = len(county.fake.calls)
    rated = asked
    asked = await officer.fills("情绪波动", "未发现", on=rated)
    await officer.says("说话很少，提到单位时低头。")
    await officer.taps("完成")
    after = str([call.payload for call in county.fake.calls[sent:]])
    assert [option["text"] for one in rated.card["select_list"] for option in one["option_list"]] == [
        "已收到"
    ] * 2
    assert rated.buttons == ()
    assert "情绪波动" not in after
    assert "未发现" not in after
    assert asked is not None
    assert "张明" not in everything_sent(county)


@ON_SQLITE
async def test_what_is_left_open_is_asked_next_and_alone(county: WecomTown) -> None:
    officer, card = await first_card(county)
    asked = await officer.fills("", "本人办公室", on=card)
    assert "第1步，共6步" in words(asked)
    assert "今天（11月24日）" in asked.labels  # a card with buttons, as for any question
    asked = await officer.taps("今天", asked)
    assert "第3步，共6步" in words(asked)  # the place is there already
    asked = await officer.says(CHINESE.thought)
    asked = await officer.fills("", "", on=asked)  # nothing at all
    assert "select_list" not in asked.card
    assert any("查看各档标准" in label for label in labels(asked))
    assert (await kept(county)).keys() == {"date", "place", "thinking"}


@ON_SQLITE
@pytest.mark.parametrize(
    ("word", "said"),
    [("查看各档标准", "不计入任何评分"), ("查看风险情形", "凡有轻生、伤人、出走等言行迹象的")],
)
async def test_what_both_questions_of_a_card_mean_can_be_asked(
    county: WecomTown, word: str, said: str
) -> None:
    officer, card = await first_card(county)
    await officer.fills("今天", "本人办公室", on=card)
    asked = await officer.says(CHINESE.thought)
    assert asked.card["main_title"]["desc"].endswith("：查看各档标准、查看风险情形、上一步、取消")
    await officer.says(word)
    explained = officer.told[-1]
    assert said in words(explained)
    assert "思想状况更接近以下哪一种" in words(explained)
    assert "安全的风险迹象" in words(await officer.taps("积极稳定", explained))


@ON_SQLITE
async def test_what_counts_as_a_sign_of_danger_is_one_tap_away(county: WecomTown) -> None:
    officer, card = await first_card(county)
    await officer.fills("今天", "本人办公室", on=card)
    asked = await officer.says(CHINESE.thought)
    asked = await officer.fills("基本平稳", "", on=asked)  # safety is left open, and asked alone
    assert "安全的风险迹象" in words(asked)
    assert list(asked.labels) == ["未发现", "有风险迹象", "查看风险情形", "上一步", "取消"]
    explained = await officer.taps("查看风险情形", asked)
    assert "凡有轻生、伤人、出走等言行迹象的" in words(explained)
    assert all(number in words(explained) for number in ("110", "120", "12356"))
    assert list(explained.labels) == ["未发现", "有风险迹象", "上一步", "取消"]
    assert (await kept(county)).keys() == {"date", "place", "thinking", "state_of_mind"}


@ON_SQLITE
async def test_each_can_be_typed_instead(county: WecomTown) -> None:
    officer, card = await first_card(county)
    asked = await officer.says("昨天")
    assert "第2步，共6步" in words(asked)
    await officer.says("会议室")
    asked = await officer.says(CHINESE.thought)
    assert "select_list" in asked.card
    assert "查看各档标准" in words(asked)
    explained = await officer.says("查看各档标准")
    assert "select_list" not in explained.card
    assert await kept(county) == {"date": "2026-11-23", "place": "meeting_room", "thinking": CHINESE.thought}
    # The first card is stale by now: it changes nothing, and shows where one is.
    await officer.fills("今天", "工作现场", on=card, anyway=True)
    assert "该问题此前已作答" in words(officer.told[-1])
    assert (await kept(county))["date"] == "2026-11-23"


@ON_SQLITE
async def test_a_repeat_has_one_effect(county: WecomTown) -> None:
    officer, card = await first_card(county)
    keys = [one["question_key"] for one in card.card["select_list"]]
    chosen = {
        key: one["option_list"][1]["id"] for key, one in zip(keys, card.card["select_list"], strict=True)
    }
    delivery = await officer.user.selects(chosen, card)
    await officer.settled()
    told = len(officer.told)
    for _ in range(3):
        assert (await county.fake.forge.resealed(delivery)).status_code == 200
    await officer.settled()
    assert len(officer.told) == told
    assert (await kept(county)).keys() == {"date", "place"}


@ON_SQLITE
async def test_what_was_offered_to_nobody_does_nothing(county: WecomTown) -> None:
    officer, card = await first_card(county)
    other = await county.bound("care_officer", 1)
    lists, send = card.card["select_list"], card.card["submit_button"]["key"]
    dates, places = ([option["id"] for option in one["option_list"][1:]] for one in lists)
    tries = [
        (other, send, (dates[0], places[0])),  # somebody else's card
        (officer, send, (dates[0], dates[1])),  # two answers to one question
        (officer, send, (dates[0], "made.1")),
        (officer, send, (dates[0], send)),
        (officer, dates[0], (places[0],)),  # sent by what sends nothing
    ]
    for number, (phone, token, chosen) in enumerate(tries):
        incoming = Incoming("wecom", phone.user.userid.lower(), f"try-{number}", token=token, chosen=chosen)
        await county.house.conversation.handle(incoming)
        await phone.settled()
        assert "按钮已失效" in words(phone.told[-1])
        assert await kept(county) == {}
    # One option by itself, as if it were a button: it is none, and the question is asked again.
    await county.house.conversation.handle(Incoming("wecom", "limin", "alone", token=dates[0]))
    await officer.settled()
    assert await kept(county) == {}
    await officer.fills("今天", "本人办公室", on=card)
    assert (await kept(county)).keys() == {"date", "place"}
