"""A form on its page in a real browser of a phone's size: a photo and a workbook from real files, and the way out where
the family does not know."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")

from playwright.sync_api import Page, expect

from tests.browser.chat import Chat
from tests.story.photos import WITH_PAPER, photo
from tests.story.test_sent_book import ONE

Open = Callable[..., Chat]
SEEN = "() => document.querySelector('#q-photo img').naturalWidth > 0"


@pytest.fixture
def chat(open_chat: Open) -> Chat:
    return open_chat().load()


def walk(chat: Chat, *steps: str) -> None:
    """Tap, or type what stands after `say:`, each on the newest message of the officer's phone. What is ticked changes
    in its own message."""
    phone = chat.phones[0]
    for step in steps:
        before = phone.answers.count()
        newest, told = phone.answers.nth(before - 1), phone.answers.nth(before)
        if step.startswith("say:"):
            phone.says(step[4:])
        else:
            newest.get_by_role("button", name=re.compile(f"^{step}")).first.click()
            told = told.or_(newest.get_by_role("button", name=re.compile(f"^✓ {step}")))
        expect(told.first).to_be_attached()
        expect(phone.root.locator(".typing")).to_be_hidden()
        if (
            phone.answers.count() == before
        ):  # answered in place: that it was tapped last would look like a tick
            expect(newest.locator(".option.tapped")).to_have_count(0)


def on_its_page(chat: Chat) -> Page:
    """What is asked in the chat, on a phone of its own size."""
    walk(chat, "say:网页")
    page = chat.opened(chat.phones[0].answers.last.locator("a.page-link"))
    expect(page.locator("#form")).to_be_visible()
    return page


@pytest.fixture
def paper(chat: Chat) -> Page:
    walk(chat, "say:/case JA-7K3Q", "记录 张明", *WITH_PAPER, "提交", "登记签字材料", "今天")
    return on_its_page(chat)


def test_a_photo_from_a_file_is_kept_seen_and_handed_in(chat: Chat, paper: Page, tmp_path: Path) -> None:
    first, other, text = tmp_path / "签字表.jpg", tmp_path / "other.jpg", tmp_path / "no.jpg"
    first.write_bytes(photo((1200, 900)))
    other.write_bytes(photo((800, 600), "grey"))
    text.write_bytes(b"%PDF-1.7")
    chooser, shown = paper.get_by_label("选择照片或拍照"), paper.locator("#q-photo img")
    expect(shown).to_be_hidden()
    expect(paper.locator("#q-photo .chooser .button")).to_be_visible()
    chooser.set_input_files(first)
    expect(paper.locator("#status")).to_have_text(re.compile(r"已于\d\d:\d\d保存"))
    expect(paper.locator("#progress")).to_have_text("已填2项，共2项")
    expect(shown).to_be_visible()
    paper.wait_for_function(SEEN)  # it has its place on the page before it is fetched
    assert paper.evaluate("document.documentElement.scrollWidth <= innerWidth")
    kept = shown.get_attribute("src")

    chooser.set_input_files(text)
    expect(paper.locator("#problem-photo")).to_contain_text("照片")
    assert shown.get_attribute("src") == kept, "what is refused takes nothing away"
    chooser.set_input_files(other)
    expect(paper.locator("#problem-photo")).to_be_empty()
    expect(shown).not_to_have_attribute("src", kept or "")
    assert paper.evaluate("Object.keys(sessionStorage)") == [], "a photo never waits in the tab"

    paper.reload()
    expect(shown).to_be_visible()
    paper.get_by_role("button", name="核对并提交").click()
    expect(paper.locator("section")).to_contain_text("核对")  # until then, the other button is the same one
    paper.get_by_role("button", name="提交").click()
    expect(paper.locator("section")).to_contain_text("已提交")
    expect(paper.locator("section")).to_contain_text("照片已加密保存")


def test_without_a_connection_a_photo_is_chosen_again(chat: Chat, paper: Page, tmp_path: Path) -> None:
    file = tmp_path / "签字表.jpg"
    file.write_bytes(photo((800, 600)))
    paper.context.set_offline(True)
    paper.locator("#q-photo input[type=file]").set_input_files(file)
    expect(paper.locator("#status")).to_contain_text("照片没有发出")
    expect(paper.locator("#q-photo img")).to_be_hidden()
    paper.context.set_offline(False)
    paper.locator("#q-photo input[type=file]").set_input_files(file)
    expect(paper.locator("#q-photo img")).to_be_visible()
    # No check(): the box is gone, and unticked for the next photo, as soon as the server has answered.
    paper.get_by_label("去掉这张照片").click()
    expect(paper.locator("#q-photo img")).to_be_hidden()
    chat.complaints.clear()  # the browser notes what was not reached


def test_a_workbook_is_chosen_by_a_button_in_the_language_of_the_page(chat: Chat, tmp_path: Path) -> None:
    file = tmp_path / "谈话.xlsx"
    file.write_bytes(ONE)
    walk(chat, "say:网页")
    page = chat.opened(chat.phones[0].answers.last.locator("a.page-link"))
    page.get_by_role("link", name="离线填写").click()
    button, chosen = page.locator(".chooser .button"), page.locator("[data-none]")
    expect(button).to_have_text("选择离线填写表")
    expect(chosen).to_have_text("未选择文件")
    place = button.bounding_box()
    assert place is not None
    assert place["height"] >= 44
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    with page.expect_file_chooser():
        page.mouse.click(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    page.get_by_role("link", name="下载空白表").focus()
    page.keyboard.press("Tab")
    assert button.evaluate("it => getComputedStyle(it).outlineStyle") == "solid", "one sees where one is"
    with page.expect_file_chooser() as opening:
        page.keyboard.press("Enter")
    opening.value.set_files(file)
    expect(chosen).to_have_text("谈话.xlsx")
    page.get_by_role("button", name="检查并录入").click()
    expect(page.get_by_role("status")).to_contain_text("尚未提交")


def test_where_the_family_does_not_know_there_is_a_way_out(chat: Chat) -> None:
    walk(chat, "say:/case JA-5M2X", "记录 王芳")
    page = on_its_page(chat)
    way_out = page.get_by_role("button", name="家属不知情，暂不家访")
    expect(way_out).to_be_hidden()
    page.locator("#q-family_informed").get_by_label("不知情").check()
    expect(page.locator("#problem-family_informed")).to_contain_text("不开展廉政家访")
    expect(way_out).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("#q-family_informed").get_by_label("知情", exact=True).check()
    expect(way_out).to_be_hidden()
    page.locator("#q-family_informed").get_by_label("不知情").check()
    way_out.click()
    expect(page.locator("section")).to_contain_text("已登记｜暂不家访")
    expect(chat.phones[0].log).to_contain_text("已在网页上提交。")
