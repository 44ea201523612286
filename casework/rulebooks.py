"""A county's own rulebook: reading changes from a file, and saving them as a new version."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from locales.catalogue import N_
from locales.phrase import Word
from reminders import changing
from reminders.mechanism import Mechanism, current_version, forget, mechanism_of
from storage import audit
from storage.errors import Refused
from storage.rulebook import Rulebook
from storage.rulebook_sections import Rules
from storage.tables.counties import County, RulebookVersion
from storage.tables.members import Member, MemberRole, MemberState, Role

Path = tuple[str | int, ...]
AUTHORS = (Role.administrator, Role.commission_staff, Role.leader)


def changed(current: Rulebook, content: bytes) -> Rulebook:
    """The rules that hold, with what a file says differently. What it leaves out stays as it is.

    Raises:
        Refused: it is no rulebook, breaks a rule, or changes nothing; one sentence.
    """
    try:
        given = json.loads(content)
    except (ValueError, RecursionError):
        raise Refused(N_("This is not a rulebook: it is not valid JSON.")) from None
    if not isinstance(given, dict):
        raise Refused(N_("This is not a rulebook: it names no rules."))
    given.pop("version", None)  # kept by the product
    new = Rulebook.load({**_merged(current.dump(), given), "version": current.version})
    if new == current:
        raise Refused(N_("Nothing changes: these rules hold already."))
    return new


def _merged(current: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Sections are merged; a value, or a list as a whole, is replaced."""
    result = dict(current)
    for name, value in given.items():
        before = result.get(name)
        if isinstance(before, dict) and isinstance(value, dict):
            result[name] = _merged(before, value)
        else:
            result[name] = value
    return result


@dataclass(frozen=True)
class Difference:
    """A rule that differs: where it stands, what it says of itself, what it was, what it is (None: there is none)."""

    path: Path
    about: str
    before: Any
    after: Any


def differences(before: Rulebook, after: Rulebook) -> list[Difference]:
    """Every rule that differs, each as small as it has a meaning: a number, an hour, a step of a ladder."""
    old, new = dict(leaves(before)), dict(leaves(after))
    return [
        Difference(path, about, old.get((path, about)), new.get((path, about)))
        for path, about in dict.fromkeys([*old, *new])
        if path != ("version",) and old.get((path, about)) != new.get((path, about))
    ]


def leaves(rules: Rules, path: Path = ()) -> Iterator[tuple[tuple[Path, str], Any]]:
    """Each rule with its place and what it says of itself; of a table or a ladder each line by itself."""
    for name, field in type(rules).model_fields.items():
        value, at, about = getattr(rules, name), (*path, name), field.description or ""
        if isinstance(value, Rules):
            yield from leaves(value, at)
        elif isinstance(value, Mapping):
            yield from ((((*at, key), about), one) for key, one in value.items())
        elif isinstance(value, tuple) and value and isinstance(value[0], Rules):
            yield from ((((*at, number), about), one) for number, one in enumerate(value))
        else:
            yield (at, about), value


def with_rules(mechanism: Mechanism, rulebook: Rulebook) -> Mechanism:
    return replace(mechanism, rulebook=rulebook)


def save(session: Session, county: County, content: bytes, author: Member, *, now: datetime) -> Rulebook:
    """Save changed rules as a new version, and decide anew when each open visit is looked at next."""
    _require_author(session, county, author)
    session.exec(
        select(County).where(County.id == county.id).with_for_update()
    ).one()  # one version at a time
    old = mechanism_of(session, county.id, fresh=True)
    new = changed(old.rulebook, content)
    new = new.model_copy(update={"version": current_version(session, county.id) + 1})
    session.add(
        RulebookVersion(
            county_id=county.id, version=new.version, data=new.dump(), author_id=author.id, created_at=now
        )
    )
    visits = changing.replan(session, county.id, old, with_rules(old, new), now=now)
    audit.record(
        session,
        None,
        "rulebook_saved",
        "county",
        county.id,
        now=now,
        county_id=county.id,
        version=new.version,
        author=author.id,
        rules=len(differences(old.rulebook, new)),
        visits=visits,
    )
    forget()
    return new


def _require_author(session: Session, county: County, author: Member) -> None:
    """Somebody of the county answers for its rules."""
    query = select(MemberRole.id).where(MemberRole.member_id == author.id, col(MemberRole.role).in_(AUTHORS))
    if (
        author.county_id != county.id
        or author.state != MemberState.active
        or session.exec(query).first() is None
    ):
        raise Refused(
            N_(
                "Member {id} cannot answer for the rules: name an administrator, the office or the leading group."
            ),
            id=Word(str(author.number)),
        )
