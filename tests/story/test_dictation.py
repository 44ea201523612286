"""Dictation: said into a form, written down by the operator's program, an answer once it is accepted; else refused."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date
from pathlib import Path

import pytest

from bot import speech
from bot.app import House, build
from bot.channels.base import Incoming, IncomingFile
from bot.channels.disclosure import Level
from bot.config import BadSettings, read_settings
from bot.speech import LARGEST, Speech, examine
from locales.phrase import Reader
from storage.errors import Refused
from tests.chat import Bubble, Phone, Town, labels
from tests.story.photos import sends
from tests.story.words import ON_SQLITE, OVERDUE_CASE
from tests.telegram_town import telegram_town
from tests.wecom_town import wecom_town, words

SAID = "该同志情绪平稳，工作正常推进。"
OGG = b"OggS" + bytes(60)
# Says back what the recording holds after its first 64 bytes.
ECHO = "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read()[64:])"
Program = Callable[[str], str]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    def made(source: str) -> str:
        path = tmp_path / "speech.py"
        path.write_text(source, "utf-8")
        return shlex.join([sys.executable, str(path)])

    return made


def recording(text: str) -> bytes:
    return OGG + text.encode()


def with_speech(house: House, command: str) -> House:
    return build(house.settings.model_copy(update={"speech_command": command}), house.lane, house.clock)


async def at_text(officer: Phone) -> Bubble:
    begun = await officer.taps("记录 张明", await officer.says(f"/case {OVERDUE_CASE}"))
    return await officer.taps("本人办公室", await officer.taps("今天", begun))


async def speaks(phone: Phone, content: bytes) -> Bubble:
    return await sends(phone, content, "voice", "voice.ogg")


async def test_it_is_an_answer_once_it_is_accepted(town: Town, program: Program) -> None:
    spoken = Town(with_speech(town.house, program(ECHO)))
    officer = await spoken.one("care_officer")
    question = await at_text(officer)
    before = await officer.last_id()
    proposal = await speaks(officer, recording(f" {SAID}\n"))
    first, last = await officer.told(before)
    assert (first["text"], last["id"]) == ("正在把您的口述转成文字，请稍候。", proposal["id"])
    assert f"识别为：“{SAID}”。无误请点〔采用〕，有出入请直接打字。" in proposal["text"]
    assert proposal["text"].splitlines()[0] == question["text"].splitlines()[0]
    assert labels(proposal)[0] == "采用"
    assert "第4步" in (await officer.taps("采用", proposal))["text"]
    assert SAID in (await officer.says("改第3题"))["text"]
    await spoken.client.aclose()


async def test_what_is_typed_instead_counts_instead(town: Town, program: Program) -> None:
    spoken = Town(with_speech(town.house, program(ECHO)))
    officer = await spoken.one("care_officer")
    await at_text(officer)
    proposal = await speaks(officer, recording("该同志情绪平问"))
    await officer.says(SAID)
    stale = await officer.taps("采用", proposal)
    assert "第4步" in stale["text"]
    shown = await officer.says("改第3题")
    assert SAID in shown["text"]
    assert "平问" not in shown["text"]
    await spoken.client.aclose()


async def test_off_it_says_so_and_asks_again(town: Town) -> None:
    officer = await town.one("care_officer")
    await at_text(officer)
    answer = await speaks(officer, recording(SAID))
    assert "语音暂不能转成文字，请打字；这段语音没有保留。" in answer["text"]
    assert "第3步" in answer["text"]
    assert SAID not in answer["text"]
    assert "第4步" in (await officer.says(SAID))["text"]


async def test_it_is_for_texts_in_forms_alone(town: Town, program: Program) -> None:
    spoken = Town(with_speech(town.house, program(ECHO)))
    officer = await spoken.one("care_officer")
    assert "限本人口述" in (await speaks(officer, recording(SAID)))["text"]
    await officer.taps("记录 张明", await officer.says(f"/case {OVERDUE_CASE}"))
    refused = await speaks(officer, recording("昨天"))
    assert "限本人口述" in refused["text"]
    assert "继续填写" in labels(refused)
    await spoken.client.aclose()


async def test_words_of_danger_are_answered_like_typed_ones(town: Town, program: Program) -> None:
    spoken = Town(with_speech(town.house, program(ECHO)))
    officer = await spoken.one("care_officer")
    await at_text(officer)
    before = await officer.last_id()
    await speaks(officer, recording("他说不想活了"))
    told = [one["text"] for one in await officer.told(before)]
    assert any("120" in text for text in told)
    assert "识别为" in told[-1]
    await spoken.client.aclose()


@pytest.mark.parametrize(
    "source",
    [
        "",
        "import sys; sys.exit(3)",
        "print('。 、')",
        "import time; time.sleep(60)",
        "raise SystemExit('x' * 9)",
    ],
)
async def test_where_nothing_is_made_out(
    town: Town, program: Program, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speech, "SECONDS", 3.0)
    spoken = Town(with_speech(town.house, program(source)))
    officer = await spoken.one("care_officer")
    await at_text(officer)
    answer = await speaks(officer, recording(SAID))
    assert "没有听清，请打字或再说一遍；这段语音没有保留。" in answer["text"]
    assert "第3步" in answer["text"]
    assert "第4步" in (await officer.says(SAID))["text"]
    await spoken.client.aclose()


async def test_nobody_waits_for_the_words(
    town: Town, program: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    slow = f"import pathlib, time\nwhile not pathlib.Path({str(go)!r}).exists(): time.sleep(0.05)\nprint({SAID!r})"
    spoken = Town(with_speech(town.house, program(slow)))
    officer = await spoken.one("care_officer")
    await at_text(officer)
    file = IncomingFile("voice", "voice.ogg", "none")
    channel = spoken.house.channels["sandbox"]

    async def fetched(_: IncomingFile) -> bytes:
        return OGG

    monkeypatch.setattr(channel, "fetch", fetched)
    for number in range(5):
        await spoken.house.conversation.handle(Incoming("sandbox", officer.id, f"e{number}", file=file))
    go.touch()  # all of them are acknowledged, and not a word is known yet
    await spoken.house.office.settled()
    assert "识别为" in (await officer.finds("识别为"))["text"]
    await spoken.client.aclose()


@pytest.mark.parametrize("content", [b"", b"MZ\x90", b"<html>"])
async def test_what_is_no_recording_reaches_no_program(content: bytes) -> None:
    with pytest.raises(Refused) as refused:
        await Speech("/nowhere/at/all").write_down(content)
    assert refused.value.phrase.msgid == speech.NO_RECORDING


async def test_what_is_too_long_is_told_apart() -> None:
    with pytest.raises(Refused) as refused:
        await Speech("/nowhere/at/all").write_down(OGG + bytes(LARGEST))
    assert refused.value.phrase.msgid == speech.TOO_LONG


@ON_SQLITE
async def test_on_telegram_what_no_bot_may_fetch_is_too_long(house: House, program: Program) -> None:
    async with telegram_town(with_speech(house, program(ECHO)), "webhook", Level.full) as county:
        officer = await county.bound("care_officer")
        await at_text(await county.town.one("care_officer"))
        await officer.says("继续")
        county.fake.world.limits = replace(county.fake.world.limits, download=100)
        await officer.user.sends_voice(recording(SAID * 10))
        await officer.settled()
        assert "录音过长，一分钟以内的都可以" in officer.last.text
        assert "第3步" in officer.last.text


async def test_the_program_is_told_nothing_of_ours(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FANGPINGCHA_TELEGRAM_TOKEN", "123:secret")
    told = await Speech(program("import os; print(' '.join(os.environ))")).write_down(OGG)
    assert "FANGPINGCHA" not in told
    assert "PATH" in told


def test_doctor_says_whether_the_program_is_there() -> None:
    assert examine(None).ok
    assert examine(f"{sys.executable} -c pass").ok
    missing = examine("/nowhere/at/all --model x")
    assert not missing.ok
    assert "/nowhere/at/all" in missing.text.render(Reader("en", UTC, date.min))


@pytest.mark.parametrize("command", ["", "  ", 'run "half'])
def test_a_setting_that_names_no_program(command: str) -> None:
    with pytest.raises(BadSettings, match="FANGPINGCHA_SPEECH_COMMAND"):
        read_settings(speech_command=command)


# --- abroad ----------------------------------------------------------------------------------------------------------


@ON_SQLITE
async def test_on_telegram_at_full_the_recording_goes_with_the_form(house: House, program: Program) -> None:
    async with telegram_town(with_speech(house, program(ECHO)), "webhook", Level.full) as county:
        officer = await county.bound("care_officer")
        await at_text(await county.town.one("care_officer"))
        await officer.says("继续")
        await officer.user.sends_voice(recording(SAID))
        await officer.settled()
        assert f"识别为：“{SAID}”" in officer.last.text
        assert "第4步" in (await officer.taps("采用")).text
        await officer.says("取消")
        await officer.says("取消")
        await officer.settled()
        assert not any(seen.file for seen in officer.user.chat)


@ON_SQLITE
async def test_on_telegram_at_coded_it_is_taken_back_and_not_fetched(house: House, program: Program) -> None:
    async with telegram_town(with_speech(house, program(ECHO)), "webhook", Level.coded) as county:
        officer = await county.bound("care_officer")
        await at_text(await county.town.one("care_officer"))
        await officer.says("继续")
        await officer.user.sends_voice(recording(SAID))
        await officer.settled()
        assert "此渠道不转写语音，请打字，或者在网页填写；这段语音没有保留。" in officer.last.text
        assert "在网页填写" in officer.last.labels
        assert not any(seen.file for seen in officer.user.chat)
        assert county.fake.calls_of("getFile") == []


@ON_SQLITE
async def test_on_wecom(house: House, program: Program) -> None:
    async with wecom_town(with_speech(house, program(ECHO))) as county:
        officer = await county.bound("care_officer")
        await at_text(await county.town.one("care_officer"))
        await officer.says("继续")
        sent: Awaitable[object] = officer.user.sends_voice(b"#!AMR\n" + bytes(58) + SAID.encode())
        await sent
        await officer.settled()
        proposal = officer.finds("识别为")
        assert SAID in words(proposal)
        await officer.taps("采用", proposal)
        assert "第4步" in words(officer.finds("第4步"))
