"""What several stories about photos need: the way to the question for one, what a phone takes, and what is kept."""

from __future__ import annotations

import json
from io import BytesIO

import httpx
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base
from sqlmodel import Session, col, select

from storage.tables.audit import AuditRecord
from storage.tables.media import Medium
from tests.chat import Bubble, Phone, Town
from tests.story.acts import walk
from tests.story.words import OVERDUE_CASE
from tests.web import Page, Web

WITH_PAPER = (
    "今天",
    "本人办公室",
    "say:情绪平稳，工作正常。",
    "积极稳定",
    "未发现",
    "陪同人员",
    "完成",
    "say:退休干部周老",
)
KEPT = "签字表照片已加密保存"
REFUSED = "照片只收本系统打印的签字表"
ASKED = "如有签字表的照片，请发送。"


def photo(size: tuple[int, int] = (1200, 900), colour: str = "white") -> bytes:
    """What a phone makes of a page: with the place, the device and a comment in it."""
    made, exif, written = Image.new("RGB", size, colour), Image.Exif(), BytesIO()
    exif[Base.Make], exif[Base.Model], exif[Base.Orientation] = "Camera of Li", "X-100", 6
    exif.get_ifd(IFD.GPSInfo)[GPS.GPSLatitude] = (39.0, 54.0, 26.0)
    made.save(written, "JPEG", exif=exif, comment=b"taken at home")
    return written.getvalue()


async def sends(phone: Phone, content: bytes, kind: str = "photo", name: str = "IMG_1.jpg") -> Bubble:
    before = await phone.last_id()
    files = {"file": (name, content, "text/html")}
    answer = await phone.town.client.post(phone.path, files=files, data={"kind": kind})
    assert answer.status_code == 200, answer.text
    return (await phone.told(before))[-1]


async def asked_for_photo(officer: Phone) -> Bubble:
    """A note whose companion has no account, and its paper as far as the question for the photo."""
    begun = await officer.says(f"/case {OVERDUE_CASE}")
    recap = await walk(officer, await officer.taps("记录 张明", begun), *WITH_PAPER)
    paper = await officer.taps("登记签字材料", await officer.taps("提交", recap))
    return await officer.taps("今天", paper)


async def kept(town: Town) -> list[Medium]:
    def unit(session: Session) -> list[Medium]:
        return list(session.exec(select(Medium).order_by(col(Medium.id))))

    return await town.house.lane.read(unit)


async def audited(town: Town, verb: str) -> list[AuditRecord]:
    query = select(AuditRecord).where(AuditRecord.verb == verb)
    return await town.house.lane.read(lambda session: list(session.exec(query)))


async def uploads(web: Web, page: Page, content: bytes, key: str = "photo") -> httpx.Response:
    """Choose a photo, as the page's script sends it."""
    sheet = page.sheet
    marks = {name[5:]: values[0] for name, values in sheet.inputs.items() if name.startswith("seen.")}
    data = {"page": sheet.inputs["page"][0], "key": key, "marks": json.dumps(marks)}
    return await web.client.post(f"{sheet.action}/photo", data=data, files={"file": ("IMG.jpg", content)})


async def hand_in(web: Web, page: Page) -> Page:
    recap = await web.sends(page.sheet, do="check")
    assert recap.status == 200, recap.problems
    return await web.sends(recap.sheet)
