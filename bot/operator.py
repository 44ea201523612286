"""What the operator does at the command line: each function opens the database, does one thing, and closes it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlmodel import Session, col, select

from bot.app import NotReady, open_storage
from bot.config import Settings
from casework import people, vocabulary
from casework.people import NewMember
from casework.roster import loading, template
from locales.catalogue import N_
from locales.phrase import P, Phrase, Reader, Word
from reminders.workdays import WorkCalendar
from storage import schema
from storage.clock import lease_now
from storage.errors import NotFound, Refused
from storage.lane import Lane
from storage.tables.counties import County, Unit
from storage.tables.members import Duty, Member, MemberRole, Role

DEFAULT_COUNTY = ("JA", "本县")


@contextmanager
def _opened(settings: Settings) -> Iterator[Lane]:
    lane = open_storage(settings)
    try:
        yield lane
    finally:
        lane.close()


def migrate(settings: Settings) -> str:
    before = schema.current(settings.database)
    schema.migrate(settings.database)
    after = schema.current(settings.database)
    return (
        f"The database is at schema {after}."
        if before == after
        else f"Migrated from {before or 'nothing'} to {after}."
    )


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


def _the_county(session: Session, code: str | None) -> County:
    county = _county(session, code)
    if county is None:
        raise NotFound(N_("There is no county yet. Add one with: fangpingcha county add CODE NAME"))
    return county


def add_county(settings: Settings, code: str, name: str, now: datetime) -> None:
    with _opened(settings) as lane:
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

    with _opened(settings) as lane:
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
    template.write_template(file, language)


# --- members -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NewPerson:
    name: str
    role: Role
    unit: str | None
    supervisor: int | None
    duty: Duty | None


def add_member(settings: Settings, new: NewPerson, code: str | None, now: datetime) -> str:
    def unit(session: Session) -> str:
        county = _the_county(session, code)
        if new.supervisor is not None:
            supervisor = session.get(Member, new.supervisor)
            if supervisor is None or supervisor.county_id != county.id:
                raise NotFound(
                    N_("There is no member {id}. “fangpingcha member list” shows them all."),
                    id=Word(str(new.supervisor)),
                )
        data = NewMember(new.name, new.role, new.unit, new.duty, new.supervisor)
        member = people.add_member(session, county, data, now=now)
        return f"Added member {member.id}. Invite them with: fangpingcha member invite {member.id}"

    with _opened(settings) as lane:
        return lane.run_now(unit)


def list_members(settings: Settings, code: str | None) -> list[str]:
    reader = Reader(settings.language, settings.zone, lease_now().date())

    def unit(session: Session) -> list[str]:
        county = _the_county(session, code)
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
                        str(member.id),
                        member.name,
                        roles,
                        works_at.name if works_at else "-",
                        member.state.value,
                    )
                )
            )
        return lines

    with _opened(settings) as lane:
        return lane.run_now(unit)


def invite(settings: Settings, number: int, now: datetime) -> str:
    with _opened(settings) as lane:
        secret, until = lane.run_now(lambda session: people.invite(session, number, now=now))
    return f"{secret}\nValid once, until {until.astimezone(settings.zone):%Y-%m-%d %H:%M}. The member sends: 绑定 {secret}"


def suspend(settings: Settings, number: int, now: datetime) -> None:
    with _opened(settings) as lane:
        lane.run_now(lambda session: people.suspend(session, number, now=now))


# --- doctor --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Finding:
    ok: bool
    text: str


def examine(settings: Settings, now: datetime) -> list[Finding]:
    """What an operator should know before going live, one line each."""
    findings = [Finding(True, f"settings: time zone {settings.time_zone}, language {settings.language}")]
    try:
        with _opened(settings) as lane:
            counties = lane.run_now(lambda session: session.exec(select(County.code)).all())
        findings.append(Finding(True, f"database: schema {schema.newest()}, {len(counties)} counties"))
        findings.append(_key_file(settings))
    except NotReady as error:
        findings.append(Finding(False, f"database: {error}"))
    findings += _calendar(now.astimezone(settings.zone).year)
    on = "on: for demonstrations only" if settings.sandbox else "off"
    findings.append(Finding(True, f"sandbox: {on}"))
    return findings


def _key_file(settings: Settings) -> Finding:
    mode = settings.keys.stat().st_mode & 0o777
    if mode & 0o077:
        return Finding(
            False,
            f"keys: {settings.keys} can be read by others (mode {mode:04o}). Run: chmod 600 {settings.keys}",
        )
    hint = "" if settings.key_file else "; in production keep it on another disk (FANGPINGCHA_KEY_FILE)"
    return Finding(True, f"keys: {settings.keys} fits this database{hint}")


def _calendar(year: int) -> list[Finding]:
    calendar = WorkCalendar()
    this = Finding(
        calendar.is_published(year),
        f"calendar: {year} "
        + (
            "is published"
            if calendar.is_published(year)
            else "is not published: some working days are missing"
        ),
    )
    following = (
        "is published"
        if calendar.is_published(year + 1)
        else "is not published yet (usual until November); days are estimated from the law"
    )
    return [this, Finding(True, f"calendar: {year + 1} {following}")]
