"""What `fangpingcha doctor` looks at: settings, database, keys, members, outbox, calendar, channels; one line each."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session, col, select

from bot import approvals, calendar_words, outbox_words, speech
from bot.app import NotReady, channels_of
from bot.channels.base import Channel, Finding
from bot.channels.disclosure import Level
from bot.channels.registry import CHANNELS
from bot.config import Settings
from bot.operator import opened
from locales.phrase import P, Term, Word
from reminders.mechanism import calendar_of
from reminders.workdays import WorkCalendar
from storage import schema
from storage.lane import Lane
from storage.tables.counties import County
from storage.tables.members import Member, MemberRole, MemberState, Role


def examine(settings: Settings, now: datetime) -> list[Finding]:
    """What an operator should know before going live, one line each."""
    zone, language = Word(settings.time_zone), Word(settings.language)
    channel_findings: list[Finding] = []
    calendar = WorkCalendar()
    findings = [
        Finding(True, P("Settings: time zone {zone}, language {language}", zone=zone, language=language))
    ]
    try:
        with opened(settings) as lane:
            counties = lane.run_now(lambda session: session.exec(select(County.code)).all())
            inside = lane.run_now(_without_supervisor)
            inside += lane.run_now(lambda session: outbox_words.examine(session, now=now))
            calendar = lane.run_now(lambda session: calendar_of(session, None))
            channel_findings = _channels(settings, lane)
        version = Word(schema.newest())
        findings.append(
            Finding(
                True,
                P(
                    "Database: schema {version}, {n} county",
                    "Database: schema {version}, {n} counties",
                    version=version,
                    n=len(counties),
                ),
            )
        )
        findings.append(_key_file(settings))
        findings += inside
    except NotReady as error:
        findings.append(Finding(False, P("Database: {problem}", problem=error.phrase)))
    findings += calendar_words.examine(calendar, now.astimezone(settings.zone).year)
    findings.append(
        Finding(True, P("Sandbox: on, for demonstrations only") if settings.sandbox else P("Sandbox: off"))
    )
    findings.append(speech.examine(settings.speech_command))
    return findings + channel_findings


def _channels(settings: Settings, lane: Lane) -> list[Finding]:
    """Each channel that is set up: what its vendor says, and whether its level was approved."""
    channels, levels = channels_of(settings, lane)
    if not channels:
        return [Finding(True, P("Channels: none is set up, so nobody can be told anything yet"))]
    asked = asyncio.run(_asked(channels))
    asked += lane.run_now(lambda session: approvals.examine(session, levels))
    return asked + _without_pages(settings, levels)


def _without_pages(settings: Settings, levels: Mapping[str, Level]) -> list[Finding]:
    """Where a channel may be told almost nothing, forms are filled in on our pages: somebody has to reach them."""
    if settings.public_url is not None:
        return []
    return [
        Finding(
            False,
            P(
                "{channel}: at “{level}” forms are filled in on our pages, but FANGPINGCHA_PUBLIC_URL is not set",
                channel=Term(CHANNELS[kind].name),
                level=Word(level.value),
            ),
        )
        for kind, level in levels.items()
        if level is Level.notice
    ]


async def _asked(channels: Mapping[str, Channel]) -> list[Finding]:
    answers = await asyncio.gather(*(channel.examine() for channel in channels.values()))
    return [finding for found in answers for finding in found]


def _without_supervisor(session: Session) -> list[Finding]:
    """Officers whose overdue visits would go straight to the office, because nobody supervises them."""
    query = (
        select(Member.number)
        .join(MemberRole, col(MemberRole.member_id) == Member.id)
        .where(MemberRole.role == Role.care_officer, Member.state == MemberState.active)
        .where(col(Member.supervisor_id).is_(None))
    )
    numbers = ", ".join(str(number) for number in sorted(session.exec(query)))
    if not numbers:
        return []
    return [
        Finding(
            False,
            P(
                "Members: no supervisor is set for {numbers}; use member add … --supervisor",
                numbers=Word(numbers),
            ),
        )
    ]


def _key_file(settings: Settings) -> Finding:
    path, mode = Word(str(settings.keys)), settings.keys.stat().st_mode & 0o777
    if mode & 0o077:
        return Finding(False, P("Keys: {path} can be read by others. Run: chmod 600 {path}", path=path))
    if settings.key_file is None:
        return Finding(
            True,
            P("Keys: {path} fits; in production keep it on another disk (FANGPINGCHA_KEY_FILE)", path=path),
        )
    return Finding(True, P("Keys: {path} fits this database", path=path))
