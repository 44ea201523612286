"""Plays a conversation in the demo county and writes it down as it is seen on the phones of those who take part."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from tests.chat import Bubble, Phone, Town, labels
from tests.golden.steps import LANGUAGES, Script, Step

FOLDER = Path(__file__).parent
ASSISTANT = ("助手", "Assistant")
TO = ("助手发给{name}", "Assistant to {name}")
CHANGED = ("（先前的一条消息变为）", " (an earlier message, as it reads now)")
COLON = ("：", ": ")
RESTARTED = ("（程序停止后重新启动）", "(The program ends and is started again.)")
LATER = (
    "（{now:%Y-%m-%d %H:%M}，只列出含“{about}”的消息）",
    "({now:%Y-%m-%d %H:%M}; of the messages, those with “{about}” alone)",
)


def path_of(name: str, language: str) -> Path:
    return FOLDER / language / f"{name}.txt"


async def play(town: Town, script: Script, language: str) -> str:
    """The whole conversation, ready to be kept."""
    seen = Seen(town, script, LANGUAGES.index(language))
    await seen.begins(language)
    for step in script.before:
        await seen.does(step)
    seen.blocks = [script.title[seen.at], *([await seen.stands()] if script.before else [])]
    for step in script.steps:
        await seen.does(step)
    return "\n\n".join(seen.blocks) + "\n"


@dataclass
class Seen:
    """What was seen until now, on the phones of the cast."""

    town: Town
    script: Script
    at: int
    blocks: list[str] = field(default_factory=list)
    phones: dict[tuple[str, int], Phone] = field(default_factory=dict)
    known: dict[str, dict[int, Bubble]] = field(default_factory=dict)
    who: tuple[str, int] = ("", 0)

    async def begins(self, language: str) -> None:
        self.who = (self.script.role, 0)
        for one in self.script.cast:
            self.phones[one] = phone = await self.town.one(*one)
            if language != "zh_CN":
                await phone.in_language(language)
            self.known[phone.id] = {told["id"]: told for told in await phone.told()}

    async def does(self, step: Step) -> None:
        phone, words, about = self.phones[self.who], step.words[self.at], ""
        match step.does:
            case "turn":
                self.who = step.who
            case "restart":
                await self.town.restart()
                self.phones = {one: Phone(self.town, old.id, old.name) for one, old in self.phones.items()}
                self.blocks.append(RESTARTED[self.at])
            case "later":
                about = words
                now = datetime.fromisoformat(await self.town.later(to=step.to))
                self.blocks.append(LATER[self.at].format(now=now, about=about))
            case "say":
                await phone.says(words)
                self.blocks.append(f"{phone.name}{COLON[self.at]}{words}")
            case "tap":
                on = await (phone.finds(step.on[self.at]) if step.on[self.at] else phone.last())
                await phone.taps(words, on)
                label = next(one for one in labels(on) if one.startswith(words))
                self.blocks.append(f"{phone.name}{COLON[self.at]}〔{label}〕")
        await self.town.house.office.settled()
        for phone in self.phones.values():
            await self._looks(phone, about)

    async def _looks(self, phone: Phone, about: str) -> None:
        """What this phone shows that it did not show before."""
        before = self.known[phone.id]
        now = self.known[phone.id] = {one["id"]: one for one in await phone.told()}
        changed = [one for key, one in now.items() if key in before and one != before[key]]
        new = [one for key, one in now.items() if key not in before]
        for edited, bubbles in ((CHANGED[self.at], changed), ("", new)):
            self.blocks += [self._block(phone, edited, one) for one in bubbles if about in one["text"]]

    async def stands(self) -> str:
        """The last message of whoever goes on."""
        phone = self.phones[self.who]
        return self._block(phone, "", await phone.last())

    def _block(self, phone: Phone, edited: str, bubble: Bubble) -> str:
        who = ASSISTANT[self.at] if len(self.phones) == 1 else TO[self.at].format(name=phone.name)
        buttons = ["".join(f"〔{button['label']}〕" for button in row) for row in bubble["buttons"]]
        file = [f"[{bubble['file']['name']}]"] if bubble["file"] else []
        head = f"{who}{edited}{COLON[self.at]}".rstrip()
        return "\n".join((head, *bubble["text"].splitlines(), *file, *buttons))
