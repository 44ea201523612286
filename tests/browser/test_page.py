"""The browser chat in a real browser: alone on the network, by keyboard, by touch, live, and when things go wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")

from playwright.sync_api import Route, expect

from tests.browser.chat import Chat

Open = Callable[..., Chat]
POSTS = re.compile(r"/sandbox/personas/[^/]+/messages$")
WATCH_FORMS = """() => {
    const append = FormData.prototype.append;
    window.appended = [];
    FormData.prototype.append = function (...entry) {
        window.appended.push([entry[0], entry[1].name ?? entry[1]]);
        return append.apply(this, entry);
    };
}"""
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def chat(open_chat: Open) -> Chat:
    return open_chat().load()


def test_the_first_screen_tells_the_story(chat: Chat) -> None:
    officer, supervisor, office = chat.phones
    expect(officer.log).to_contain_text("今日待办")
    expect(officer.persona.locator("option:checked")).to_contain_text("关怀责任人")
    expect(supervisor.persona.locator("option:checked")).to_contain_text("分管负责人")
    expect(office.persona.locator("option:checked")).to_contain_text("办公室工作人员")
    expect(chat.page.locator("#clock-day")).to_contain_text("2026年11月23日")
    expect(chat.page.locator("#clock-day")).to_contain_text("星期一")
    expect(chat.page.locator("#clock-time")).to_have_text("08:30")
    expect(chat.page.locator(".demo")).to_have_text("演示环境，人员均为虚构")
    expect(chat.page.locator(".not-classified")).to_contain_text("不是涉密信息系统")


def test_the_page_needs_nobody_else_and_is_not_kept(chat: Chat) -> None:
    answer = chat.page.request.get(f"{chat.url}/sandbox/")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"
    assert chat.foreign == []


def test_an_english_browser_gets_an_english_page(open_chat: Open) -> None:
    chat = open_chat(locale="en-GB").load()
    page = chat.page
    assert page.locator("html").get_attribute("lang") == "en"
    expect(page.locator(".demo")).to_have_text("Demo: everyone here is invented")
    expect(page.locator("#clock-day")).to_contain_text("Monday")
    chrome = page.locator("#clock button, #clock label, .strip button, .composer button, .foot p, h1, h2")
    assert [text for text in chrome.all_text_contents() if CHINESE.search(text)] == []


def test_a_typed_message_is_shown_and_answered(chat: Chat) -> None:
    phone = chat.phones[0]
    mine, answers = phone.mine.count(), phone.answers.count()
    phone.says("帮助")
    expect(phone.mine).to_have_count(mine + 1)
    expect(phone.mine.last).to_contain_text("帮助")
    expect(phone.newest(answers)).to_be_in_viewport()
    expect(phone.input).to_have_value("")
    expect(phone.log.locator(".pending")).to_have_count(0)


def test_what_people_type_is_never_markup(chat: Chat) -> None:
    phone = chat.phones[0]
    typed = "查询 <b>x</b>&amp;<img src=x onerror=alert(1)>"
    phone.says(typed)
    expect(phone.mine.last.locator(".text")).to_have_text(typed)
    assert phone.log.locator("b, .text img").count() == 0


def test_a_tap_leads_on_and_cancel_ends_it(chat: Chat) -> None:
    phone = chat.phones[0]
    answers = phone.answers.count()
    phone.log.locator(".option", has_text=re.compile("^记录")).first.click()
    question = phone.newest(answers)
    answers = phone.answers.count()
    question.locator(".option", has_text=re.compile("^取消$")).click()
    outcome = phone.newest(answers)
    expect(outcome.locator(".option", has_text=re.compile("^取消$"))).to_have_count(0)


def test_buttons_wait_while_one_of_them_is_worked_on(chat: Chat) -> None:
    phone = chat.phones[0]
    held: list[Route] = []
    chat.page.route(POSTS, lambda route: held.append(route))
    message = phone.answers.filter(has=chat.page.locator(".option")).first
    with chat.page.expect_request(POSTS):
        message.locator(".option").first.click()
    expect(message.locator(".option:enabled")).to_have_count(0)
    while not held:  # the browser asks before we hear of it
        chat.page.wait_for_timeout(10)
    assert len(held) == 1
    held[0].continue_()
    expect(message.locator(".option").first).to_be_enabled()


def test_quick_commands_fit_the_role(chat: Chat) -> None:
    officer, supervisor, _ = chat.phones
    expect(officer.commands.filter(has_text="今日")).to_have_count(1)
    expect(supervisor.commands.filter(has_text="今日")).to_have_count(0)
    answers = officer.answers.count()
    officer.commands.filter(has_text="本周").click()
    officer.newest(answers)
    officer.commands.filter(has_text="查询").click()
    expect(officer.input).to_be_focused()
    expect(officer.input).to_have_value("查询 ")


def test_one_can_be_somebody_else(chat: Chat) -> None:
    phone = chat.phones[0]
    first = phone.persona.input_value()
    label = phone.log.get_attribute("aria-label") or ""
    phone.input.fill("写到一半")
    phone.persona.select_option(phone.persona_of("领导小组成员"))
    expect(phone.log).not_to_have_attribute("aria-label", label)
    expect(phone.commands.filter(has_text="今日")).to_have_count(0)
    expect(phone.input).to_have_value("")
    phone.persona.select_option(first)
    expect(phone.log).to_contain_text("今日待办")
    expect(phone.input).to_have_value("写到一半")


def test_news_arrive_by_themselves(chat: Chat) -> None:
    phone = chat.phones[0]
    answers = phone.answers.count()
    chat.post(phone.persona.input_value(), "帮助")
    phone.newest(answers)
    expect(phone.mine.last).to_contain_text("帮助")


def test_news_of_people_on_no_phone_are_counted(chat: Chat) -> None:
    phone = chat.phones[0]
    other = phone.persona_of("关怀责任人", but=phone.persona.input_value())
    chat.post(other, "帮助")
    option = phone.persona.locator(f'option[value="{other}"]')
    expect(option).to_contain_text("条新消息")
    chat.page.locator("#others button").first.click()
    expect(phone.persona).to_have_value(other)
    expect(option).not_to_contain_text("条新消息")
    expect(chat.page.locator("#others")).to_be_hidden()
    expect(phone.mine.last).to_contain_text("帮助")


def test_the_keyboard_is_enough(chat: Chat) -> None:
    phone, keys = chat.phones[0], chat.page.keyboard
    keys.press("Alt+3")
    expect(chat.phones[2].input).to_be_focused()
    keys.press("Alt+1")
    expect(phone.input).to_be_focused()
    mine, answers = phone.mine.count(), phone.answers.count()
    keys.type("今")
    keys.press("Shift+Enter")
    expect(phone.input).to_have_value("今\n")
    keys.press("Backspace")
    keys.type("日")
    keys.press("Enter")
    expect(phone.mine).to_have_count(mine + 1)
    phone.newest(answers)

    record = phone.log.locator(".option", has_text=re.compile("^记录")).last
    for _ in range(60):
        keys.press("Shift+Tab")
        if record.evaluate("node => node === document.activeElement"):
            break
    expect(record).to_be_focused()
    answers = phone.answers.count()
    keys.press("Enter")
    question = phone.newest(answers)
    expect(question).to_be_focused()
    keys.press("Tab")
    expect(question.locator(".option").first).to_be_focused()


def test_focus_is_visible_and_everything_has_a_name(chat: Chat) -> None:
    page = chat.page
    page.locator("[data-advance]").first.focus()
    page.keyboard.press("Tab")
    style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert style != "none"
    nameless = page.evaluate(
        """() => [...document.querySelectorAll("button, select, textarea, input:not([hidden])")].filter((node) =>
            !node.textContent.trim() && !node.getAttribute("aria-label") && !node.labels?.length
        ).map((node) => node.outerHTML)"""
    )
    assert nameless == []
    for phone in chat.phones:
        expect(phone.log).to_have_attribute("aria-live", "polite")


def test_time_moves_forward_only(chat: Chat) -> None:
    page = chat.page
    page.locator('[data-advance="PT1H"]').click()
    expect(page.locator("#clock-time")).to_have_text("09:30")
    page.locator('[data-advance="P1D"]').click()
    expect(page.locator("#clock-day")).to_contain_text("11月24日")
    expect(page.locator('[data-advance="P1D"]')).to_be_enabled()
    page.locator("#jump-moment").fill("2026-11-25T07:00")
    page.locator("#jump button").click()
    expect(page.locator("#clock-day")).to_contain_text("11月25日")
    expect(page.locator("#clock-time")).to_have_text("07:00")
    expect(page.locator("#jump button")).to_be_enabled()
    assert chat.complaints == []
    page.locator("#jump-moment").fill("2026-11-01T07:00")
    page.locator("#jump button").click()
    expect(page.locator("#status")).not_to_be_empty()
    expect(page.locator("#jump button")).to_be_enabled()
    expect(page.locator("#clock-time")).to_have_text("07:00")
    chat.complaints.clear()  # the browser notes the refusal


def test_what_got_lost_is_sent_again_and_counts_once(chat: Chat) -> None:
    phone, page = chat.phones[0], chat.page
    sent: list[str] = []

    def lose(route: Route) -> None:
        sent.append(json.loads(route.request.post_data or "{}")["event_id"])
        route.abort()

    page.route(POSTS, lose)
    mine = phone.mine.count()
    phone.says("帮助")
    line = phone.log.locator(".system")
    expect(line).to_have_count(1)
    expect(line).to_contain_text("帮助")
    page.unroute(POSTS)
    with page.expect_request(POSTS) as again:
        line.locator(".system-retry").click()
    assert json.loads(again.value.post_data or "{}")["event_id"] == sent[0]
    expect(phone.mine).to_have_count(mine + 1)
    expect(line).to_have_count(0)
    chat.complaints.clear()  # the browser notes the loss


def test_a_refusal_says_why_and_gives_the_words_back(chat: Chat) -> None:
    phone, page = chat.phones[0], chat.page
    page.route(POSTS, lambda route: route.fulfill(status=422, json={"detail": "内容过长。"}))
    phone.says("很长的话")
    expect(phone.log.locator(".system")).to_contain_text("内容过长。")
    expect(phone.log.locator(".system-retry")).to_have_count(0)
    expect(phone.input).to_have_value("很长的话")
    chat.complaints.clear()  # the browser notes the refusal


def test_a_broken_line_comes_back_and_catches_up(open_chat: Open) -> None:
    chat = open_chat()
    chat.page.route("**/sandbox/events", lambda route: route.fulfill(status=503, body=""))
    chat.load()
    phone = chat.phones[0]
    expect(chat.page.locator("#status")).to_contain_text("连接已断开")
    answers = phone.answers.count()
    chat.post(phone.persona.input_value(), "帮助")
    chat.page.unroute("**/sandbox/events")
    phone.newest(answers)
    expect(chat.page.locator("#status")).to_be_empty()
    chat.complaints.clear()  # the browser notes the refusals


def test_a_file_is_sent_with_its_kind(chat: Chat, tmp_path: Path) -> None:
    phone, page = chat.phones[0], chat.page
    document = tmp_path / "谈话提纲.txt"
    document.write_text("提纲", encoding="utf-8")
    page.evaluate(WATCH_FORMS)  # Chromium tells nobody the body of an upload
    answers = phone.answers.count()
    phone.root.locator(".attach").click()
    with page.expect_file_chooser() as chooser:
        phone.root.locator('[data-kind="document"]').click()
    with page.expect_request(POSTS) as posted:
        chooser.value.set_files(document)
    assert posted.value.headers["content-type"].startswith("multipart/form-data")
    sent = dict(page.evaluate("window.appended"))
    assert sent.pop("event_id")
    assert sent == {"kind": "document", "file": "谈话提纲.txt"}
    phone.newest(answers)


def test_on_a_narrow_screen_one_phone_is_in_front(open_chat: Open) -> None:
    chat = open_chat(width=390, height=844, has_touch=True).load()
    page = chat.page
    officer, supervisor, _ = chat.phones
    expect(officer.root).to_be_visible()
    expect(supervisor.root).to_be_hidden()
    expect(officer.root.locator(".send")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    code = officer.log.get_by_text("JA-7K3Q", exact=True).last
    assert code.evaluate("one => one.getClientRects().length") == 1, "a code is never broken at its dash"

    answers = supervisor.answers.count()
    chat.post(supervisor.persona.input_value(), "帮助")
    tab = page.locator("#tabs button").nth(1)
    expect(tab.locator(".badge")).to_be_visible()
    tab.tap()
    expect(supervisor.root).to_be_visible()
    expect(officer.root).to_be_hidden()
    expect(tab.locator(".badge")).to_be_hidden()
    expect(supervisor.newest(answers)).to_be_in_viewport()


def test_who_was_chosen_stays_after_loading_again(chat: Chat) -> None:
    phone = chat.phones[1]
    leader = phone.persona_of("领导小组成员")
    phone.persona.select_option(leader)
    chat.page.reload()
    expect(phone.persona).to_have_value(leader)
