"""Sealed columns: they open with the right key in the right place, and nowhere else."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, select

from bot.app import NotReady, open_storage
from storage import schema, sealed
from storage.lane import Lane
from storage.sealed import KeyFileError, Keyring, SealBroken, load_keyring, make_key_file, new_keyring
from storage.tables.cases import Person
from tests import make
from tests.conftest import settings_of

RING = new_keyring()


@given(st.text(), st.integers(0, 2**63 - 1))
def test_what_is_sealed_opens_again(text: str, row: int) -> None:
    assert RING.open(RING.seal(text, "person.name", row), "person.name", row) == text


def test_it_opens_in_its_own_place_alone() -> None:
    value = RING.seal("张明", "person.name", 7)
    for place, row in (("person.name", 8), ("person.post", 7), ("member.name", 7)):
        with pytest.raises(SealBroken):
            RING.open(value, place, row)


def test_a_fingerprint_that_is_remembered_is_that_of_the_keys_there_are() -> None:
    """Another oldest key makes other fingerprints: what the ring before remembered is not asked."""
    text, place = "sandbox:officer-1", "address.address"
    added = Keyring({**RING.keys, 2: b"k" * 32}, active=2)
    for ring in (RING, new_keyring(), RING, added):
        sealed.install(ring)
        for _ in range(2):
            assert sealed.known_index(text, place) == ring.index(text, place)
        assert sealed.known_index(text, "member.name") != sealed.known_index(text, place)
    assert added.index(text, place) == RING.index(text, place)  # a key more loses nobody
    sealed.install(RING)


def test_it_opens_with_its_own_key_alone() -> None:
    with pytest.raises(SealBroken):
        new_keyring().open(RING.seal("张明", "person.name", 7), "person.name", 7)


@pytest.mark.parametrize("at", [0, 1, 5, 20, -1])
def test_one_changed_byte_breaks_it(at: int) -> None:
    value = bytearray(RING.seal("张明", "person.name", 7))
    value[at] ^= 1
    with pytest.raises(SealBroken):
        RING.open(bytes(value), "person.name", 7)


@pytest.mark.parametrize("value", [b"", b"\x01", b"\x01\x01", b"\x01\x01" + b"0" * 12, b"plain text"])
def test_what_was_never_sealed_does_not_open(value: bytes) -> None:
    with pytest.raises(SealBroken):
        RING.open(value, "person.name", 7)


def test_no_error_says_what_was_sealed() -> None:
    with pytest.raises(SealBroken) as caught:
        RING.open(RING.seal("张明", "person.name", 7), "person.name", 8)
    assert "张明" not in str(caught.value)


def test_equal_texts_do_not_look_equal() -> None:
    assert len({RING.seal("张明", "person.name", 7) for _ in range(20)}) == 20


def test_an_older_key_still_opens_and_finds() -> None:
    both = Keyring({1: RING.keys[1], 2: new_keyring().keys[1]}, active=2)
    assert both.open(RING.seal("张明", "person.name", 7), "person.name", 7) == "张明"
    assert both.seal("张明", "person.name", 7)[1] == 2
    assert both.index("张明", "person.name") == RING.index("张明", "person.name")


def test_the_index_finds_what_reads_the_same_and_tells_nothing_across_columns() -> None:
    assert RING.index("ＪＡ ", "x") == RING.index("ja", "x")
    assert RING.index("张明", "person.name") != RING.index("张明", "member.name")
    assert RING.index("张明", "person.name") != RING.index("张敏", "person.name")
    assert RING.index("张明", "person.name") != new_keyring().index("张明", "person.name")


# --- in the database -------------------------------------------------------------------------------------------------


def two(session: Session) -> list[Person]:
    county = make.county(session)
    for name in ("张明", "张明"):
        make.case(session, county, name=name)
    return list(session.exec(select(Person)).all())


def test_two_rows_that_swapped_their_values_do_not_open(lane: Lane) -> None:
    first, second = lane.run_now(two)
    assert first.name_sealed != second.name_sealed
    assert first.name_index == second.name_index  # found by it, all the same

    def swap(session: Session) -> None:
        a, b = session.get_one(Person, first.id), session.get_one(Person, second.id)
        a.name_sealed, b.name_sealed = b.name_sealed, a.name_sealed

    lane.run_now(swap)
    for person in lane.run_now(lambda s: list(s.exec(select(Person)).all())):
        with pytest.raises(SealBroken):
            _ = person.name


def test_nothing_personal_is_on_the_disk_in_plain(tmp_path: Path, empty_sqlite: Path) -> None:
    """Names, addresses, reasons and notes, looked for in the bytes of the file and of its log."""
    from casework import notes, people, visits
    from storage.lane import open_lane

    path = tmp_path / "canary.db"
    path.write_bytes(empty_sqlite.read_bytes())
    lane, canary = open_lane(f"sqlite:///{path}"), "金丝雀QX7Z"

    def live(session: Session) -> None:
        county = make.county(session)
        officer = make.member(session, county, name=f"{canary}官")
        people.bind_address(session, officer, "wecom", f"{canary}@chat", now=make.NOW)
        case = make.case(session, county, officer, name=f"{canary}人", reason=f"因{canary}")
        case.awaits_officer = f"{canary}待"
        talk = make.visit(session, case)
        me = make.actor(session, officer)
        visits.reschedule(session, me, talk.id, make.MONDAY, f"{canary}改期", now=make.NOW)
        answers: dict[str, Any] = {"work": f"{canary}工作"}
        note = notes.NoteData(talk.id, "talk", 1, make.MONDAY, answers, "concern", True)
        notes.record_visit(session, me, note, now=make.NOW)

    lane.run_now(live)
    on_disk = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.name.startswith(path.name))
    lane.close()
    assert "县财政局".encode() in on_disk  # what is not sealed is found: the search works
    assert canary.encode() not in on_disk
    assert b"jinsique" not in on_disk  # nor its pinyin


# --- the key file ----------------------------------------------------------------------------------------------------


def test_a_key_file_is_its_owners_alone_and_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.key"
    made = make_key_file(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    assert make_key_file(path).keys == load_keyring(path).keys == made.keys
    assert path.read_bytes() == before


def test_a_missing_key_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="missing"):
        load_keyring(tmp_path / "none.key")
    with pytest.raises(KeyFileError, match="cannot be made"):
        make_key_file(tmp_path / "no" / "folder" / "a.key")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"active": 1}',
        '{"active": 1, "keys": []}',
        '{"active": 1, "keys": {"1": "AAAA"}}',
        '{"active": 2, "keys": {"1": "' + "A" * 43 + '="}}',
        '{"active": 1, "keys": {"1": "not base64!"}}',
        '{"active": 1, "keys": {"x": ""}}',
        "密钥",
    ],
)
def test_what_is_no_key_file_is_refused_and_left_alone(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.key"
    path.write_text(content, "utf-8")
    for use in (load_keyring, make_key_file):
        with pytest.raises(KeyFileError, match="not a key file"):
            use(path)
    assert path.read_text("utf-8") == content


def test_without_a_key_nothing_is_sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed, "_ring", sealed._NoKeys())
    with pytest.raises(KeyFileError):
        sealed.seal("张明", "person.name", 1)


# --- the key file of a database --------------------------------------------------------------------------------------


@pytest.fixture
def opened_once(database_url: str, tmp_path: Path) -> Any:
    settings = settings_of(database_url, tmp_path / "a.key")
    open_storage(settings).close()
    return settings


def test_a_database_knows_its_key(opened_once: Any) -> None:
    open_storage(opened_once).close()


def test_a_database_with_sealed_data_is_not_opened_without_its_key(opened_once: Any) -> None:
    opened_once.keys.unlink()
    with pytest.raises(NotReady, match="missing"):
        open_storage(opened_once)
    assert not opened_once.keys.exists()  # and no other one is put in its place


def test_a_database_is_not_opened_with_another_ones_key(opened_once: Any) -> None:
    opened_once.keys.unlink()
    make_key_file(opened_once.keys)
    with pytest.raises(NotReady, match="not the key file of this database"):
        open_storage(opened_once)


def test_a_database_of_an_older_schema_is_not_opened(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    settings = settings_of(url, tmp_path / "a.key")
    with pytest.raises(NotReady, match="migrate"):
        open_storage(settings)
    assert schema.current(url) is None
    assert not (tmp_path / "a.key").exists()


def test_a_key_file_is_plain_json(tmp_path: Path) -> None:
    path = tmp_path / "a.key"
    make_key_file(path)
    data = json.loads(path.read_text("ascii"))
    assert set(data) == {"active", "keys"}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(st.characters(codec="utf-8")),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
        max_leaves=12,
    )
)
def test_what_json_can_say_comes_back(data: object) -> None:
    sealed.install(RING)
    value = sealed.seal_data(data, "draft.state", 7)
    assert sealed.unseal_data(value, "draft.state", 7) == data
    assert json.loads(RING.open(value, "draft.state", 7)) == data
    with pytest.raises(SealBroken):
        sealed.unseal_data(value, "draft.state", 8)
