"""A form as one page: begun there or in the chat, ended there or in the chat; kept answer by answer, lost to nobody."""

from __future__ import annotations

import asyncio
import json

import pytest
from sqlmodel import Session, col, select

from bot.app import House
from bot.channels.disclosure import Level
from casework import people
from storage.tables.drafts import Draft
from storage.tables.members import Address, Member
from storage.tables.notes import Note
from storage.tables.visits import Visit
from tests.chat import Phone, Town, labels
from tests.story.acts import digest, walk
from tests.story.words import ON_SQLITE, OVERDUE_CASE
from tests.telegram_town import telegram_town
from tests.web import SITE, Form, Page, Web, browser
from tests.wecom_town import labels as card_labels
from tests.wecom_town import wecom_town
from tests.wecom_town import words as card_words

THOUGHT = "情绪平稳，工作正常推进。"
MINIMUM = {
    "date": "2026-11-23",
    "place": "own_office",
    "thinking": THOUGHT,
    "state_of_mind": "settled",
    "safety": "no",
}
GONE = "此表单已提交或已取消"


async def begun(site: Town) -> tuple[Phone, str]:
    """An officer who has begun the note of the overdue talk; the text with the link to its page."""
    officer = await site.one("care_officer")
    question = await officer.taps("记录 张明", await digest(officer))
    return officer, (await officer.taps("在网页填写", question))["text"]


async def fill(web: Web, page: Page, answers: dict[str, str]) -> Page:
    for key, value in answers.items():
        kept = (await web.answers(page, key, value)).json()
        assert kept["kept"], (key, kept)
    return await web.opens(page.path)


async def hand_in(web: Web, page: Page) -> Page:
    recap = await web.sends(page.sheet, do="check")
    assert recap.status == 200, recap.problems
    return await web.sends(recap.sheet)


async def notes(site: Town) -> list[Note]:
    def unit(session: Session) -> list[Note]:
        since = site.house.clock.now()
        return [note for note in session.exec(select(Note)) if note.submitted_at >= since]

    return await site.house.lane.read(unit)


async def test_begun_in_the_chat_and_ended_on_the_page(site: Town) -> None:
    officer = await site.one("care_officer")
    question = await officer.taps("记录 张明", await digest(officer))
    question = await officer.taps("今天", question)
    link = (await officer.says("网页"))["text"]
    async with browser(site.house) as web:
        page = await web.comes_in(link)
        assert page.path.startswith("/page/form/")
        assert f"张明 {OVERDUE_CASE}" in page.text
        assert "已填1项，共6项" in page.text
        assert page.sheet.inputs["a.date"] == ["2026-11-23"]
        page = await fill(web, page, {key: MINIMUM[key] for key in list(MINIMUM)[1:]})
        recap = await web.sends(page.sheet, do="check")
        assert THOUGHT in recap.text
        assert "已记录" not in recap.text
        outcome = await web.sends(recap.sheet)
        assert f"已记录｜谈心谈话｜张明 {OVERDUE_CASE}" in outcome.text
        assert {"记录下一位", "今日"} <= set(outcome.labels())
        assert [note.answers["thinking"] for note in await notes(site)] == [THOUGHT]

        # The open question of the chat is settled in its place, and its old buttons do nothing
        await site.house.office.settled()
        settled = await officer.again(question)
        assert settled["text"].startswith("已在网页上提交。\n已记录｜谈心谈话")
        assert "记录下一位" in labels(settled)
        assert "本人办公室" not in labels(settled)

        # Handing it in again changes nothing
        again = await web.sends(recap.sheet)
        assert (again.status, GONE in again.text) == (404, True)
        assert len(await notes(site)) == 1


async def test_begun_on_the_page_and_ended_in_the_chat(site: Town) -> None:
    officer = await site.one("care_officer")
    async with browser(site.house) as web:
        home = await web.comes_in((await officer.says("网页"))["text"])
        page = await web.sends(home.button("记录 张明"))
        assert page.path.startswith("/page/form/")
        page = await fill(web, page, {"date": "2026-11-23", "place": "own_office"})

        # What is typed in the chat meanwhile is no answer to it
        assert "第3步" not in (await officer.says("你好"))["text"]
        offered = await officer.says("记录")
        assert "第3步，共6步" in offered["text"]
        recap = await walk(officer, offered, "继续", f"say:{THOUGHT}", "积极稳定", "未发现", "完成")
        assert "已记录" in (await officer.taps("提交", recap))["text"]
        for path in (page.path, f"{page.path}/print", f"{page.path}/cancel"):
            assert (await web.opens(path)).status == 404
        assert GONE in (await web.answers(page, "thinking", "太迟了")).json()["detail"]
        assert len(await notes(site)) == 1


async def test_to_and_fro(site: Town) -> None:
    """After a step on the page neither an old button nor something typed answers another question."""
    officer, link = await begun(site)
    async with browser(site.house) as web:
        page = await web.comes_in(link)
        question = await officer.finds("第1步")
        page = await fill(web, page, {"date": "2026-11-20", "place": "own_office", "thinking": THOUGHT})
        typed = await officer.says("会议室")
        assert typed["text"].startswith("此表单您已在网页上接着填写")
        assert "第4步" in typed["text"]
        stale = await officer.taps("今天", question)
        assert "第4步" in stale["text"]
        await officer.taps("积极稳定", stale)
        page = await web.opens(page.path)
        assert page.sheet.inputs["a.date"] == ["2026-11-20"]
        assert page.sheet.inputs["a.state_of_mind"] == ["settled"]
        page = await fill(web, page, {"safety": "no"})
        outcome = await hand_in(web, page)
        assert "已记录" in outcome.text
        assert (await notes(site))[0].answers["place"] == "own_office"


async def test_a_refused_answer_says_why_and_changes_nothing(site: Town) -> None:
    _, link = await begun(site)
    async with browser(site.house) as web:
        page = await web.comes_in(link)
        refused = (await web.answers(page, "date", "2026-11-29")).json()
        assert "11月29日" in refused["problem"]
        assert refused["kept"] is False
        assert (await web.opens(page.path)).sheet.inputs["a.date"] == [""]
        sent = await web.sends(page.sheet, **{"a.date": "2026-11-29", "a.thinking": THOUGHT, "do": "check"})
        assert sent.status == 422
        assert "11月29日" in sent.problems["date"]
        assert sent.sheet.inputs["a.date"] == ["2026-11-29"]  # what was typed stays
        assert sent.problems["place"] == "本题为必填，请填写。"
        assert (await web.opens(page.path)).sheet.inputs["a.thinking"] == [THOUGHT]
        for key in ("basis", "nothing", "hardship"):
            assert "不需要填写" in (await web.answers(page, key, "一句话")).json()["problem"]


async def test_what_an_answer_brings_up_is_shown(site: Town) -> None:
    _, link = await begun(site)
    async with browser(site.house) as web:
        page = await web.comes_in(link)
        assert "basis" not in page.visible
        found = (await web.answers(page, "state_of_mind", "concern")).json()
        assert "basis" in found["visible"]
        page = await web.opens(page.path)
        assert "basis" in page.visible
        # Without a script it comes up when the form is sent, and is not skipped unseen
        rest = {f"a.{key}": value for key, value in MINIMUM.items() if key != "state_of_mind"}
        shown = await web.sends(
            page.sheet, **{**rest, "a.basis": "整日不语", "a.safety": "yes", "do": "check"}
        )
        assert "新增了几个问题" in shown.text
        assert "safety_detail" in shown.visible
        recap = await web.sends(shown.sheet, do="check")
        assert "整日不语" in recap.text
        assert "已记录" in (await web.sends(recap.sheet)).text
        assert (await notes(site))[0].answers["safety"] is True


async def test_two_devices_do_not_overwrite_each_other(site: Town) -> None:
    officer, link = await begun(site)
    async with browser(site.house) as one, browser(site.house) as other:
        mine = await one.comes_in(link)
        theirs = await other.comes_in((await officer.says("网页"))["text"])
        assert (await other.answers(theirs, "place", "meeting_room")).json()["kept"]
        assert (await one.answers(mine, "date", "2026-11-23")).json()["values"]["place"]["chosen"] == [
            "meeting_room"
        ]
        refused = (await one.answers(mine, "place", "own_office")).json()
        assert (refused["kept"], refused["conflict"]) == (False, True)
        assert "会议室" in refused["problem"]
        sent = await one.sends(mine.sheet, **{"a.place": "own_office", "do": "save"})
        assert "会议室" in sent.problems["place"]
        # A page that did not touch the question leaves it to the other
        kept = await one.sends(mine.sheet, do="save")
        assert kept.sheet.inputs["a.place"] == ["meeting_room"]
        # Whoever has read that sends theirs again, and it holds
        assert (await one.answers(sent, "place", "own_office")).json()["kept"]
        whole = await fill(other, await other.opens(mine.path), MINIMUM)
        recap = await other.sends(whole.sheet, do="check")
        await one.answers(await one.opens(mine.path), "thinking", "改过的话")
        late = await other.sends(recap.sheet)
        assert "刚在别处改动过" in late.text
        assert await notes(site) == []
        assert "已记录" in (await other.sends(late.sheet)).text
        assert (await notes(site))[0].answers["thinking"] == "改过的话"


async def test_sent_twice_or_at_once_it_is_one(site: Town) -> None:
    _, link = await begun(site)

    async def revision() -> int:
        return await site.house.lane.read(lambda s: s.exec(select(Draft.revision)).one())

    async with browser(site.house) as web:
        page = await web.comes_in(link)
        first = (await web.answers(page, "thinking", THOUGHT)).json()
        before = await revision()
        assert first["kept"]
        assert (await web.answers(page, "thinking", THOUGHT)).json()[
            "kept"
        ]  # its answer had got lost on the way
        assert await revision() == before
        both = await asyncio.gather(
            *(web.answers(page, key, MINIMUM[key]) for key in ("date", "place", "state_of_mind", "safety"))
        )
        assert all(answer.json()["kept"] for answer in both)
        recap = await web.sends((await web.opens(page.path)).sheet, do="check")
        outcomes = await asyncio.gather(*(web.sends(recap.sheet) for _ in range(3)))
        assert sorted(outcome.status for outcome in outcomes) == [200, 404, 404]
        assert len(await notes(site)) == 1


async def test_the_recap_has_an_address_of_its_own(site: Town) -> None:
    """Back from the outcome it is fetched anew: a browser cannot show the answer to what was sent before."""
    _, link = await begun(site)
    async with browser(site.house) as web:
        page = await fill(web, await web.comes_in(link), MINIMUM)
        at = f"{page.path}/recap"
        sent = await web.client.post(page.path, data=page.sheet.inputs | {"do": ["check"]})
        assert (sent.status_code, sent.headers["location"]) == (303, at)
        assert sent.headers["cache-control"] == "no-store"
        recap = await web.opens(at)
        assert (recap.status, THOUGHT in recap.text) == (200, True)
        assert "已记录" in (await web.sends(recap.sheet)).text
        back = await web.opens(at)
        assert (back.status, GONE in back.text, THOUGHT in back.text) == (404, True, False)


async def test_an_open_form_has_no_recap(site: Town) -> None:
    officer, link = await begun(site)
    async with browser(site.house) as web:
        page = await web.comes_in(link)
        at = f"{page.path}/recap"
        assert (await web.opens(at)).path == page.path
        page = await fill(web, page, MINIMUM)
        assert (await web.sends(page.sheet, do="check")).path == at
        # What is being changed in the chat is not handed in as it was
        await walk(officer, await officer.says("/record"), "继续", "修改")
        assert (await web.opens(at)).path == page.path
        assert (await web.sends((await web.opens(page.path)).sheet, do="check")).path == at


async def test_a_foreign_form_is_like_none(site: Town) -> None:
    _, link = await begun(site)
    other = await site.one("care_officer", 1)
    async with browser(site.house) as web, browser(site.house) as foreign, browser(site.house) as nobody:
        page = await web.comes_in(link)
        home = await foreign.comes_in((await other.says("网页"))["text"])
        own = await foreign.sends(home.button("记录 "))
        seal = own.sheet.inputs["page"][0]
        for path in (page.path, "/page/form/1", "/page/form/99999999999999999999999"):
            sent = {"page": [seal], "revision": ["1"]}
            told = [await foreign.opens(path + deed) for deed in ("", "/print", "/cancel", "/recap")]
            told += [await foreign.sends(Form(path + deed, sent)) for deed in ("", "/submit", "/cancel")]
            assert {(one.status, GONE in one.text, "张明" in one.text) for one in told} == {
                (404, True, False)
            }
            body = {"page": seal, "key": "place", "seen": "", "inputs": {}, "marks": {}}
            kept = await foreign.client.post(f"{path}/answer", json=body)
            assert (kept.status_code, GONE in kept.text) == (404, True)
        assert (await nobody.opens(page.path)).status == 401
        # What was made for another browser
        assert (await nobody.answers(page, "place", "own_office")).status_code == 403
        assert (await web.opens(page.path)).sheet.inputs["a.thinking"] == [""]


@ON_SQLITE
async def test_only_our_own_page_may_send(site: Town) -> None:
    _, link = await begun(site)
    async with browser(site.house) as web:
        page = await web.comes_in(link)
        sheet = page.sheet
        unsealed = {key: value for key, value in sheet.inputs.items() if key != "page"}
        for deed in ("", "/submit", "/cancel"):
            assert (await web.client.post(sheet.action + deed, data=unsealed)).status_code == 403
            for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
                sent = await web.client.post(sheet.action + deed, data=sheet.inputs, headers=headers)
                assert sent.status_code == 403
        body = {
            "page": "0" * 32,
            "key": "place",
            "seen": "",
            "inputs": {"a.place": ["own_office"]},
            "marks": {},
        }
        assert (await web.client.post(f"{sheet.action}/answer", json=body)).status_code == 403
        home = await web.opens("/page/")
        forged = home.button("记录 张明").inputs | {"action": ['["reschedule", {"visit": 1}]']}
        assert (await web.client.post("/page/", data=forged)).status_code == 403
        assert (await web.opens(page.path)).sheet.inputs["a.thinking"] == [""]


@ON_SQLITE
async def test_whatever_is_sent_is_answered_in_one_sentence(site: Town) -> None:
    _, link = await begun(site)
    async with browser(site.house) as web:
        page = await web.comes_in(link)
        at, seal = f"{page.sheet.action}/answer", page.sheet.inputs["page"][0]
        good = {
            "page": seal,
            "key": "thinking",
            "seen": "",
            "inputs": {"a.thinking": ["一句话"]},
            "marks": {},
        }
        bad = [b"", b"{", b"[]", b'"x"', b"\xff\xfe", b"[" * 5000]
        for body in bad:
            assert (await web.client.post(at, content=body)).status_code == 400
        changes: tuple[dict[str, object], ...] = (
            {"inputs": []},
            {"inputs": {"a.thinking": "x"}},
            {"marks": None},
            {"key": 3},
            {"page": None},
        )
        for change in changes:
            assert (await web.client.post(at, json=good | change)).status_code == 400
        half = await web.client.post(
            at, content=b'{"page":"\\ud800","key":"","seen":"","inputs":{},"marks":{}}'
        )
        assert half.status_code == 403
        assert (await web.client.post(at, content=b"x" * 70_000)).status_code == 413
        for text in ("\x00\ud800\u202e", "  \n ", "字" * 2001):
            answer = await web.client.post(at, content=json_of(good | {"inputs": {"a.thinking": [text]}}))
            assert (answer.status_code, answer.json()["kept"]) == (200, False)
        unfit = {"state_of_mind": "made up", "safety": "maybe", "more": "made up", "date": "2026-13-40"}
        for key, value in unfit.items():
            answer = await web.client.post(at, json=good | {"key": key, "inputs": {f"a.{key}": [value]}})
            assert answer.json()["kept"] is False, key


def json_of(body: object) -> bytes:
    """Written with escapes, so that it can carry what no text may."""
    return json.dumps(body).encode()


@pytest.mark.parametrize("deed", ["reassign", "suspend"])
async def test_who_may_no_longer_write_is_told_at_the_next_request(site: Town, deed: str) -> None:
    officer, link = await begun(site)
    async with browser(site.house) as web:
        page = await fill(web, await web.comes_in(link), MINIMUM)
        recap = await web.sends(page.sheet, do="check")
        if deed == "reassign":
            await site.house.lane.run(lambda session: give_away(session, officer.id))
        else:
            await site.house.lane.run(lambda session: suspend(session, officer.id, site))
        status = 401 if deed == "suspend" else 404
        told = [
            await web.opens(page.path),
            await web.opens(f"{page.path}/print"),
            await web.sends(page.sheet, do="check"),
            await web.sends(recap.sheet),
        ]
        assert {one.status for one in told} == {status}
        assert not any("张明" in one.text for one in told)
        assert (await web.answers(page, "thinking", "改过")).status_code == status
        assert await notes(site) == []


def give_away(session: Session, persona: str) -> None:
    draft = session.exec(select(Draft)).one()
    visit = session.get_one(Visit, draft.subject_id)
    others = session.exec(select(Visit.officer_id).where(col(Visit.officer_id) != visit.officer_id)).first()
    visit.officer_id = session.get_one(Member, others).id


def suspend(session: Session, persona: str, site: Town) -> None:
    bound = [a for a in session.exec(select(Address)) if a.address == persona]
    people.suspend(session, bound[0].member_id, now=site.house.clock.now())


async def test_cancelled_on_the_page(site: Town) -> None:
    officer, link = await begun(site)
    question = await officer.finds("第1步")
    async with browser(site.house) as web:
        page = await fill(web, await web.comes_in(link), {"thinking": THOUGHT})
        asked = await web.opens(f"{page.path}/cancel")
        assert "确认取消" in asked.text
        outcome = await web.sends(asked.sheet)
        assert "已取消" in outcome.text
        await site.house.office.settled()
        assert (await officer.again(question))["text"].startswith("已在网页上取消")
        assert (await web.opens(page.path)).status == 404
    assert await site.house.lane.read(lambda s: s.exec(select(Draft)).all()) == []


async def test_the_paper_form_asks_everything_and_tells_no_answer(site: Town) -> None:
    _, link = await begun(site)
    async with browser(site.house) as web:
        page = await fill(web, await web.comes_in(link), {"thinking": THOUGHT, "state_of_mind": "concern"})
        paper = await web.opens(f"{page.path}/print")
        assert f"张明 {OVERDUE_CASE}" in paper.text
        assert THOUGHT not in paper.html
        assert "☐ 重点关注（红）" in paper.text
        assert "checked" not in paper.html
        assert "仅当“思想状况”为“情绪波动（黄）、重点关注（红）”时填写" in paper.text
        assert "中选了“跟进事项和时限”时填写｜仅当已填写“跟进事项”时填写" in paper.text
        # words for a pen: nothing can be chosen, tapped or typed on paper
        assert "实际开展的日期是哪一天？" in paper.text
        assert "在何处开展？ 请勾选一项" in paper.text
        assert "选填请" not in paper.text
        assert "请勾选，可多选" in paper.text
        assert not [word for word in ("请选择", "点选", "输入", "〔") if word in paper.html]
        # whoever signs, the person concerned among them, is not shown how they were rated
        _, apart = paper.text.split("签字页：只向签字人出示本页，不出示前面已填写的各页。")
        assert "该同志本人（确认已开展）" in apart
        assert "思想状况" not in apart


async def test_what_a_supervisor_does_on_the_page(site: Town) -> None:
    """A button of a list acts as in the chat; one that opens a form leads to its page."""
    supervisor = await site.one("supervisor")
    await site.later(to="2026-11-24T09:00")
    async with browser(site.house) as web:
        home = await web.comes_in((await supervisor.says("网页"))["text"])
        done = await web.sends(home.button("催办"))
        chased = next(one for one in await site.everyone("care_officer") if one.name in done.text)
        await site.house.office.settled()
        assert "请您尽快开展" in (await chased.last())["text"]
        form = await web.sends((await web.opens("/page/")).button("改派"))
        assert form.path.startswith("/page/form/")
        assert form.visible == ["officer"]
        unknown = await web.client.post("/page/", data={"action": "x", "seal": "y"})
        assert unknown.status_code == 403


@ON_SQLITE
async def test_a_form_that_is_refused_waits_as_it_was(site: Town) -> None:
    officer = await site.one("care_officer")
    async with browser(site.house) as web:
        home = await web.comes_in((await officer.says("网页"))["text"])
        for expected in ("已提交", "返回表单"):
            page = await web.sends(home.button("请假"))
            if page.path == "/page/":
                page = await web.sends(page.button("登记请假"))
            page = await fill(web, page, {"first_on": "2026-12-01", "last_on": "2026-12-03"})
            outcome = await hand_in(web, page)
            assert expected in outcome.text


@ON_SQLITE
async def test_what_is_refused_when_it_is_handed_in_stands_at_its_question(site: Town) -> None:
    officer = await site.one("care_officer")
    async with browser(site.house) as web:
        home = await web.comes_in((await officer.says("网页"))["text"])
        page = await web.sends(home.button("请假"))
        page = await fill(web, page, {"first_on": "2026-12-03", "last_on": "2026-12-01"})
        refused = await hand_in(web, page)
        assert refused.status == 422
        assert "12月1日早于12月3日，请按先后填写。" in refused.text
        done = await hand_in(web, await fill(web, page, {"last_on": "2026-12-04"}))
        assert "已提交" in done.text


# --- how much the chat may be told -----------------------------------------------------------------------------------


async def test_coded_every_text_offers_the_page(house: House) -> None:
    async with wecom_town(house, Level.coded, public_url=SITE) as county:
        officer = await county.bound("care_officer")
        await officer.says("记录")
        asked = await officer.taps(f"记录 {OVERDUE_CASE}")
        asked = await officer.fills("今天", "本人办公室", on=asked)
        assert "在网页填写" in card_labels(officer.last) or "在网页填写" in card_words(officer.last)
        told = await officer.says("在网页填写")
        async with browser(county.house) as web:
            page = await web.comes_in(told.text + str(told.card))
            page = await fill(
                web, page, {key: MINIMUM[key] for key in ("thinking", "state_of_mind", "safety")}
            )
            assert "已记录" in (await hand_in(web, page)).text
            await officer.settled()
            assert any("已在网页上提交" in card_words(one) for one in officer.user.chat)
            assert not any(
                "张明" in card_words(one) or THOUGHT in card_words(one) for one in officer.user.chat
            )


async def test_where_questions_are_taken_back_the_outcome_is_a_message_of_its_own(house: House) -> None:
    async with telegram_town(house, "webhook", Level.coded) as county:
        officer = await county.bound("care_officer")
        asked = await officer.taps(f"记录 {OVERDUE_CASE}", await officer.says("今日"))
        asked = await officer.taps("本人办公室", await officer.taps("今天", asked))
        told = await officer.taps("在网页填写", asked)
        async with browser(county.house) as web:
            page = await web.comes_in(told.text)
            page = await fill(
                web, page, {key: MINIMUM[key] for key in ("thinking", "state_of_mind", "safety")}
            )
            assert "已记录" in (await hand_in(web, page)).text
        await officer.settled()
        assert officer.last.text.startswith("已在网页上提交。\n已记录｜谈心谈话")
        assert not any("第1步" in seen.text or "第3步" in seen.text for seen in officer.user.chat)
        assert not any("张明" in seen.text for seen in officer.user.chat)


async def test_notice_everything_is_on_the_page(house: House) -> None:
    async with wecom_town(house, Level.notice, public_url=SITE) as county:
        officer = await county.bound("care_officer")
        told = await officer.says("网页")
        async with browser(county.house) as web:
            home = await web.comes_in(str(told.card) + told.text)
            page = await web.sends(home.button("记录 张明"))
            page = await fill(web, page, {"date": "2026-11-23"})
            # In the chat the form is never asked
            for said in ("记录", "继续", "本人办公室", "提交"):
                told = await officer.says(said)
                assert "第2步" not in card_words(told)
                assert OVERDUE_CASE not in str(told.card) + told.text
            page = await fill(web, page, MINIMUM)
            assert "已记录" in (await hand_in(web, page)).text
            await officer.settled()
        everything = "".join(str(one.card) + one.text for one in officer.user.chat)
        assert OVERDUE_CASE not in everything
        assert "张明" not in everything
