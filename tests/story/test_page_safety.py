"""Help is one tap away on our own pages, too: everywhere, about the right case; the numbers after words of danger."""

from __future__ import annotations

import re

from sqlmodel import Session, select

from casework.documents.form_book import write_form_book
from casework.forms.catalog import OFFICERS_FORMS
from casework.forms.form import Env
from storage.tables.calls import SafetyCall
from storage.tables.cases import Case
from tests.chat import Phone, Town, labels
from tests.documents.test_form_book import ENV, filled
from tests.story.acts import digest
from tests.story.test_form_book import BOOK, FIRST, TALK, WELL, comes_in, hands_in
from tests.story.words import OVERDUE_CASE
from tests.web import Form, Page, Web, browser

ALARM, HELP = "安全风险", "请人联系我"
NUMBERS = ("110", "120", "12356")
COUNTS, PASSED_ON = "照常有效", "不会转给任何人"
SAID = "他说活着没意思，想自杀。"
MINIMUM = {"date": "2026-11-23", "place": "own_office", "thinking": SAID, "state_of_mind": "not_rated"}


async def note(site: Town, web: Web) -> tuple[Phone, Page]:
    """The page of a note that an officer has begun."""
    officer = await site.one("care_officer")
    question = await officer.taps("记录 张明", await digest(officer))
    return officer, await web.comes_in((await officer.taps("在网页填写", question))["text"])


def alarm(page: Page) -> Form:
    """The button in the head of a page."""
    return next(form for form in page.forms if form.buttons == [ALARM])


async def warned_of(site: Town) -> list[str]:
    def unit(session: Session) -> list[str]:
        return list(session.exec(select(Case.code).join(SafetyCall)))

    return await site.house.lane.read(unit)


def warns(page: Page) -> bool:
    """Whether the page shows the numbers."""
    return re.search(r'id="danger" role="alert" >', page.html) is not None


async def test_from_every_page_of_a_form_about_its_case(site: Town) -> None:
    async with browser(site.house) as web:
        _officer, page = await note(site, web)
        for key, value in (MINIMUM | {"safety": "no"}).items():
            await web.answers(page, key, value)
        page = await web.opens(page.path)
        recap = await web.sends(page.sheet, do="check")
        assert "核对" in recap.text
        for shown in (
            page,
            recap,
            await web.opens(f"{page.path}/cancel"),
            await web.opens(f"{page.path}/case"),
        ):
            asked = await web.sends(alarm(shown))
            assert f"{ALARM}｜张明 {OVERDUE_CASE}" in asked.text
        assert await warned_of(site) == []
        told = await web.sends((await web.sends(alarm(page))).button("立即告知"))
        assert "已告知" in told.text
        assert await warned_of(site) == [OVERDUE_CASE]
        # The form is where it was, and is handed in
        page = await web.opens(page.path)
        assert "已填6项" in page.text
        done = await web.sends((await web.sends(page.sheet, do="check")).sheet)
        assert "已记录" in done.text
        assert alarm(done).action


async def test_a_form_that_the_chat_has_left_is_still_about_its_own_case(site: Town) -> None:
    async with browser(site.house) as web:
        officer, page = await note(site, web)
        other = await officer.says("/today")
        await officer.taps(next(label for label in labels(other) if label.startswith("记录 王芳")), other)
        asked = await web.sends(alarm(await web.opens(page.path)))
        assert f"张明 {OVERDUE_CASE}" in asked.text


async def test_words_of_danger_are_answered_with_the_numbers_and_the_form_goes_on(site: Town) -> None:
    async with browser(site.house) as web:
        _officer, page = await note(site, web)
        assert not warns(page)
        assert not (await web.answers(page, "place", "own_office")).json()["danger"]
        kept = (await web.answers(page, "thinking", SAID)).json()
        assert (kept["kept"], kept["danger"]) == (True, True)
        page = await web.opens(page.path)
        assert warns(page)
        assert all(number in page.text for number in NUMBERS)
        assert "填写照常有效" in page.text
        asked = await web.sends([form for form in page.forms if form.buttons == [ALARM]][-1])
        assert f"张明 {OVERDUE_CASE}" in asked.text
        assert await warned_of(site) == []


async def test_without_a_script_too(site: Town) -> None:
    async with browser(site.house) as web:
        _officer, page = await note(site, web)
        answers = {f"a.{key}": value for key, value in MINIMUM.items()}
        kept = await web.sends(page.sheet, **answers, do="save")
        assert warns(kept)
        recap = await web.sends(kept.sheet, **{"a.safety": "no", "do": "check"})
        assert "核对" in recap.text
        assert warns(recap)
        # Taken out again, it is gone from there
        calm = await web.sends(
            (await web.opens(page.path)).sheet, **{"a.thinking": "情绪平稳。", "do": "save"}
        )
        assert not warns(calm)
        # With another answer refused it is kept, and said to be
        date_refused = await web.sends(
            calm.sheet, **{"a.date": "2026-12-31", "a.thinking": SAID, "do": "save"}
        )
        assert list(date_refused.problems) == ["date"]
        assert warns(date_refused)
        assert COUNTS in date_refused.text


async def test_what_a_page_refuses_is_answered_with_the_numbers_and_not_said_to_count(site: Town) -> None:
    too_long = SAID * 200
    async with browser(site.house) as web:
        _officer, page = await note(site, web)
        refused = await web.sends(page.sheet, **{"a.thinking": too_long, "do": "save"})
        assert list(refused.problems) == ["thinking"]
        assert warns(refused)
        assert all(number in refused.text for number in NUMBERS)
        assert COUNTS not in refused.text
        assert PASSED_ON in refused.text
        # The page's script hears the same
        page = await web.opens(page.path)
        heard = (await web.answers(page, "thinking", too_long)).json()
        assert (heard["kept"], heard["danger"]) == (False, True)
        assert all(number in heard["danger_lines"][0] for number in NUMBERS)
        assert COUNTS not in "".join(heard["danger_lines"])
        heard = (await web.answers(page, "thinking", SAID)).json()
        assert COUNTS in "".join(heard["danger_lines"])
        # With one answer kept and another refused neither is said of both
        await web.answers(page, "state_of_mind", "concern")
        page = await web.opens(page.path)
        both = await web.sends(page.sheet, **{"a.basis": too_long, "do": "save"})
        assert list(both.problems) == ["basis"]
        assert warns(both)
        assert COUNTS not in both.text
        assert PASSED_ON not in both.text


async def test_the_person_and_those_who_warn_of_nobody(site: Town) -> None:
    async with browser(site.house) as web:
        home = await web.comes_in((await (await site.one("subject")).says("网页"))["text"])
        assert HELP in home.labels()
        assert ALARM not in home.labels()
    async with browser(site.house) as web:
        home = await web.comes_in((await (await site.one("organisation_department")).says("网页"))["text"])
        assert not {HELP, ALARM} & set(home.labels())


async def test_words_of_danger_in_a_workbook_are_answered_with_the_numbers(site: Town) -> None:
    officer, blank = (
        await site.one("care_officer"),
        write_form_book(OFFICERS_FORMS.values(), "zh_CN", Env(ENV.today)),
    )
    async with browser(site.house) as web:
        await comes_in(web, officer)
        assert not warns(await web.opens(BOOK))
        refused = await hands_in(
            web, filled(blank, TALK, FIRST, WELL | {"thinking": SAID, "about": "JA-ZZZZ"})
        )
        assert refused.status == 422
        taken = await hands_in(web, filled(blank, TALK, FIRST, WELL | {"thinking": SAID}))
        assert "尚未提交" in taken.text
        for page in (refused, taken):
            assert warns(page)
            assert all(number in page.text for number in NUMBERS)
        assert "照常有效" not in refused.text
        assert "照常有效" in taken.text
        assert await warned_of(site) == []
