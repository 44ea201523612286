"""Plays a conversation in the demo county and writes it down as it is seen on the phone."""

from __future__ import annotations

from pathlib import Path

from tests.chat import Bubble, Phone, Town
from tests.golden.scripts import LANGUAGES, Script, Step

FOLDER = Path(__file__).parent
ASSISTANT = ("助手", "Assistant")
CHANGED = ("助手（先前的一条消息变为）", "Assistant (an earlier message, as it reads now)")
COLON = ("：", ": ")
RESTARTED = ("（程序停止后重新启动）", "(The program ends and is started again.)")


def path_of(name: str, language: str) -> Path:
    return FOLDER / language / f"{name}.txt"


async def play(town: Town, script: Script, language: str) -> str:
    """The whole conversation, ready to be kept."""
    phone = await town.one(script.role)
    if language != "zh_CN":
        await phone.in_language(language)
    at = LANGUAGES.index(language)
    told, blocks = {one["id"]: one for one in await phone.told()}, [script.title[at]]
    for step in script.steps:
        if step.does == "restart":
            await town.restart()
            phone = Phone(town, phone.id, phone.name)
            blocks.append(RESTARTED[at])
            continue
        blocks.append(await _does(phone, step, language))
        await town.house.office.settled()
        now = {one["id"]: one for one in await phone.told()}
        changed = [one for key, one in now.items() if key in told and one != told[key]]
        new = [one for key, one in now.items() if key not in told]
        blocks += [_block(CHANGED[at] + COLON[at], one) for one in changed]
        blocks += [_block(ASSISTANT[at] + COLON[at], one) for one in new]
        told = now
    return "\n\n".join(blocks) + "\n"


async def _does(phone: Phone, step: Step, language: str) -> str:
    words, colon = step.in_language(language), COLON[LANGUAGES.index(language)]
    if step.does == "say":
        await phone.says(words)
        return f"{phone.name}{colon}{words}"
    on = await phone.last()
    await phone.taps(words, on)
    label = next(b["label"] for row in on["buttons"] for b in row if b["label"].startswith(words))
    return f"{phone.name}{colon}〔{label}〕"


def _block(who: str, bubble: Bubble) -> str:
    buttons = ["".join(f"〔{button['label']}〕" for button in row) for row in bubble["buttons"]]
    file = [f"[{bubble['file']['name']}]"] if bubble["file"] else []
    return "\n".join((who.rstrip(), *bubble["text"].splitlines(), *file, *buttons))
