"""What the operator does at the command line: each function opens the database, does one thing, and closes it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlmodel import Session, col, select
from xlsxwriter.exceptions import FileCreateError

from bot import approvals
from bot.app import NEWER, NotReady, channels_of, menu, open_storage
from bot.channels.base import Channel, Finding, Task
from bot.channels.disclosure import Level
from bot.channels.registry import CHANNELS, Entry
from bot.config import Settings
from casework import approvals as decisions
from casework import people, vocabulary
from casework.people import NewMember
from casework.roster import loading, template
from locales.catalogue import N_
from locales.phrase import Day, P, Phrase, Reader, Term, Word
from reminders import catching_up
from storage import schema
from storage.clock import lease_now
from storage.errors import NotFound, Refused
from storage.lane import Lane
from storage.tables.counties import County, Unit
from storage.tables.members import Duty, Member, MemberRole, Role

DEFAULT_COUNTY = ("JA", "本县")


@contextmanager
def opened(settings: Settings) -> Iterator[Lane]:
    lane = open_storage(settings)
    try:
        yield lane
    finally:
        lane.close()


def migrate(settings: Settings) -> Phrase:
    before = schema.current(settings.database)
    if not schema.knows(before):
        raise NotReady(NEWER)
    schema.migrate(settings.database)
    after = Word(str(schema.current(settings.database)))
    if before is None:
        return P("A new database was made, at schema {version}.", version=after)
    if before == after.text:
        done = P("The database is at schema {version}.", version=after)
    else:
        done = P("The database was brought from schema {old} to {version}.", old=Word(before), version=after)
    with opened(settings) as lane:
        planned = lane.run_now(lambda session: catching_up.complete(session, now=lease_now()))
    if not planned:
        return done
    tasks = P(
        "{n} task that the rules ask for by now was planned.",
        "{n} tasks that the rules ask for by now were planned.",
        n=planned,
    )
    return P("{done} {tasks}", done=done, tasks=tasks)


def _county(session: Session, code: str | None) -> County | None:
    """The county meant: by its code, or the only one. None where there is none at all."""
    counties = session.exec(select(County).order_by(col(County.code))).all()
    if code is not None:
        found = next((county for county in counties if county.code == code.strip().upper()), None)
        if found is None:
            raise NotFound(N_("There is no county {code}."), code=Word(code.upper()))
        return found
    if len(counties) > 1:
        codes = ", ".join(county.code for county in counties)
        raise Refused(N_("There are several counties ({codes}). Say which with --county."), codes=Word(codes))
    return counties[0] if counties else None


def county_called(session: Session, code: str | None) -> int | None:
    """The county of this code; without one, None: all of them. Where there is only one, that is the same."""
    found = _county(session, code) if code is not None else None
    return found.id if found is not None else None


def shown_county(session: Session, code: str | None) -> int | None:
    """The county to show: the one named, or the only one; with several, what holds for all of them."""
    if code is not None:
        return county_called(session, code)
    ids = session.exec(select(County.id)).all()
    return ids[0] if len(ids) == 1 else None


def the_county(session: Session, code: str | None) -> County:
    county = _county(session, code)
    if county is None:
        raise NotFound(N_("There is no county yet. Add one with: fangpingcha county add CODE NAME"))
    return county


def add_county(settings: Settings, code: str, name: str, now: datetime) -> None:
    with opened(settings) as lane:
        lane.run_now(lambda session: people.add_county(session, code, name, settings.time_zone, now=now))


# --- roster --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Imported:
    lines: tuple[Phrase, ...]
    failed: bool


class _DryRun(Exception):
    """Undoes the unit of a dry run, carrying what it found."""

    def __init__(self, imported: Imported) -> None:
        self.imported = imported


def import_roster(
    settings: Settings, file: Path, code: str | None, now: datetime, *, dry_run: bool
) -> Imported:
    """Check a workbook and, unless it is a dry run or anything is wrong, load it: all or nothing."""
    content = file.read_bytes()

    def unit(session: Session) -> Imported:
        imported = _import(session, settings, content, code, now, dry_run)
        if dry_run or imported.failed:
            raise _DryRun(imported)  # not even a default county is left behind
        return imported

    with opened(settings) as lane:
        try:
            return lane.run_now(unit)
        except _DryRun as done:
            return done.imported


def _import(
    session: Session, settings: Settings, content: bytes, code: str | None, now: datetime, dry_run: bool
) -> Imported:
    lines: list[Phrase] = []
    county = _county(session, code)
    if county is None:
        county = people.add_county(session, *DEFAULT_COUNTY, settings.time_zone, now=now)
        lines.append(P("There was no county yet: {code} was made.", code=Word(county.code)))
    report = loading.import_roster(session, county, content, now=now, dry_run=dry_run)
    lines += [problem.line() for problem in report.checked.problems]
    errors, warnings = len(report.checked.errors), len(report.checked.warnings)
    if errors:
        lines.append(P("{n} error: nothing was loaded.", "{n} errors: nothing was loaded.", n=errors))
        return Imported(tuple(lines), True)
    if report.loaded is None:
        entries = len(report.checked.entries)
        lines.append(
            P(
                "{n} row is in order; nothing was loaded (dry run).",
                "{n} rows are in order; nothing was loaded (dry run).",
                n=entries,
            )
        )
        return Imported(tuple(lines), False)
    loaded = report.loaded
    lines.append(
        P(
            "Loaded {n} case and {visits} planned visits.",
            "Loaded {n} cases and {visits} planned visits.",
            n=loaded.cases,
            visits=loaded.visits,
        )
    )
    if loaded.out_of_scope:
        lines.append(
            P(
                "{n} person is out of scope (expelled or dismissed) and was left out.",
                "{n} people are out of scope (expelled or dismissed) and were left out.",
                n=loaded.out_of_scope,
            )
        )
    if loaded.unassigned:
        lines.append(
            P("{n} case has no care officer yet.", "{n} cases have no care officer yet.", n=loaded.unassigned)
        )
    if warnings:
        lines.append(P("{n} warning, see above.", "{n} warnings, see above.", n=warnings))
    return Imported(tuple(lines), False)


def write_template(file: Path, language: str) -> None:
    try:
        template.write_template(file, language)
    except FileCreateError as error:
        cause = error.args[0]
        raise OSError(cause.errno, cause.strerror, str(file)) from None


# --- members -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NewPerson:
    name: str
    role: Role
    unit: str | None
    supervisor: int | None
    duty: Duty | None


def add_member(settings: Settings, new: NewPerson, code: str | None, now: datetime) -> Phrase:
    def unit(session: Session) -> Phrase:
        county = the_county(session, code)
        supervisor = people.member_numbered(session, new.supervisor) if new.supervisor is not None else None
        if supervisor is not None and supervisor.county_id != county.id:
            raise NotFound(people.NO_SUCH_MEMBER, id=Word(str(new.supervisor)))
        supervisor_id = supervisor.id if supervisor is not None else None
        data = NewMember(new.name, new.role, new.unit, new.duty, supervisor_id)
        known = people.known_member(session, county, data)
        if known is not None:
            people.extend_member(session, known, data, now=now)
            return P("Member {id} was there already and now has this role too.", id=Word(str(known.number)))
        member = people.add_member(session, county, data, now=now)
        return P(
            "Added member {id}. Invite them with: fangpingcha member invite {id}", id=Word(str(member.number))
        )

    with opened(settings) as lane:
        return lane.run_now(unit)


def list_members(settings: Settings, code: str | None) -> list[str]:
    reader = Reader(settings.language, settings.zone, lease_now().date())

    def unit(session: Session) -> list[str]:
        county = the_county(session, code)
        lines = []
        for member in session.exec(
            select(Member).where(Member.county_id == county.id).order_by(col(Member.id))
        ):
            held = session.exec(select(MemberRole.role).where(MemberRole.member_id == member.id)).all()
            roles = ", ".join(P(vocabulary.ROLES[Role(role)]).render(reader) for role in held)
            works_at = session.get(Unit, member.unit_id) if member.unit_id else None
            lines.append(
                "\t".join(
                    (
                        str(member.number),
                        member.name,
                        roles,
                        works_at.name if works_at else "-",
                        P(vocabulary.MEMBER_STATES[member.state]).render(reader),
                    )
                )
            )
        return lines

    with opened(settings) as lane:
        return lane.run_now(unit)


def invite(settings: Settings, number: int, now: datetime) -> tuple[str, list[Phrase]]:
    """The one-time code, and what to do with it."""
    with opened(settings) as lane:
        secret, until = lane.run_now(
            lambda session: people.invite(session, people.member_numbered(session, number).id, now=now)
        )
        channels, _ = channels_of(settings, lane)
        links = [link for channel in channels.values() if (link := channel.invitation(secret)) is not None]
    day = Day(until.astimezone(settings.zone).date())
    word = Word(f"绑定 {secret}")
    lines = [P("It works once, until {day}. The member sends: {word}", day=day, word=word)]
    return secret, lines + [P("Or opens: {link}", link=Word(link)) for link in links]


# --- channels ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Decision:
    """That somebody allowed what a channel may be told."""

    channel: str
    level: Level
    approver: str
    document: str
    on: date | None


def bind(settings: Settings, number: int, kind: str, written: str, now: datetime) -> None:
    """Bind an address that the office knows to a member."""
    entry = _entry_of(kind)
    address = entry.address(written)
    if address is None:
        raise Refused(
            N_("This is not an address of {channel}; nothing was changed."), channel=Term(entry.name)
        )
    with opened(settings) as lane:
        lane.run_now(
            lambda session: people.bind_known(
                session, people.member_numbered(session, number).id, kind, address, now=now
            )
        )


def run_task(settings: Settings, kind: str, task: Task) -> Phrase:
    """Have something done at a channel's vendor."""
    entry = _entry_of(kind)
    with opened(settings) as lane:
        channel = entry.make(settings, lane, menu())
        if channel is None:
            raise Refused(N_("{channel} is not set up: its settings are missing."), channel=Term(entry.name))
        return asyncio.run(_done(task, channel))


async def _done(task: Task, channel: Channel) -> Phrase:
    return await task.run(channel, menu())


def _entry_of(kind: str) -> Entry:
    if kind not in CHANNELS:
        names = Word(", ".join(CHANNELS))
        raise NotFound(N_("There is no channel {name}. There are: {names}"), name=Word(kind), names=names)
    return CHANNELS[kind]


def approve_channel(settings: Settings, decision: Decision, now: datetime) -> None:
    """Record a decision about a channel; without a date it was taken today."""
    _entry_of(decision.channel)
    today = now.astimezone(settings.zone).date()
    given = (decision.channel, decision.level.value, decision.approver, decision.document)
    with opened(settings) as lane:
        lane.run_now(
            lambda session: decisions.approve(session, *given, decision.on or today, today=today, now=now)
        )


def list_channels(settings: Settings) -> list[Finding]:
    """The channels that are set up, and what was approved for each."""
    with opened(settings) as lane:
        levels = channels_of(settings, lane)[1]
        found = lane.run_now(lambda session: approvals.examine(session, levels))
    return found or [Finding(True, P("Channels: none is set up, so nobody can be told anything yet"))]


def suspend(settings: Settings, number: int, now: datetime) -> None:
    with opened(settings) as lane:
        lane.run_now(
            lambda session: people.suspend(session, people.member_numbered(session, number).id, now=now)
        )
