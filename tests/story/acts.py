"""What the people of several stories do."""

from __future__ import annotations

from sqlmodel import Session, select

from storage.tables.cases import Case, Person
from storage.tables.counties import Unit
from storage.tables.notes import Note
from tests.chat import Bubble, Phone, labels

FOUR = ("催办", "改派本次任务", "同意延期", "知悉")


async def walk(phone: Phone, start: Bubble, *steps: str) -> Bubble:
    """Answer one question after the other: tap the button that begins so, or type what stands after `say:`."""
    at = start
    for step in steps:
        at = await (phone.says(step[4:]) if step.startswith("say:") else phone.taps(step, at))
    return at


def talk(thought: str, grade: str = "积极稳定", basis: str = "", safety: str = "未发现") -> tuple[str, ...]:
    """The steps of a talk's note from the first question to the recap."""
    shown = (f"say:{basis}",) if basis else ()
    detail = ("跳过",) if safety == "有风险迹象" else ()
    return ("今天", "本人办公室", f"say:{thought}", grade, *shown, safety, *detail, "完成")


async def digest(phone: Phone) -> Bubble:
    """The latest morning digest."""
    return await phone.finds("早上好")


async def whole_chat(phone: Phone) -> str:
    """Every word the assistant ever showed this person: texts, buttons, names of files."""
    told = await phone.told()
    return "\n".join("\n".join((m["text"], *labels(m), str(m["file"] or ""))) for m in told)


def secrets_of(session: Session) -> set[str]:
    """Names, units, posts and reasons of everybody concerned, and every text of every note."""
    persons = session.exec(select(Person)).all()
    found = {word for person in persons for word in (person.name, person.post)}
    found |= set(session.exec(select(Unit.name).where(Unit.name != "县纪委监委")))
    found |= {case.reason for case in session.exec(select(Case))}
    for note in session.exec(select(Note)):
        found |= {value for value in note.answers.values() if isinstance(value, str) and not value.isascii()}
    return found - {""}
