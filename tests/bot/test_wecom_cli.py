"""WeCom at the command line: what doctor says of it, its menu, and members bound by their userid."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from bot.config import read_settings
from bot.operator import opened
from storage.tables.audit import AuditRecord
from storage.tables.members import Address
from tests.bot.test_channels_cli import elsewhere
from tests.bot.test_cli import county, does, folder, migrated, one_line, run
from tests.fakes.wecom import FakeWeCom
from tests.fakes.wecom.faults import bad_gateway, errcode

__all__ = ["county", "folder", "migrated"]
SECRET = "a-secret-of-the-tests"


@pytest.fixture
def wecom(county: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeWeCom]:
    with elsewhere(FakeWeCom(secret=SECRET)) as fake:
        for name, value in fake.settings.items():
            monkeypatch.setenv(name, value)
        yield fake


def doctor() -> list[str]:
    """What it says of WeCom, save for the approval."""
    result = run("doctor")
    assert SECRET not in result.output
    return [line for line in result.stdout.splitlines() if "WeCom" in line and "approved" not in line]


# --- doctor --------------------------------------------------------------------------------------------------------


def test_doctor_asks_wecom_and_names_the_url(wecom: FakeWeCom, monkeypatch: pytest.MonkeyPatch) -> None:
    wecom.state.agent["name"] = "待办助手"
    assert doctor() == [
        "ok   WeCom: connected to the app 待办助手",
        "FAIL WeCom: FANGPINGCHA_PUBLIC_URL is not set; it is the address under which the vendor calls us",
    ]
    monkeypatch.setenv("FANGPINGCHA_PUBLIC_URL", "https://care.example.org/")
    assert doctor()[1] == "ok   WeCom: is to call https://care.example.org/channels/wecom/callback"


def test_doctor_says_what_to_do_about_what_wecom_refuses(wecom: FakeWeCom) -> None:
    expected = {
        60020: "is not among the app's trusted IP addresses",
        50003: "the app is disabled",
        301002: "not that of the app with this number",
        40056: "the number of the app is not right",
        45031: "refused with error 45031; docs/wecom.md says what to do",
    }
    for number, words in expected.items():
        wecom.faults.once("agent/get", errcode(number))
        line = doctor()[0]
        assert line.startswith("FAIL WeCom: "), line
        assert words in line
    wecom.faults.once("agent/get", bad_gateway())
    assert doctor()[0] == "FAIL WeCom: cannot be reached (HTTP 502)"
    wecom.state.agent["close"] = 1
    assert doctor()[0] == "FAIL WeCom: the app is disabled"


def test_doctor_tries_a_wrong_secret_once(wecom: FakeWeCom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FANGPINGCHA_WECOM_SECRET", "wrong")
    for _ in range(3):
        assert "the app's secret is refused" in doctor()[0]
    assert len(wecom.calls_of("gettoken")) == 1
    monkeypatch.setenv("FANGPINGCHA_WECOM_SECRET", SECRET)
    assert doctor()[0].startswith("ok ")


# --- the menu ------------------------------------------------------------------------------------------------------


def test_the_menu_is_made_in_the_language_of_the_settings(
    wecom: FakeWeCom, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert does("wecom", "menu") == "WeCom: the menu has 15 entries now.\n"
    assert [top["name"] for top in wecom.state.menu] == ["Tasks", "Cases", "More"]
    monkeypatch.setenv("FANGPINGCHA_LANGUAGE", "zh_CN")
    assert does("wecom", "menu") == "企业微信：菜单已更新，共15项。\n"
    tasks = wecom.state.menu[0]
    assert tasks["name"] == "任务"
    assert [(entry["name"], entry["key"]) for entry in tasks["sub_button"]][:2] == [
        ("今日", "today"),
        ("本周", "week"),
    ]


def test_a_menu_that_is_refused_says_why_in_one_line(wecom: FakeWeCom) -> None:
    wecom.faults.once("menu/create", errcode(60020))
    assert "trusted IP" in one_line("wecom", "menu")


def test_without_its_settings_there_is_no_menu(county: Path) -> None:
    assert one_line("wecom", "menu") == "WeCom is not set up: its settings are missing."


# --- binding -------------------------------------------------------------------------------------------------------


@pytest.fixture
def two(county: Path) -> None:
    for name in ("李敏", "吴涛"):
        does("member", "add", "--name", name, "--role", "care_officer", "--unit", "县发展和改革局")


def bind(number: int, address: str, channel: str = "wecom") -> tuple[str, ...]:
    return ("member", "bind", str(number), "--channel", channel, "--address", address)


def kept(session: Session) -> tuple[list[tuple[str, str]], int]:
    bound = [(one.channel, one.address) for one in session.exec(select(Address).order_by(col(Address.id)))]
    return bound, len(session.exec(select(AuditRecord).where(AuditRecord.verb == "bound")).all())


def test_a_known_userid_is_bound_without_a_code_and_audited(two: None) -> None:
    assert does(*bind(1, " LiMin ")) == "Member 1 is bound.\n"
    assert does(*bind(2, "7000000002", "telegram")) == "Member 2 is bound.\n"
    with opened(read_settings()) as lane:
        assert lane.run_now(kept) == ([("wecom", "limin"), ("telegram", "7000000002")], 2)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (bind(2, "LIMIN"), "This address is bound to a member already; nothing was changed."),
        (bind(1, "limin"), "This address is bound to a member already; nothing was changed."),
        (bind(2, "x", "fax"), "There is no channel fax. There are: telegram, wecom"),
        (bind(2, "@all"), "This is not an address of WeCom; nothing was changed."),
        (bind(2, "a|b"), "This is not an address of WeCom; nothing was changed."),
        (bind(2, "@LiMin", "telegram"), "This is not an address of Telegram; nothing was changed."),
        (bind(9, "x"), "There is no member 9. “fangpingcha member list” shows them all."),
    ],
)
def test_what_cannot_be_bound_is_refused_in_one_line(two: None, command: tuple[str, ...], said: str) -> None:
    does(*bind(1, "limin"))
    assert one_line(*command) == said
    with opened(read_settings()) as lane:
        assert lane.run_now(kept) == ([("wecom", "limin")], 1)


def test_who_is_suspended_is_not_bound(two: None) -> None:
    does("member", "suspend", "1")
    assert one_line(*bind(1, "limin")) == "Member 1 is suspended."
