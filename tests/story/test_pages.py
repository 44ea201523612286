"""Our own pages: in by a link that works once, or by WeCom; in full there, whatever the messenger may be told."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlmodel import Session, select

from bot.app import House, web_of
from bot.channels.disclosure import Level
from bot.pages import frame, routes
from casework import logins, people
from storage.clock import lease_now
from storage.tables.audit import AuditRecord
from storage.tables.cases import Person
from storage.tables.members import Address
from tests.chat import Phone, Town
from tests.story.words import ON_SQLITE, OVERDUE_CASE
from tests.web import read as read_page
from tests.wecom_town import wecom_town, words

SITE = "https://care.example.org"


def browser(town: Town) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=web_of(town.house))
    return httpx.AsyncClient(transport=transport, base_url=SITE)


async def link(phone: Phone) -> str:
    """The address that the assistant gives in chat."""
    answer = await phone.says("网页")
    found = re.search(rf"{SITE}\S+", answer["text"])
    assert found, answer["text"]
    return found[0]


def set_ahead(monkeypatch: pytest.MonkeyPatch, by: Callable[[], timedelta]) -> None:
    """The pages believe that it is so much later."""
    for module in (routes, frame):
        monkeypatch.setattr(module, "lease_now", lambda: lease_now() + by())


async def come_in(client: httpx.AsyncClient, url: str) -> httpx.Response:
    code = parse_qs(urlsplit(url).query)["code"][0]
    return await client.post("/page/in", data={"code": code}, follow_redirects=True)


@pytest.mark.parametrize(("role", "seen"), [("care_officer", "张明"), ("commission_staff", OVERDUE_CASE)])
async def test_a_link_opens_ones_own_page_in_full(site: Town, role: str, seen: str) -> None:
    phone = await site.one(role)
    async with browser(site) as client:
        assert (await client.get("/page/")).status_code == 401
        url = await link(phone)
        asked = await client.get(url)  # what fetches links ahead of people uses none up
        assert "进入我的页面" in asked.text
        assert phone.name not in asked.text
        page = await come_in(client, url)
        assert page.status_code == 200
        assert phone.name in page.text
        assert seen in page.text
        cookie = client.cookies.jar
        assert all(one.secure and one.has_nonstandard_attr("HttpOnly") for one in cookie)


async def test_the_link_works_once_and_for_ten_minutes(site: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    officer = await site.one("care_officer")
    async with browser(site) as client, browser(site) as other:
        url = await link(officer)
        assert (await come_in(client, url)).status_code == 200
        used = await come_in(other, url)
        assert used.status_code == 403
        assert "已使用或已过期" in used.text
        late = await link(officer)
        later = logins.CODE_LIFE + timedelta(seconds=1)
        set_ahead(monkeypatch, lambda: later)
        assert (await come_in(other, late)).status_code == 403
        assert (await come_in(other, f"{SITE}/page/in?code=made-up")).status_code == 403


async def test_a_session_ends(site: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """By itself when nobody uses it, after half a day in any case, and when its member may do nothing any more."""
    officer = await site.one("care_officer")
    async with browser(site) as client:
        assert (await come_in(client, await link(officer))).status_code == 200
        clock = {"late": timedelta()}
        set_ahead(monkeypatch, lambda: clock["late"])
        for minutes in (29, 58, 87):  # used every half hour, it goes on
            clock["late"] = timedelta(minutes=minutes)
            assert (await client.get("/page/")).status_code == 200
        clock["late"] += logins.IDLE + timedelta(seconds=1)
        assert (await client.get("/page/")).status_code == 401

        clock["late"] = timedelta()
        await come_in(client, await link(officer))
        for minutes in range(20, 720, 20):
            clock["late"] = timedelta(minutes=minutes)
            assert (await client.get("/page/")).status_code == 200
        clock["late"] = logins.ABSOLUTE + timedelta(seconds=1)
        assert (await client.get("/page/")).status_code == 401

        clock["late"] = timedelta()
        await come_in(client, await link(officer))
        await site.house.lane.run(lambda session: suspend(session, officer.id, site))
        assert (await client.get("/page/")).status_code == 401


def suspend(session: Session, persona: str, site: Town) -> None:
    bound = [a for a in session.exec(select(Address)) if a.address == persona]
    people.suspend(session, bound[0].member_id, now=site.house.clock.now())


async def test_a_cookie_that_was_copied_opens_nothing_after_logging_out(site: Town) -> None:
    officer = await site.one("care_officer")
    async with browser(site) as client, browser(site) as thief:
        await come_in(client, await link(officer))
        for one in client.cookies.jar:
            thief.cookies.set(one.name, one.value or "")
        assert (await thief.get("/page/")).status_code == 200
        await client.post("/page/out")
        assert (await client.get("/page/")).status_code == 401
        assert (await thief.get("/page/")).status_code == 401


@ON_SQLITE
@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
async def test_a_form_of_another_site_is_refused(site: Town, headers: dict[str, str]) -> None:
    officer = await site.one("care_officer")
    async with browser(site) as client:
        url = await link(officer)
        code = parse_qs(urlsplit(url).query)["code"][0]
        assert (await client.post("/page/in", data={"code": code}, headers=headers)).status_code == 403
        await come_in(client, url)
        assert (await client.post("/page/out", headers=headers)).status_code == 403
        assert (await client.get("/page/")).status_code == 200


async def test_the_office_looks_up_reads_and_takes_the_workbook(site: Town) -> None:
    office = await site.one("commission_staff")
    async with browser(site) as client:
        await come_in(client, await link(office))
        choice = await client.get("/page/", params={"q": "张明"})
        assert "2位同名" in choice.text
        card = await client.get("/page/", params={"q": OVERDUE_CASE})
        assert f"{OVERDUE_CASE} 张明" in read_page(card).text
        links = dict(re.findall(r'class="button" href="([^"]+)">(?:<span>)?([^<]+)<', card.text))
        by_label = {label: at.replace("&amp;", "&") for at, label in links.items()}
        assert "时间线" in by_label
        assert not {"催办", "知悉"} & set(by_label)  # a link reads, and changes nothing
        assert "谈心谈话" in (await client.get(by_label["时间线"])).text
        book = await client.get(by_label["工作手册"])
        assert book.content[:2] == b"PK"
        assert "attachment" in book.headers["content-disposition"]
        audited = await site.house.lane.read(lambda s: {row.verb for row in s.exec(select(AuditRecord))})
        assert "logged_in" in audited
        assert any(verb.startswith("case_") for verb in audited)


async def test_nobody_sees_more_than_in_chat_and_nothing_is_changed(site: Town) -> None:
    officer, other = await site.one("care_officer"), await site.one("care_officer", 1)
    async with browser(site) as client:
        await come_in(client, await link(other))
        missing = await client.get("/page/", params={"q": OVERDUE_CASE})
        assert "张明" not in missing.text
        for query in (
            "do=record&visit=1",
            "do=command&name=record",
            "do=chase&visit=1",
            "do=draft&id=1&do=submit",
        ):
            answer = await client.get(f"/page/?{query}")
            assert answer.status_code == 200
            assert "第1步" not in answer.text
        for query in (
            "do=case",
            "do=timeline&id=abc",
            "do=command",
            "q=%00%ff",
            "do=case&id=99999999999999999999",
        ):
            assert (await client.get(f"/page/?{query}")).status_code == 200
    assert "张明" in (await officer.says("今日"))["text"]


async def test_a_page_is_kept_by_nobody_and_runs_nothing(site: Town) -> None:
    officer = await site.one("care_officer")

    def rename(session: Session) -> None:
        for person in session.exec(select(Person)):
            if person.name == "张明":
                person.name = "<script>alert(1)</script>"

    await site.house.lane.run(rename)
    async with browser(site) as client:
        page = await come_in(client, await link(officer))
    assert "&lt;script&gt;" in page.text
    assert "<script" not in page.text
    assert page.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert not re.search(r'(src|href)="(https?:)?//', page.text)  # nothing from outside


@ON_SQLITE
async def test_where_there_is_no_address_there_is_no_link(town: Town) -> None:
    officer = await town.one("care_officer")
    assert "尚未开通网页" in (await officer.says("网页"))["text"]


# --- by WeCom ---------------------------------------------------------------------------------------------------------


async def test_wecom_logs_in_whoever_is_bound_to_it(house: House) -> None:
    async with wecom_town(house, Level.coded, public_url=SITE) as county:
        officer = await county.bound("care_officer")
        async with browser(county.town) as client:
            page = await client.get("/page/")
            assert "用企业微信登录" in page.text
            away = await client.get("/channels/wecom/login")
            asked = parse_qs(urlsplit(away.headers["location"]).query)
            state, redirect = asked["state"][0], asked["redirect_uri"][0]
            assert redirect == f"{SITE}/channels/wecom/back"
            back = {"code": officer.user.login_code(), "state": state}
            page = await client.get("/channels/wecom/back", params=back, follow_redirects=True)
            assert page.status_code == 200
            assert "张明" in page.text

            async with browser(county.town) as other:  # the same address once more, by somebody who saw it
                again = await other.get("/channels/wecom/back", params=back, follow_redirects=True)
                assert again.status_code == 401
                other.cookies.set("fpc_state", state)
                again = await other.get("/channels/wecom/back", params=back, follow_redirects=True)
                assert again.status_code == 401


@ON_SQLITE
@pytest.mark.parametrize("who", ["nobody", "unbound", "made up"])
async def test_wecom_logs_in_nobody_else(house: House, who: str) -> None:
    async with wecom_town(house, Level.coded, public_url=SITE) as county:
        codes = {
            "nobody": county.fake.stranger_code(),
            "unbound": county.fake.user("LuRen", "路人").login_code(),
            "made up": "x" * 40,
        }
        async with browser(county.town) as client:
            away = await client.get("/channels/wecom/login")
            state = parse_qs(urlsplit(away.headers["location"]).query)["state"][0]
            back = {"code": codes[who], "state": state}
            page = await client.get("/channels/wecom/back", params=back, follow_redirects=True)
            assert page.status_code == 401


@ON_SQLITE
async def test_the_link_is_a_card_where_the_channel_has_such_cards(house: House) -> None:
    async with wecom_town(house, Level.coded, public_url=SITE) as county:
        officer = await county.bound("care_officer")
        card = await officer.says("网页")
        assert card.card["card_type"] == "text_notice"
        assert SITE not in words(card)
        url = card.card["card_action"]["url"]
        async with browser(county.town) as client:
            assert "进入我的页面" in (await client.get(url)).text  # a preview; it uses nothing up
            page = await come_in(client, url)
            assert page.status_code == 200
            assert "张明" in page.text
