from __future__ import annotations

from typing import Any

import pytest

from tests.channels.wecom_fake.app import Caller, Clock, button_card, notice_card, select_card, vote_card
from tests.fakes.wecom import FakeWeCom, User
from tests.fakes.wecom.cards import advice_on, check_card
from tests.fakes.wecom.errors import ApiError


def row(**more: Any) -> dict[str, Any]:
    return {"horizontal_content_list": [{"keyname": "单位", **more}]}


def options(n: int, **more: Any) -> list[dict[str, Any]]:
    return [{"id": str(i), "text": "好", **more} for i in range(n)]


def buttons(n: int, **more: Any) -> dict[str, Any]:
    return {"button_list": [{"text": "好", "key": str(i), **more} for i in range(n)]}


def box(**more: Any) -> dict[str, Any]:
    return {"checkbox": {"question_key": "q", "option_list": options(2), **more}}


def menu(*keys: str) -> dict[str, Any]:
    return {"action_menu": {"desc": "…", "action_list": [{"text": "停", "key": key} for key in keys]}}


def select(**more: Any) -> dict[str, Any]:
    return {"question_key": "k", "title": "k", "option_list": options(2), **more}


NEWS = {"card_type": "news_notice", "card_image": {"url": "https://example.org/a.png", "aspect_ratio": 1.3}}
BAD: list[tuple[dict[str, Any], int]] = [
    ({"card_type": "poster"}, 42031),
    (button_card(main_title={}), 42033),
    (notice_card(main_title={"desc": "x"}), 42033),
    (button_card("two words"), 42014),
    (button_card("x" * 129), 42014),
    (vote_card(task_id="") | {"task_id": ""}, 42014),
    ({key: value for key, value in vote_card().items() if key != "task_id"}, 42014),
    ({**notice_card(), **menu("a")}, 42014),
    ({**button_card(), **menu("a", "a")}, 42051),
    ({**button_card(), **menu("a", "b", "c", "d")}, 40058),
    ({key: value for key, value in notice_card().items() if key != "card_action"}, 42045),
    (notice_card(card_action={"type": 1}), 42028),
    (notice_card(card_action={"type": 2}), 42030),
    (notice_card(card_action={"type": 1, "url": "example.org"}), 45034),
    (notice_card(horizontal_content_list=row()["horizontal_content_list"] * 7), 42035),
    (notice_card(horizontal_content_list=[{"value": "x"}]), 42027),
    (notice_card(**row(type=1)), 42028),
    (notice_card(**row(type=2)), 42029),
    (notice_card(**row(type=3)), 42050),
    (notice_card(jump_list=[{"title": "x"}] * 4), 42042),
    ({**notice_card(), "card_type": "news_notice"}, 42044),
    ({**notice_card(), **NEWS, "card_image": {}}, 42044),
    ({**notice_card(), **NEWS, "vertical_content_list": [{"title": "x"}] * 5}, 42036),
    (button_card(**buttons(7)), 40058),
    (button_card(**buttons(0)), 40058),
    (button_card(**buttons(1, text="")), 42038),
    (button_card(**buttons(2, key="same")), 42039),
    (button_card(**buttons(1, key="x" * 1025)), 42039),
    (button_card(**buttons(1, style=5)), 40058),
    (button_card(**buttons(1, type=1)), 42028),
    (button_card(button_selection=select(option_list=options(11))), 42037),
    (vote_card(**box(question_key="")), 42043),
    (vote_card(**box(option_list=options(21))), 42037),
    (vote_card(**box(option_list=options(2, id="a"))), 42040),
    (vote_card(**box(option_list=options(1, id="x" * 129))), 42040),
    (vote_card(**box(option_list=options(1, text=""))), 42041),
    (vote_card(submit_button={"text": "提交"}), 42046),
    (select_card(select_list=[select(question_key=str(n)) for n in range(4)]), 42047),
    (select_card(select_list=[select(), select()]), 42043),
    (select_card(select_list=[select(selected_id="none")]), 42040),
    (select_card(submit_button={"text": 1, "key": "s"}), 42049),
]
FINE = [
    button_card(),
    button_card(
        **buttons(6, style=4), button_selection=select(option_list=options(10)), **row(type=0, value="x")
    ),
    {key: value for key, value in button_card().items() if key != "task_id"},
    vote_card(**box(option_list=options(20))),
    select_card(select_list=[select(question_key=str(n), option_list=options(10)) for n in range(3)]),
    notice_card(),
    {**notice_card(), **NEWS, "vertical_content_list": [{"title": "x"}] * 4},
]


@pytest.mark.parametrize(("card", "errcode"), BAD)
def test_a_bad_card_has_its_errcode(card: dict[str, Any], errcode: int) -> None:
    with pytest.raises(ApiError) as refused:
        check_card(card)
    assert refused.value.errcode == errcode


@pytest.mark.parametrize("card", FINE)
def test_a_card_at_its_limits_is_fine(card: dict[str, Any]) -> None:
    check_card(card)


def test_advice() -> None:
    assert advice_on(button_card()) == []
    long = button_card(**buttons(1, text="很长很长很长很长很长的"), emphasis_content={"title": "3"})
    assert advice_on(long) == [
        "button_interaction does not show emphasis_content",
        "button_list.text is clipped to 10 characters, has 11",
    ]


# --- updating ------------------------------------------------------------------------------------------------------


async def test_buttons_are_greyed_once(fake: FakeWeCom, api: Caller, li: User) -> None:
    wang = fake.user("WangFang")
    code = (await api.card(button_card(), touser="LiMin|WangFang"))["response_code"]
    answer = await api.update(code, {"button": {"replace_name": "已记录"}}, userids=["limin", "Nobody"])
    assert (answer["errcode"], answer["invaliduser"]) == (0, ["nobody"])
    seen = await li.sees(lambda message: message.greyed == "已记录")
    assert (seen.buttons, seen.edits) == ((), 1)
    assert wang.last.labels == ("记录", "改期")
    assert (await api.update(code, {"button": {"replace_name": "又一次"}}))["errcode"] == 60140


async def test_a_whole_card_takes_its_place(api: Caller, li: User) -> None:
    code = (await api.card(button_card()))["response_code"]
    new = button_card(main_title={"title": "已改期"}, replace_text="已提交")
    assert (await api.update(code, {"template_card": new}))["errcode"] == 0
    assert (li.last.title, li.last.greyed, li.last.task_id, len(li.chat)) == (
        "已改期",
        "已提交",
        "visit_1",
        1,
    )


async def test_codes_live_three_days(api: Caller, li: User, clock: Clock) -> None:
    codes = [(await api.card(button_card(f"t{n}")))["response_code"] for n in range(2)]
    grey = {"button": {"replace_name": "过期"}}
    await api.later(clock, 72 * 3600 - 1)
    assert (await api.update(codes[0], grey))["errcode"] == 0
    clock.advance(1)
    assert (await api.update(codes[1], grey))["errcode"] == 60140
    assert (await api.update("invented", grey))["errcode"] == 60140


async def test_bad_updates_do_not_spend_the_code(api: Caller, li: User) -> None:
    code = (await api.card(button_card()))["response_code"]
    grey = {"button": {"replace_name": "好"}}
    assert (await api.update(code, {}))["errcode"] == 40035
    assert (await api.update(code, {**grey, "template_card": button_card()}))["errcode"] == 40035
    assert (await api.update(code, {"template_card": button_card(main_title={})}))["errcode"] == 42033
    assert (await api.update(code, {"template_card": button_card("other")}))["errcode"] == 42014
    assert (await api.update(code, grey, userids=[]))["errcode"] == 82001
    assert (await api.update(code, grey, userids=["nobody"]))["errcode"] == 81013
    assert (await api.update(code, grey))["errcode"] == 0


async def test_a_notice_has_no_buttons_to_grey(api: Caller, li: User) -> None:
    code = (await api.card({**notice_card(task_id="n1"), **menu("off")}))["response_code"]
    assert (await api.update(code, {"button": {"replace_name": "好"}}))["errcode"] == 40035
    assert (await api.update(code, {"template_card": notice_card(sub_title_text="好")}))["errcode"] == 0
