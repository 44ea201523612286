"""Many rows at once, on both databases: what is new goes in, and values come back as they were."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from storage.bulk import InsertNew, SetByKey, among, listed
from storage.ids import new_ids
from storage.lane import Lane
from storage.queries import access
from storage.tables import METADATA
from storage.tables.leaves import Leave
from storage.tables.members import Role
from tests import make
from tests.make import MONDAY, NOW

LEAVES = METADATA.tables["leave"]
INSERT = InsertNew(LEAVES, ("id", "county_id", "member_id", "cover_id", "first_on", "last_on", "created_at"))
END = SetByKey(LEAVES, ("id", "last_on", "withdrawn_at"))
WITHDRAW = SetByKey(LEAVES, ("id", "cover_id"), same=("withdrawn_at", "last_on"))
SETTINGS = InsertNew(METADATA.tables["setting"], ("key", "value"))
PACES = InsertNew(METADATA.tables["pace"], ("channel", "target", "free_at"))
IDS = new_ids(3)

Row = tuple[int, int, int, int | None, date, date, datetime]


def rows(session: Session) -> list[Row]:
    """Three leaves, the second one without a cover."""
    county = make.county(session)
    who, cover = make.member(session, county), make.member(session, county, Role.supervisor)
    session.flush()
    covers = (cover.id, None, cover.id)
    return [
        (row_id, county.id, who.id, covering, MONDAY, MONDAY + timedelta(days=place), NOW)
        for place, (row_id, covering) in enumerate(zip(IDS, covers, strict=True))
    ]


def test_what_is_new_goes_in_and_comes_back_as_it_was(lane: Lane) -> None:
    def unit(session: Session) -> list[Row]:
        given = rows(session)
        assert INSERT.write(session, given[:2]) == 2
        assert INSERT.write(session, [*given, given[2]]) == 1  # two are known, and one is there twice
        return given

    given = lane.run_now(unit)
    found = lane.run_now(lambda s: s.exec(select(Leave).order_by(LEAVES.c.id)).all())
    assert [
        (one.id, one.county_id, one.member_id, one.cover_id, one.first_on, one.last_on, one.created_at)
        for one in found
    ] == given


def test_columns_of_some_rows_are_set_and_no_others(lane: Lane) -> None:
    def unit(session: Session) -> None:
        INSERT.write(session, rows(session))
        ends = [(IDS[0], MONDAY + timedelta(days=9), NOW), (IDS[2], MONDAY, None), (1, MONDAY, None)]
        assert END.write(session, ends) == 2

    lane.run_now(unit)
    found = lane.run_now(lambda s: s.exec(select(Leave).order_by(LEAVES.c.id)).all())
    days = [(one.last_on - MONDAY).days for one in found]
    assert days == [9, 1, 0]
    assert [one.withdrawn_at for one in found] == [NOW, None, None]


def test_it_sees_what_the_session_has_not_written_yet(lane: Lane) -> None:
    def unit(session: Session) -> int:
        (first, *_) = rows(session)
        session.add(Leave.model_validate(dict(zip(INSERT.columns, first, strict=True))))
        return INSERT.write(session, [first])

    assert lane.run_now(unit) == 0


def test_what_is_among_many_is_found_with_one_parameter(lane: Lane) -> None:
    def unit(session: Session) -> tuple[list[int], list[str]]:
        INSERT.write(session, rows(session))
        by_id = select(LEAVES.c.id).where(among(session, LEAVES.c.id)).order_by(LEAVES.c.id)
        ids = list(session.execute(by_id, listed(session, [IDS[2], 1, IDS[0]])).scalars())
        names = METADATA.tables["county"].c.name
        by_name = select(names).where(among(session, names))
        return ids, list(session.execute(by_name, listed(session, ['a"b', "JA县"])).scalars())

    assert lane.run_now(unit) == ([IDS[0], IDS[2]], ["JA县"])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_few_of_many_are_looked_up_even_where_sqlite_has_counted(lane: Lane) -> None:
    """A list is of unknown length to it. Of a province's members it would read all, for each slice of a tick."""
    roles = (Role.commission_staff, Role.leader)

    def unit(session: Session) -> str:
        session.execute(text("ANALYZE"))
        counted = [("ix_memberrole_county_role", "2302 110 29"), ("ix_memberrole_member_id", "2302 1")]
        for index, rows_in_it in counted:
            values = {"i": index, "n": rows_in_it}
            session.execute(text("INSERT INTO sqlite_stat1 VALUES ('memberrole', :i, :n)"), values)
        session.execute(text("ANALYZE sqlite_schema"))
        access.holders(session, [1, 2], roles)
        connection = session.connection()
        sql = access._holding(roles)._plan(connection.dialect, {}).sql
        steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", (None,) * sql.count("?"))
        return str(steps.all())

    assert "USING INDEX ix_memberrole_county_role (county_id=? AND role=?)" in lane.run_now(unit)


def test_as_many_as_there_are(lane: Lane) -> None:
    """However many go into one statement: each is written, each value into its own column and row."""

    def unit(session: Session) -> None:
        row_id, county, who, cover, first, _, at = rows(session)[0]
        many = [(one, county, who, cover, first, MONDAY, at) for one in new_ids(150)]
        assert INSERT.write(session, many) == 150
        assert INSERT.write(session, [(row_id, *many[0][1:]), *many]) == 1
        ends = [(one[0], MONDAY + timedelta(days=place), None) for place, one in enumerate(many)]
        assert END.write(session, ends[1:]) == 149
        found = session.execute(select(LEAVES.c.id, LEAVES.c.last_on).where(LEAVES.c.id != row_id))
        assert sorted(map(tuple, found)) == [(one, day) for one, day, _ in ends]

    lane.run_now(unit)


def test_what_is_the_same_in_all_rows_is_given_once(lane: Lane) -> None:
    def unit(session: Session) -> None:
        given = rows(session)
        INSERT.write(session, given)
        assert WITHDRAW.write(session, [(IDS[0], None), (IDS[2], given[0][3])], (NOW, MONDAY)) == 2

    lane.run_now(unit)
    first, second, third = lane.run_now(lambda s: s.exec(select(Leave).order_by(LEAVES.c.id)).all())
    assert [(one.withdrawn_at, one.last_on) for one in (first, third)] == [(NOW, MONDAY)] * 2
    assert (first.cover_id, second.withdrawn_at) == (None, None)
    assert third.cover_id is not None


def test_words_and_bytes_come_back_as_they_were(lane: Lane) -> None:
    texts = ['"', "\\", "{a,b}", "NULL", "", " 张 ", "a\nb", "\\x00"]
    keys = [b"", b"\x00\xff", b'"\\', b"NULL"]

    def unit(session: Session) -> tuple[list[Any], list[Any]]:
        SETTINGS.write(session, [(f"{place}", value) for place, value in enumerate(texts)])
        PACES.write(session, [("x", key, NOW) for key in keys])
        settings, paces = SETTINGS._table, PACES._table
        values = session.execute(select(settings.c.value).order_by(settings.c.key)).scalars()
        return list(values), list(session.execute(select(paces.c.target)).scalars())

    values, targets = lane.run_now(unit)
    assert (values, sorted(targets)) == (texts, sorted(keys))


def test_nothing_is_nothing(lane: Lane) -> None:
    assert lane.run_now(lambda s: INSERT.write(s, []) + END.write(s, [])) == 0


def test_an_error_is_the_engines_own(lane: Lane) -> None:
    def unit(session: Session) -> None:
        row_id, county, _, *rest = rows(session)[0]
        INSERT.write(session, [(row_id, county, 1, *rest)])

    with pytest.raises(IntegrityError):
        lane.run_now(unit)
