"""Dictation: what an officer says into a form, written down by a program of the operator's, on this machine.

The program is named by FANGPINGCHA_SPEECH_COMMAND; without it nothing is written down. It gets the recording on its
standard input and answers with the words on its standard output. So any offline engine will do with the model that the
operator has, and none of either is a dependency of ours. The recording is held in memory and is gone afterwards.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
from asyncio.subprocess import DEVNULL, PIPE

import structlog

from bot.channels.base import Finding
from casework.forms.kinds import clean
from locales.catalogue import N_
from locales.phrase import P, Word
from storage.errors import Refused

log = structlog.get_logger()
SECONDS = 40.0  # for one recording: within the lease of its errand (reminders/outbox.py)
AT_ONCE = 2  # nobody's work waits for the words of many
LARGEST = 2 * 1024 * 1024  # a minute in the most wasteful of the formats below, several in the others
LONGEST = 4000  # characters of the words
HANDED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")  # of the environment: none of our settings
# How recordings begin: Ogg, AMR, WAV, MPEG, MP4, WebM.
_BEGINNINGS = (b"OggS", b"#!AMR", b"RIFF", b"ID3", b"\xff\xfb", b"\x1aE\xdf\xa3")

NO_RECORDING = N_(
    "This is not a recording that can be read. Please say it again, or type it: nothing was kept."
)
TOO_LONG = N_(
    "This recording is too long; up to a minute always fits. Please say it in parts, or type it: nothing was kept."
)
NOT_HEARD = N_(
    "What was said could not be made out. Please type it, or say it again; the recording was not kept."
)


class Speech:
    """The operator's program."""

    def __init__(self, command: str) -> None:
        self._command = shlex.split(command)
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def write_down(self, recording: bytes) -> str:
        """The words of a recording.

        Raises:
            Refused: it is none, or nothing could be made out.
        """
        if len(recording) > LARGEST:
            raise Refused(TOO_LONG)
        if not _is_recording(recording):
            raise Refused(NO_RECORDING)
        try:
            async with asyncio.timeout(SECONDS), self._turn:
                said = await self._run(recording)
        except (OSError, TimeoutError) as error:
            log.error("speech_failed", error=type(error).__name__)
            said = b""
        words = clean(" ".join(said.decode(errors="replace").split()))[:LONGEST]
        if not any(map(str.isalnum, words)):
            raise Refused(NOT_HEARD)
        return words

    async def _run(self, recording: bytes) -> bytes:
        environment = {name: os.environ[name] for name in HANDED_ON if name in os.environ}
        program = await asyncio.create_subprocess_exec(
            *self._command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=environment
        )
        try:
            said, _ = await program.communicate(recording)
        finally:
            if program.returncode is None:
                program.kill()
                await program.wait()
        if program.returncode:
            log.error("speech_failed", error="exit", count=program.returncode)
            return b""
        return said


def _is_recording(content: bytes) -> bool:
    return content.startswith(_BEGINNINGS) or content[4:8] == b"ftyp"


def examine(command: str | None) -> Finding:
    """Whether the operator's program is there."""
    if command is None:
        return Finding(True, P("Dictation: off, recordings are not taken"))
    program = Word(shlex.split(command)[0])
    if shutil.which(program.text) is None:
        text = P(
            "Dictation: FANGPINGCHA_SPEECH_COMMAND names {program}, which is not there or may not be run",
            program=program,
        )
        return Finding(False, text)
    return Finding(True, P("Dictation: written down by {program}, on this machine", program=program))
