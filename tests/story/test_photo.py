"""A photo of the signed form: asked for in one place, refused in every other; seen by the office on a page alone."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image
from sqlmodel import Session

from bot.app import House
from bot.channels.disclosure import Level
from casework import handing
from reminders import retention
from storage.errors import NotFound
from storage.queries.access import Actor, actor_of
from storage.queries.media import access_medium, note_of
from storage.queries.notes import access_note
from storage.tables.members import Member
from storage.tables.notes import Note
from tests.chat import Phone, Town, labels
from tests.story.acts import walk
from tests.story.photos import ASKED, KEPT, REFUSED, asked_for_photo, audited, kept, photo, sends
from tests.story.words import ON_SQLITE, OVERDUE_CASE
from tests.telegram_town import telegram_town
from tests.web import browser
from tests.wecom_town import member_of


def acting(session: Session, phone: Phone) -> Actor:
    return actor_of(session, session.get_one(Member, member_of(session, phone.id)), "zh_CN")


async def test_it_is_taken_where_it_is_asked_for(site: Town) -> None:
    officer, office = await site.one("care_officer"), await site.one("commission_staff")
    question = await asked_for_photo(officer)
    assert ASKED in question["text"]
    sent = photo()
    recap = await sends(officer, sent)
    assert "签字表照片: 照片1张，已加密" in recap["text"].replace("：", ": ")
    done = await officer.taps("提交", recap)
    assert KEPT in done["text"]
    assert "该次回访现计为：正式回访。" in done["text"]

    (medium,) = await kept(site)
    content = medium.content
    assert content not in medium.content_sealed
    assert medium.content_sealed.count(b"JFIF") == 0
    assert hashlib.sha256(content).hexdigest() == medium.sha256
    assert (medium.size, medium.media_type) == (len(content), "image/jpeg")
    with Image.open(BytesIO(content)) as opened:
        assert opened.size == (900, 1200)  # upright
        assert not opened.getexif()
    for trace in (b"Camera of Li", b"taken at home", b"Exif", b"GPS"):
        assert trace in sent or trace == b"GPS"
        assert trace not in content

    # The office sees it on a page, behind login, and no chat ever shows it
    shown = await office.taps("时间线", await office.says(f"/case {OVERDUE_CASE}"))
    note = await office.taps("11月23日 谈心谈话", shown)
    assert "签字表照片" in labels(note)
    way = await office.taps("签字表照片", note)
    assert "照片只能登录网页查看" in way["text"]
    assert not any(one["file"] for one in await office.told())
    async with browser(site.house) as web:
        page = await web.comes_in(way["text"])
        assert page.path == f"/page/photo/{medium.id}"
        assert medium.sha256 in page.text
        assert "陪同人员 退休干部周老" in page.text
        image = await web.client.get(f"{page.path}/image")
        assert image.content == content
        assert image.headers["cache-control"] == "no-store"
        assert image.headers["content-type"] == "image/jpeg"
        assert image.headers["x-content-type-options"] == "nosniff"
    await site.house.lane.run(retention.purge_photos)
    assert len(await kept(site)) == 1  # on file
    (read,) = await audited(site, "photo_read")
    assert (read.subject_id, len(await audited(site, "photo_kept"))) == (medium.id, 1)


async def test_it_is_for_the_office_and_its_author_alone(site: Town) -> None:
    officer = await site.one("care_officer")
    await asked_for_photo(officer)
    await officer.taps("提交", await sends(officer, photo()))
    (medium,) = await kept(site)
    at = f"/page/photo/{medium.id}"
    may = {"commission_staff", "leader"}
    for one in await site.personas():
        phone = Phone(site, one["id"], one["name"])
        async with browser(site.house) as web:
            assert (await web.client.get(f"{at}/image")).status_code == 401
            await web.comes_in((await phone.says("网页"))["text"])
            seen = (await web.client.get(f"{at}/image")).status_code
            missing = await web.client.get("/page/photo/1")
            if one["role"] in may or one["id"] == officer.id:
                assert seen == 200, one
            else:
                assert seen == 404, one
                assert (await web.client.get(at)).text == missing.text


@ON_SQLITE
async def test_whoever_cares_for_the_person_by_now_reads_the_note_without_it(town: Town) -> None:
    officer, office, after = (
        await town.one("care_officer"),
        await town.one("commission_staff"),
        await town.one("care_officer", 1),
    )
    await asked_for_photo(officer)
    await officer.taps("提交", await sends(officer, photo()))
    (medium,) = await kept(town)

    def unit(session: Session) -> None:
        note = session.get_one(Note, note_of(session, medium))
        new = acting(session, after)
        now = town.house.clock.now()
        handing.hand_over(session, acting(session, office), note.case_id, new.member_id, "moved", now=now)
        assert access_note(session, new, note.id, to="read") is note
        with pytest.raises(NotFound):
            access_medium(session, new, medium.id)

    await town.house.lane.run(unit)


@pytest.mark.parametrize("kind", ["photo", "document"])
async def test_in_every_other_place_it_is_refused(town: Town, kind: str) -> None:
    officer = await town.one("care_officer")
    said = REFUSED if kind == "photo" else "这里只收填好的离线填写表"
    assert said in (await sends(officer, photo(), kind))["text"]
    question = await officer.taps("记录 张明", await officer.says(f"/case {OVERDUE_CASE}"))
    refused = await sends(officer, photo(), kind)
    assert said in refused["text"]
    assert "继续填写" in labels(refused)
    assert "第1步" in (await officer.taps("继续填写", refused))["text"]
    assert question["text"]
    assert said in (await sends(await town.one("commission_staff"), photo(), kind))["text"]
    said = REFUSED if kind == "photo" else "暂不能接收文件"
    for role in ("subject", "supervisor", "administrator"):
        assert said in (await sends(await town.one(role), photo(), kind))["text"]
    assert await kept(town) == []


async def test_what_is_no_photo_is_refused_and_asked_again(town: Town) -> None:
    officer = await town.one("care_officer")
    await asked_for_photo(officer)
    for content in (b"", b"\xff\xd8\xff", b"<svg onload=1>", b"GIF89a" + b"0" * 40, photo()[:400]):
        again = await sends(officer, content)
        assert "不是可以读取的照片" in again["text"]
        assert ASKED in again["text"]
    bomb = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (60_000).to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0"
    assert "照片太大：最多8MB、2500万像素" in (await sends(officer, bomb))["text"]
    assert await kept(town) == []
    typed = await officer.says("照片在办公室")
    assert "本题请直接发送照片" in typed["text"]
    recap = await officer.taps("跳过", typed)
    assert KEPT not in (await officer.taps("提交", recap))["text"]


async def test_nothing_is_left_of_one_that_was_not_handed_in(town: Town) -> None:
    officer = await town.one("care_officer")
    await asked_for_photo(officer)
    recap = await sends(officer, photo())
    assert "照片1张" in recap["text"]
    (first,) = await kept(town)
    office = await town.one("commission_staff")
    with pytest.raises(NotFound):  # nobody else sees what may still be taken out
        await town.house.lane.read(lambda s: access_medium(s, acting(s, office), first.id))
    assert (
        await town.house.lane.read(lambda s: access_medium(s, acting(s, officer), first.id))
    ).id == first.id
    question = await officer.says("改第2题")
    assert "照片1张" in question["text"]
    again = await sends(officer, photo(colour="grey"))
    (second,) = await kept(town)
    assert first.sha256 != second.sha256
    sure = await officer.taps("取消", again)
    await officer.taps("确认取消", sure)
    assert await kept(town) == []


async def test_several_at_once_are_one(town: Town) -> None:
    """An album: what comes after the question was answered is not kept."""
    officer = await town.one("care_officer")
    await asked_for_photo(officer)
    await sends(officer, photo())
    late = await sends(officer, photo(colour="grey"))
    assert REFUSED in late["text"]
    assert len(await kept(town)) == 1


async def test_a_form_that_was_dropped_takes_its_photo_along(town: Town) -> None:
    officer = await town.one("care_officer")
    await asked_for_photo(officer)
    await sends(officer, photo())
    await town.later(advance="P20D")
    await town.house.lane.run(retention.purge_photos)
    assert len(await kept(town)) == 1  # the form still waits
    await town.later(advance="P20D")
    assert await kept(town) == []


async def test_it_goes_when_the_paper_bears_nothing_out_any_more(town: Town) -> None:
    officer = await town.one("care_officer")
    await asked_for_photo(officer)
    done = await officer.taps("提交", await sends(officer, photo()))
    assert KEPT in done["text"]
    shown = await officer.taps("时间线", await officer.says(f"/case {OVERDUE_CASE}"))
    note = await officer.taps("11月23日 谈心谈话", shown)
    recap = await walk(officer, await officer.taps("更正", note), "日期", "昨天", "笔误")
    outcome = await officer.taps("提交", recap)
    assert "已提交" in outcome["text"]
    assert await kept(town) == []
    assert len(await audited(town, "photo_dropped")) == 1


@ON_SQLITE
async def test_on_telegram_what_no_bot_may_fetch_is_too_large(house: House) -> None:
    async with telegram_town(house, "webhook", Level.full) as county:
        officer = await county.bound("care_officer")
        await asked_for_photo(await county.town.one("care_officer"))
        await officer.says("继续")
        county.fake.world.limits = replace(county.fake.world.limits, download=100)
        await officer.user.sends_photo(photo())
        await officer.settled()
        assert "照片太大：最多8MB" in officer.last.text
        assert ASKED in officer.last.text
