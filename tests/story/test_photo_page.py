"""A photo of the signed form on the page and on real channels, where it may pass and where it may not."""

from __future__ import annotations

import pytest

from bot.app import House
from bot.channels.disclosure import Level
from bot.pages.cookie import NAME
from casework import pictures
from storage.sealed import blind_index
from tests.chat import Phone, Town
from tests.story.photos import ASKED, KEPT, REFUSED, asked_for_photo, hand_in, kept, photo, uploads
from tests.story.words import ON_SQLITE, OVERDUE_CASE
from tests.telegram_town import TelegramPhone, TelegramTown, telegram_town
from tests.web import Form, Page, Web, browser, read
from tests.wecom_town import WecomPhone, WecomTown, wecom_town, words

# --- on the page -----------------------------------------------------------------------------------------------------


async def on_page(site: Town, web: Web) -> tuple[Phone, Page]:
    officer = await site.one("care_officer")
    await asked_for_photo(officer)
    return officer, await web.comes_in((await officer.says("网页"))["text"])


async def test_it_is_chosen_seen_and_taken_out_again_on_the_page(site: Town) -> None:
    async with browser(site.house) as web:
        _, page = await on_page(site, web)
        assert page.visible == ["signed_on", "photo"]
        assert 'enctype="multipart/form-data"' in page.html
        answer = (await uploads(web, page, photo((800, 600)))).json()
        (medium,) = await kept(site)
        assert (answer["kept"], answer["values"]["photo"]["text"]) == (True, str(medium.id))
        assert answer["progress"] == "已填2项，共2项"
        page = await web.opens(page.path)
        assert f'src="/page/photo/{medium.id}/image"' in page.html
        assert (await web.client.get(f"/page/photo/{medium.id}/image")).content == medium.content
        again = (await uploads(web, page, photo(colour="grey"))).json()
        (other,) = await kept(site)
        assert again["values"]["photo"]["text"] == str(other.id) != str(medium.id)
        page = await web.opens(page.path)
        out = (await web.answers(page, "photo", str(other.id), drop="yes")).json()
        assert (out["kept"], out["values"]["photo"]["text"]) == (True, "")
        outcome = await hand_in(web, await web.opens(page.path))
        assert "已提交" in outcome.text
        assert KEPT not in outcome.text
        assert await kept(site) == []


async def test_without_a_script_it_is_sent_with_the_form(site: Town) -> None:
    async with browser(site.house) as web:
        _, page = await on_page(site, web)
        inputs = {**page.sheet.inputs, "do": ["check"]}
        bad = {"f.photo": ("a.jpg", b"%PDF-1.7", "image/jpeg")}
        refused = read(await web.client.post(page.sheet.action, data=inputs, files=bad))
        assert (refused.status, "不是可以读取的照片" in refused.problems["photo"]) == (422, True)
        good = {"f.photo": ("a.jpg", photo(), "image/jpeg")}
        sent = await web.client.post(page.sheet.action, data=inputs, files=good, follow_redirects=True)
        recap = read(sent)
        assert "照片1张，已加密" in recap.text
        assert KEPT in (await web.sends(recap.sheet)).text
        assert len(await kept(site)) == 1


async def test_what_a_page_refuses(site: Town) -> None:
    async with browser(site.house) as web:
        _, page = await on_page(site, web)
        nobody = await uploads(web, page, photo(), "thinking")
        assert (nobody.json()["kept"], await kept(site)) == (False, [])
        no_photo = (await uploads(web, page, b"\xff\xd8\xff\xe0")).json()
        assert (no_photo["kept"], "不是可以读取的照片" in no_photo["problem"]) == (False, True)
        large = await uploads(web, page, photo() + b"0" * pictures.MOST_BYTES)
        assert "照片太大" in large.json()["problem"]
        assert (await uploads(web, page, b"0" * 10_000_000)).status_code == 413
        made_up = (await web.answers(page, "photo", "1234567")).json()
        assert (made_up["kept"], "已不在了" in made_up["problem"]) == (False, True)
        async with browser(site.house) as stranger:
            assert (await uploads(stranger, page, photo())).status_code == 403
        other = await site.one("care_officer", 1)
        async with browser(site.house) as theirs:
            await theirs.comes_in((await other.says("网页"))["text"])
            sheet = page.sheet.inputs | {"page": [seal_of(theirs)]}
            forged = Page(200, page.path, "", [Form(page.sheet.action, sheet)], [], {})
            assert (await uploads(theirs, forged, photo())).status_code == 404
        assert await kept(site) == []


async def test_the_form_to_sign_is_printed(site: Town) -> None:
    async with browser(site.house) as web:
        _, page = await on_page(site, web)
        paper = await web.opens(f"{page.path}/print")
        assert "陪同人员（本人陪同，确认已开展）" in paper.text
        assert f"11月23日｜谈心谈话｜张明 {OVERDUE_CASE}" in paper.text
        assert "退休干部周老" in paper.text
        assert ASKED not in paper.text


def seal_of(web: Web) -> str:
    """What the pages of this browser carry."""
    return blind_index(f"{web.client.cookies[NAME]}:form", "page.form").hex()[:32]


# --- abroad ----------------------------------------------------------------------------------------------------------


@ON_SQLITE
@pytest.mark.parametrize("as_file", [False, True])
async def test_on_telegram_at_full_it_leaves_no_trace_in_the_chat(house: House, as_file: bool) -> None:
    async with telegram_town(house, "webhook", Level.full) as county:
        officer = await county.bound("care_officer")
        await abroad(county, officer)
        sent = photo()
        await (officer.user.sends_document("IMG_1.jpg", sent) if as_file else officer.user.sends_photo(sent))
        await officer.settled()
        assert "照片1张" in officer.last.text
        await officer.taps("提交")
        assert KEPT in officer.last.text
        assert not any(seen.file for seen in officer.user.chat)
        (medium,) = await kept(county.town)
        assert b"Camera of Li" not in medium.content
        assert len(county.fake.calls_of("getFile")) == 1


@ON_SQLITE
async def test_on_telegram_at_coded_it_goes_by_the_page(house: House) -> None:
    async with telegram_town(house, "webhook", Level.coded) as county:
        officer = await county.bound("care_officer")
        await abroad(county, officer)
        question = officer.last
        assert "此渠道不能传照片：请点〔在网页填写〕上传，没有可跳过。" in question.text
        assert question.labels[:2] == ["在网页填写", "跳过"]
        await officer.user.sends_photo(photo())
        await officer.settled()
        assert "这张照片没有保留。" in officer.last.text
        assert not any(seen.file for seen in officer.user.chat)  # it was taken back at once
        assert county.fake.calls_of("getFile") == []
        link = (await officer.taps("在网页填写")).text
        async with browser(county.house) as web:
            page = await web.comes_in(link)
            assert (await uploads(web, page, photo())).json()["kept"]
            assert KEPT in (await hand_in(web, await web.opens(page.path))).text
        await county.house.office.settled()
        assert len(await kept(county.town)) == 1
        await officer.user.sends_photo(photo())
        await officer.settled()
        assert REFUSED in officer.last.text
        assert not any(seen.file for seen in officer.user.chat)


@ON_SQLITE
async def test_on_telegram_a_file_that_cannot_be_fetched_is_told(house: House) -> None:
    async with telegram_town(house, "webhook", Level.full) as county:
        officer = await county.bound("care_officer")
        await abroad(county, officer)
        await officer.user.sends_photo(photo())
        county.fake.world.files.clear()  # the vendor has it no more
        await officer.settled()
        assert "照片没有取到，请再发一次。" in officer.last.text
        assert ASKED in officer.last.text
        assert await kept(county.town) == []


@ON_SQLITE
async def test_on_wecom_at_full(house: House) -> None:
    async with wecom_town(house, Level.full) as county:
        officer = await county.bound("care_officer")
        await abroad(county, officer)
        assert (await officer.user.sends_image(photo())).ok
        await officer.settled()
        assert "照片1张" in words(officer.finds("照片1张"))
        await officer.taps("提交")
        officer.finds(KEPT)
        assert len(await kept(county.town)) == 1


@ON_SQLITE
async def test_on_wecom_at_coded(house: House) -> None:
    async with wecom_town(house, Level.coded) as county:
        officer = await county.bound("care_officer")
        await abroad(county, officer)
        officer.finds("此渠道不能传照片，本题请跳过。")
        assert (await officer.user.sends_image(photo())).ok
        await officer.settled()
        officer.finds("这张照片没有保留。")
        assert len(county.fake.calls_of("media/get")) == 0
        assert await kept(county.town) == []


async def abroad(county: TelegramTown | WecomTown, officer: TelegramPhone | WecomPhone) -> None:
    """The question for the photo: begun in the browser, and gone on with here."""
    await asked_for_photo(await county.town.one("care_officer"))
    await officer.says("继续")
