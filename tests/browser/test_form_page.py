"""A form as one page in a real browser of a phone's size: kept as one goes, offline and back, by keyboard, on paper."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")

from playwright.sync_api import APIResponse, Page, Route, expect

from tests.browser.chat import Chat

Open = Callable[..., Chat]
KEPT = re.compile(r"已于\d\d:\d\d保存")
NOTHING_LEFT = "() => sessionStorage.length === 0"


@pytest.fixture
def chat(open_chat: Open) -> Chat:
    return open_chat().load()


@pytest.fixture
def form(chat: Chat) -> Page:
    return to_the_form(chat)


def to_the_form(chat: Chat) -> Page:
    """By hand, from the chat: the button in the first question, the link, and in. A phone of its own size."""
    phone = chat.phones[0]
    answers = phone.answers.count()
    phone.log.get_by_role("button", name="记录 张明").first.click()
    question = phone.newest(answers)
    answers = phone.answers.count()
    question.get_by_role("button", name="在网页填写").click()
    link = phone.newest(answers).locator("a.page-link")
    expect(link).to_have_count(1)
    page = chat.opened(link)
    expect(page.get_by_role("heading", name="谈心谈话")).to_be_visible()
    expect(page.get_by_role("button", name="保存并继续")).to_be_hidden()  # by then the page's script listens
    return page


def fill_the_minimum(form: Page) -> None:
    form.get_by_role("button", name=re.compile("^今天")).click()
    form.get_by_label("本人办公室").check()
    form.locator("#q-thinking textarea").fill("情绪平稳。")
    form.get_by_label("积极稳定（绿）").check()
    form.get_by_label("未发现").check()


def test_filled_in_on_a_phone_and_handed_in(chat: Chat, form: Page) -> None:
    expect(form.locator("#progress")).to_have_text("已填0项，共6项")
    assert form.evaluate("document.documentElement.scrollWidth <= innerWidth")
    form.get_by_role("button", name=re.compile("^今天")).click()
    expect(form.locator("#status")).to_have_text(KEPT)
    form.get_by_label("本人办公室").check()
    form.locator("#q-thinking textarea").fill("情绪平稳，工作正常推进。")
    form.get_by_label("情绪波动（黄）").check()
    expect(form.locator("#q-basis")).to_be_visible()
    form.get_by_label("积极稳定（绿）").check()
    expect(form.locator("#q-basis")).to_be_hidden()
    form.get_by_label("未发现").check()
    expect(form.locator("#progress")).to_have_text("已填5项，共6项")
    form.get_by_role("button", name="核对并提交").click()
    expect(form.locator("section")).to_contain_text("情绪平稳，工作正常推进。")
    form.get_by_role("button", name="提交").click()
    expect(form.locator("section")).to_contain_text("已记录｜谈心谈话｜张明 JA-7K3Q")
    # The chat beside it knows
    expect(chat.phones[0].log).to_contain_text("已在网页上提交。")
    form.wait_for_function(NOTHING_LEFT)


def test_back_from_the_outcome_says_that_it_was_handed_in(chat: Chat, form: Page) -> None:
    fill_the_minimum(form)
    form.get_by_role("button", name="核对并提交").click()
    expect(form.locator("section")).to_contain_text("核对")  # until then, the other button is the same one
    form.get_by_role("button", name="提交").click()
    expect(form.locator("section")).to_contain_text("已记录")
    form.go_back()
    expect(form.get_by_role("alert")).to_contain_text("已提交或已取消")
    expect(form.get_by_role("link", name="我的页面")).to_be_visible()
    chat.complaints.clear()  # the browser notes the status of what is gone


def test_a_refused_answer_is_told_beside_its_field(chat: Chat, form: Page) -> None:
    date = form.locator("#q-date input[type=date]")
    date.fill("2026-11-29")
    problem = form.locator("#problem-date")
    expect(problem).to_contain_text("11月29日")
    expect(date).to_have_attribute("aria-invalid", "true")
    assert "problem-date" in (date.get_attribute("aria-describedby") or "")
    expect(date).to_have_value("2026-11-29")
    date.fill("2026-11-20")
    expect(problem).to_be_empty()
    expect(date).not_to_have_attribute("aria-invalid", "true")


def test_the_page_leads_to_the_first_answer_that_is_missing(chat: Chat, form: Page) -> None:
    form.get_by_role("button", name=re.compile("^今天")).click()
    form.get_by_label("本人办公室").check()
    form.locator("#q-thinking textarea").fill("情绪平稳。")
    form.get_by_label("积极稳定（绿）").check()
    expect(form.locator("#progress")).to_have_text("已填4项，共6项")
    form.get_by_role("button", name="核对并提交").click()
    missing = form.locator("#q-safety")
    expect(missing.locator("#problem-safety")).to_contain_text("必填")
    expect(missing.locator("#problem-safety")).to_be_in_viewport()
    expect(missing.get_by_label("未发现")).to_be_focused()
    expect(missing.get_by_label("未发现")).to_have_attribute("aria-invalid", "true")
    chat.complaints.clear()  # the browser notes the status of a page that refuses something


def test_a_second_tap_while_the_first_is_under_way_does_not_hide_the_outcome(chat: Chat, form: Page) -> None:
    fill_the_minimum(form)
    expect(form.locator("#progress")).to_have_text("已填5项，共6项")
    form.get_by_role("button", name="核对并提交").click()
    expect(form.locator("section")).to_contain_text("核对")
    chat.whole(form)

    arrived: list[Route] = []
    under_way: list[tuple[Route, APIResponse]] = []
    twice: list[Route] = []

    def arrives(route: Route) -> None:
        arrived.append(route)
        under_way.append((route, route.fetch()))

    form.route("**/submit", arrives)
    form.route("**/tapped-twice", lambda route: twice.append(route))
    form.evaluate(
        """() => {
            const button = document.querySelector("form.row button.main");
            button.click();
            setTimeout(() => {
                button.click();
                setTimeout(() => fetch("/tapped-twice"), 500);
            }, 500);
        }"""
    )
    while not twice or len(under_way) < len(arrived):  # the server may be slower than both taps
        form.wait_for_timeout(10)
    twice[0].fulfill(status=204)
    route, answer = under_way[-1]
    route.fulfill(response=answer)
    expect(form.locator("section")).to_contain_text("已记录｜谈心谈话｜张明 JA-7K3Q")


def test_a_button_keeps_the_space_before_a_code(open_chat: Open) -> None:
    chat = open_chat().load()
    phone = chat.phones[0]
    chat.post("staff-1", "/overdue")
    phone.persona.select_option("staff-1")
    expect(phone.answers.last).to_contain_text("逾期任务")
    answers = phone.answers.count()
    phone.says("网页")
    page = chat.opened(phone.newest(answers).locator("a.page-link"))
    told = page.locator("section button").all_inner_texts()
    assert any(re.fullmatch("催办 JA-[0-9A-Z]{4,6}", label) for label in told), told


def test_words_of_danger_bring_up_the_numbers_and_the_alarm_is_at_hand(chat: Chat, form: Page) -> None:
    numbers = form.locator("#danger")
    expect(numbers).to_be_hidden()
    expect(form.locator("header").get_by_role("button", name="安全风险")).to_be_visible()
    form.locator("#q-thinking textarea").fill("他说活着没意思，想自杀。")
    expect(form.locator("#status")).to_have_text(KEPT)
    expect(numbers).to_be_visible()
    for number in ("110", "120", "12356"):
        expect(numbers).to_contain_text(number)
    form.get_by_label("未发现").scroll_into_view_if_needed()
    expect(numbers).to_be_in_viewport()
    assert form.evaluate("document.documentElement.scrollWidth <= innerWidth")
    numbers.get_by_role("button", name="安全风险").click()
    expect(form.locator("main")).to_contain_text("安全风险｜张明 JA-7K3Q")
    expect(form.get_by_role("button", name="立即告知")).to_be_visible()


def test_offline_answers_wait_in_the_tab_and_nowhere_else(chat: Chat, form: Page) -> None:
    thinking = form.locator("#q-thinking textarea")
    form.context.set_offline(True)
    thinking.fill("没有网络时写下的话。")
    form.get_by_label("会议室").check()
    expect(form.locator("#status")).to_contain_text("网络未连接")
    kept = "Object.values(sessionStorage).join()"
    assert "没有网络时写下的话" in form.evaluate(kept)
    assert form.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('fpc')).length") == 0
    form.get_by_role("button", name="核对并提交").click()
    expect(form.locator("#status")).to_contain_text("未能发送")

    form.context.set_offline(False)
    expect(form.locator("#status")).to_have_text(KEPT)
    form.wait_for_function(NOTHING_LEFT)
    form.reload()
    expect(thinking).to_have_value("没有网络时写下的话。")
    expect(form.get_by_label("会议室")).to_be_checked()
    chat.complaints.clear()  # the browser notes what was not reached


def test_a_page_that_is_loaded_again_sends_what_waited(chat: Chat, form: Page) -> None:
    form.route("**/answer", lambda route: route.abort())
    form.locator("#q-thinking textarea").fill("还没有送到的话。")
    expect(form.locator("#status")).to_contain_text("网络未连接")
    form.on("dialog", lambda dialog: dialog.accept())
    form.reload()
    expect(form.locator("#q-thinking textarea")).to_have_value("还没有送到的话。")
    form.unroute("**/answer")
    form.evaluate("window.dispatchEvent(new Event('online'))")
    expect(form.locator("#status")).to_have_text(KEPT)
    chat.complaints.clear()


def test_somebody_else_in_the_same_tab_sees_nothing_of_it(chat: Chat, form: Page) -> None:
    name = form.evaluate("`fpc:${document.querySelector('#form').dataset.draft}`")
    form.evaluate(
        """(name) => sessionStorage.setItem(name, JSON.stringify(
            {whose: "another", unsent: {thinking: {inputs: {"a.thinking": ["别人的话"]}, seen: ""}}}))""",
        name,
    )
    form.reload()
    expect(form.locator("#q-thinking textarea")).to_have_value("")
    form.wait_for_function(NOTHING_LEFT)


def test_two_tabs_do_not_overwrite_each_other(chat: Chat, form: Page) -> None:
    other = form.context.new_page()
    other.goto(form.url)
    other.get_by_label("会议室").check()
    expect(other.locator("#status")).to_have_text(KEPT)
    form.get_by_label("本人办公室").check()
    expect(form.locator("#problem-place")).to_contain_text("会议室")
    form.get_by_role("button", name="用我填的").click()
    expect(form.locator("#problem-place")).to_be_empty()
    other.get_by_label("未发现").check()
    expect(other.get_by_label("本人办公室")).to_be_checked()


def test_what_is_typed_beside_the_options_is_the_answer(form: Page) -> None:
    form.locator("#q-place .typed input").fill("乡镇便民服务中心")
    expect(form.locator('#q-place input[value="~"]')).to_be_checked()
    expect(form.locator("#status")).to_have_text(KEPT)
    form.reload()
    expect(form.locator("#q-place .typed input")).to_have_value("乡镇便民服务中心")


def test_everything_has_a_name_and_room_for_a_thumb(form: Page) -> None:
    nameless = form.evaluate(
        """() => [...document.querySelectorAll("button, a, textarea, input:not([type=hidden])")].filter((node) =>
            !node.textContent.trim() && !node.getAttribute("aria-label") && !node.labels?.length
        ).map((node) => node.outerHTML)"""
    )
    assert nameless == []
    small = form.evaluate(
        """() => [...document.querySelectorAll("button, a, textarea, summary, .option, input:not([type=hidden])")]
            .filter((node) => node.checkVisibility() && !node.closest(".option > *, .option input"))
            .filter((node) => !node.matches("[type=radio], [type=checkbox]"))
            .filter((node) => node.getBoundingClientRect().height < 43.5).map((node) => node.outerHTML)"""
    )
    assert small == []
    form.locator("#q-safety input[type=radio]").first.focus()
    form.keyboard.press("ArrowDown")
    expect(form.locator("#status")).to_have_text(KEPT)
    style = form.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert style != "none"


def test_without_a_script_it_is_a_form_like_any_other(chat: Chat, form: Page) -> None:
    plain = form.context.browser
    assert plain is not None
    made = plain.new_context(
        java_script_enabled=False, locale="zh-CN", storage_state=form.context.storage_state()
    )
    page = made.new_page()
    page.goto(form.url)
    page.locator("#q-thinking textarea").fill("没有脚本也写得下。")
    page.get_by_label("重点关注（红）").check()
    page.get_by_role("button", name="保存并继续").click()
    expect(page.locator("#q-basis")).to_be_visible()
    expect(page.locator("#q-thinking textarea")).to_have_value("没有脚本也写得下。")
    page.get_by_role("button", name="核对并提交").click()
    expect(page.locator("#problem-place")).to_contain_text("必填")
    made.close()


def test_the_blank_sheet_fits_on_a4(form: Page) -> None:
    form.get_by_role("link", name="打印空白表单").click()
    expect(form.locator(".paper li").first).to_be_visible()
    expect(form.get_by_role("button", name="打印")).to_be_visible()
    made = form.pdf(format="A4", prefer_css_page_size=True)
    assert made.startswith(b"%PDF")
    assert "情绪平稳" not in form.content()


def test_what_was_handed_in_elsewhere_is_not_called_logged_out(chat: Chat, form: Page) -> None:
    fill_the_minimum(form)
    expect(form.locator("#progress")).to_have_text("已填5项，共6项")
    for said in ("继续", "完成", "提交"):
        chat.post("officer-1", said)
    form.locator("#q-thinking textarea").fill("提交以后又写的话。")
    expect(form.locator("#trouble")).to_contain_text("已提交或已取消")
    form.get_by_role("button", name="核对并提交").click()
    expect(form.get_by_role("alert")).to_contain_text("已提交或已取消")
    expect(form.locator("main")).not_to_contain_text("登录已失效")
    form.wait_for_function(NOTHING_LEFT)
    chat.complaints.clear()  # the browser notes the status of what is gone
