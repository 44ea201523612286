"""On our own pages: a draft goes to a colleague, who takes it there; the person visited says that it took place."""

from __future__ import annotations

from tests.chat import Phone, Town
from tests.story.test_own_word import TRUE, noted
from tests.story.test_own_word import words as said_by_them
from tests.story.test_sharing import BACK, GIVE, STEPS, TAKE, begun
from tests.web import Page, Web, browser


async def first_page(web: Web, phone: Phone) -> Page:
    await phone.says("网页")
    await web.comes_in((await phone.finds("/page/in?"))["text"])
    return await web.opens("/page/")


async def given(site: Town) -> tuple[Phone, Phone]:
    """The officer gives their draft to whoever covers for them, on the page."""
    officer, cover = await begun(site)
    async with browser(site.house) as web:
        chosen = await web.sends((await first_page(web, officer)).button(GIVE))
        assert "陪同人员不代填" in chosen.text
        offered = await web.sends(chosen.button(cover.name))
        assert f"已转交{cover.name}，待对方接收" in offered.text
    await site.later(to="2026-11-23T10:00")
    return officer, cover


async def test_a_draft_is_given_and_taken_on_the_page(site: Town) -> None:
    officer, cover = await given(site)
    async with browser(site.house) as web:
        home = await first_page(web, cover)
        assert "接着填完" in home.text, "what a colleague asks for is on the first page"
        form = await web.sends(home.button(TAKE))
        assert form.path.startswith("/page/form/")
        assert STEPS[2].removeprefix("say:") in form.html
        assert "接着填完" not in (await web.opens("/page/")).text
    async with browser(site.house) as web:
        assert GIVE not in (await first_page(web, officer)).labels()


async def test_a_draft_is_given_back_on_the_page(site: Town) -> None:
    officer, cover = await given(site)
    async with browser(site.house) as web:
        home = await first_page(web, cover)
        assert "已退回" in (await web.sends(home.button(BACK))).text
        assert "接着填完" not in (await web.opens("/page/")).text
    async with browser(site.house) as web:
        assert GIVE in (await first_page(web, officer)).labels()


async def test_the_person_says_on_the_page_that_it_took_place(site: Town) -> None:
    person, _, _ = await noted(site)
    async with browser(site.house) as web:
        home = await first_page(web, person)
        assert "谢谢" in (await web.sends(home.button(TRUE))).text
        assert TRUE not in (await web.opens("/page/")).labels()
    (word,) = await site.house.lane.read(said_by_them)
    assert word.state == "confirmed"
