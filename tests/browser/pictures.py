"""`make pictures`: the pictures of the docs, taken anew in a real browser on the demo county. Look at them before you
commit them. The file's name keeps it out of `make test`."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")

from PIL import Image
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.chat import Chat
from tests.browser.test_form_page import to_the_form

Open = Callable[..., Chat]
FOLDER = Path(__file__).parents[2] / "docs" / "images"
PHONE = {"width": 390, "height": 844}
A4: ViewportSize = {"width": 794, "height": 1123}
COLOURS = 128
LARGEST = 150_000


def keep(page: Page, name: str) -> None:
    """A picture with few colours: these are pages, not photographs."""
    page.mouse.move(0, 0)  # nothing looks as if it were about to be pressed
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    path = FOLDER / f"{name}.png"
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    assert path.stat().st_size < LARGEST, f"{path} is too large for a page of the docs"


def test_three_phones(open_chat: Open) -> None:
    """The talk is recorded, the supervisor's alert has settled itself, the office looks at the case."""
    chat = open_chat().load()
    officer, _, office = chat.phones
    before = officer.answers.count()
    officer.log.get_by_role("button", name="记录 张明").last.click()
    for tapped in ("今天（11月23日）", "本人办公室", "", "积极稳定（绿）", "未发现", "完成", "提交"):
        question = officer.newest(before)
        before = officer.answers.count()
        if tapped:
            question.get_by_role("button", name=tapped, exact=True).click()
        else:
            officer.says("情绪平稳，主动谈到今后打算。")
    officer.newest(before)
    before = office.answers.count()
    office.says("查询 张明")
    found = office.newest(before)
    before = office.answers.count()
    found.get_by_role("button", name=re.compile("JA-7K3Q")).click()
    office.newest(before)
    keep(chat.page, "demo")


def test_a_note_on_the_page(open_chat: Open) -> None:
    form = to_the_form(open_chat().load())
    form.get_by_role("button", name=re.compile("^今天")).click()
    form.get_by_label("本人办公室").check()
    form.locator("#q-thinking textarea").fill("情绪平稳，愿意谈今后的打算。")
    form.get_by_label("情绪波动（黄）").check()
    expect(form.locator("#status")).to_have_text(re.compile(r"已于\d\d:\d\d保存"))
    form.locator("#q-thinking").scroll_into_view_if_needed()
    keep(form, "note-page")


def test_the_blank_sheet(open_chat: Open) -> None:
    form = to_the_form(open_chat().load())
    form.get_by_role("link", name="打印空白表单").click()
    expect(form.locator(".paper li").first).to_be_visible()
    form.emulate_media(media="print")
    form.set_viewport_size(A4)
    keep(form, "blank-sheet")


def test_the_brief(open_chat: Open) -> None:
    chat = open_chat(**PHONE).load()
    phone = chat.phones[0]
    answers = phone.answers.count()
    phone.says("查询 JA-7K3Q")
    card = phone.newest(answers)
    answers = phone.answers.count()
    card.get_by_role("button", name="走访提示").click()
    phone.newest(answers)
    keep(chat.page, "brief")
