"""The command line: exit codes, one clear line on stderr, never a traceback."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy.exc import OperationalError
from typer.testing import CliRunner, Result
from xlsxwriter import Workbook

from bot import cli, operator
from casework.forms.catalog import FORMS
from storage import schema

SAMPLE = Path(__file__).parents[1] / "data" / "roster-sample.xlsx"
COMMANDS = (
    (),
    ("demo",),
    ("serve",),
    ("migrate",),
    ("doctor",),
    ("forecast",),
    ("county",),
    ("county", "add"),
    ("roster",),
    ("roster", "import"),
    ("roster", "template"),
    ("member",),
    ("member", "add"),
    ("member", "list"),
    ("member", "invite"),
    ("member", "bind"),
    ("member", "suspend"),
    ("channel",),
    ("channel", "list"),
    ("channel", "approve"),
    ("form",),
    ("form", "list"),
    ("form", "schema"),
    ("form", "workbook"),
    ("heartbeat",),
    ("outbox",),
    ("outbox", "list"),
    ("outbox", "retry"),
    ("outbox", "hold"),
    ("outbox", "release"),
    ("rulebook",),
    ("rulebook", "show"),
    ("rulebook", "preview"),
    ("rulebook", "save"),
    ("wecom",),
    ("wecom", "menu"),
    ("calendar",),
    ("calendar", "show"),
    ("calendar", "set"),
    ("calendar", "clear"),
    ("calendar", "import"),
)


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty working directory, in English."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FANGPINGCHA_LANGUAGE", "en")
    # It would bind the log to a stream that is gone after the test.
    monkeypatch.setattr(cli, "set_up_logs", lambda level: None)
    return tmp_path


def run(*args: str) -> Result:
    return CliRunner().invoke(cli.app, args)


def test_the_lists_of_commands_are_whole_in_a_narrow_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for args in COMMANDS:
        assert "..." not in run(*args, "--help").stdout.partition("COMMAND [ARGS]...")[2], args


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("member", "list"), "数据库尚未建立，请先运行：fangpingcha migrate"),
        (("calendar", "import", "nowhere.txt"), "nowhere.txt：没有这个文件或文件夹。"),
        (("demo", "--now", "gestern"), "--now：“gestern”不是有效的时刻，请按2026-11-23T08:30的形式填写。"),
    ],
)
def test_what_stands_in_the_way_is_said_in_the_language_of_the_settings(
    monkeypatch: pytest.MonkeyPatch, args: tuple[str, ...], said: str
) -> None:
    monkeypatch.setenv("FANGPINGCHA_LANGUAGE", "zh_CN")
    assert fails(*args) == said


def test_doctor_does_not_mix_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FANGPINGCHA_LANGUAGE", "zh_CN")
    said = run("doctor").stdout
    assert "FAIL 数据库：数据库尚未建立，请先运行：fangpingcha migrate" in said


def does(*args: str) -> str:
    result = run(*args)
    assert result.exit_code == 0, result.stderr
    return str(result.stdout)


def fails(*args: str, code: int = 1) -> str:
    """What it says on stderr; nothing is said anywhere else, and no traceback at all."""
    result = run(*args)
    assert result.exit_code == code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
    said = str(result.stderr).strip()
    assert said
    assert "Traceback" not in result.output
    return said


def one_line(*args: str) -> str:
    said = fails(*args)
    assert len(said.splitlines()) == 1, said
    return said


@pytest.fixture
def migrated(folder: Path, empty_sqlite: Path) -> Path:
    (folder / "fangpingcha.db").write_bytes(empty_sqlite.read_bytes())
    return folder


@pytest.fixture
def county(migrated: Path) -> Path:
    does("county", "add", "JA", "嘉安县")
    return migrated


# --- forms ---------------------------------------------------------------------------------------------------------


def test_forms_are_listed_and_shown_without_a_database(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = [row.split(maxsplit=2) for row in does("form", "list").splitlines()]
    assert [(row[0], row[1]) for row in listed] == [(form.id, str(form.version)) for form in FORMS.values()]
    assert listed[0][2] == "Heart-to-heart talk"
    assert json.loads(does("form", "schema", "talk"))["title"] == "Heart-to-heart talk"
    monkeypatch.setenv("FANGPINGCHA_LANGUAGE", "zh_CN")
    assert "谈心谈话" in does("form", "list")
    assert one_line("form", "schema", "walk") == "没有名为walk的表单，可用form list查看。"
    assert list(folder.iterdir()) == []


def test_the_forms_of_notes_are_written_as_a_workbook_once(folder: Path) -> None:
    file = folder / "notes.xlsx"
    assert does("form", "workbook", str(file)) == f"Wrote {file}.\n"
    assert "Heart-to-heart talk" in load_workbook(file).sheetnames
    assert "exists already" in one_line("form", "workbook", str(file))


# --- usage -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(command: tuple[str, ...]) -> None:
    said = does(*command, "--help")
    assert "Usage:" in said
    assert len(said.splitlines()) > 4


def test_no_command_is_left_out_here() -> None:
    groups = {str(g.name): g.typer_instance for g in cli.app.registered_groups if g.typer_instance}
    known: set[tuple[str, ...]] = {
        (name.callback.__name__.replace("_", " "),) for name in cli.app.registered_commands if name.callback
    }
    known |= {
        (group, command.name or "")
        for group, typer_app in groups.items()
        for command in typer_app.registered_commands
    }
    assert known == {each for each in COMMANDS if each and each not in {(group,) for group in groups}}


@pytest.mark.parametrize(
    "args",
    [
        ("no-such-command",),
        ("member", "add"),
        ("member", "add", "--name", "李敏", "--role", "emperor"),
        ("member", "invite", "abc"),
        ("demo", "--port", "99999"),
        ("demo", "--cases", "1"),
        ("county", "add", "JA"),
        ("serve", "--no-such-option"),
    ],
    ids=" ".join,
)
def test_bad_usage_exits_with_two(args: tuple[str, ...]) -> None:
    fails(*args, code=2)


# --- what is not well ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "value"),
    [("TIME_ZONE", "Asia/Nowhere"), ("DATABASE_URL", "mysql://u:hunter2@db/x"), ("LANGUAGE", "fr")],
)
@pytest.mark.parametrize("command", ["serve", "migrate", "doctor"])
def test_a_bad_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, setting: str, value: str, command: str
) -> None:
    monkeypatch.setenv(f"FANGPINGCHA_{setting}", value)
    said = one_line(command)
    assert said.startswith(f"FANGPINGCHA_{setting}: ")
    assert "hunter2" not in said


@pytest.mark.parametrize("args", [("serve",), ("county", "add", "JA", "x"), ("member", "list")], ids=" ".join)
def test_without_the_newest_schema_nothing_starts(args: tuple[str, ...]) -> None:
    assert "fangpingcha migrate" in one_line(*args)


def test_migrating_makes_the_database_and_again_changes_nothing(folder: Path) -> None:
    assert schema.newest() in does("migrate")
    assert schema.newest() in does("migrate")
    assert schema.current(f"sqlite:///{folder / 'fangpingcha.db'}") == schema.newest()


def test_a_database_of_a_newer_version_is_left_alone(migrated: Path) -> None:
    import sqlite3

    with closing(sqlite3.connect(migrated / "fangpingcha.db", isolation_level=None)) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    for command in ("serve", "migrate"):
        one_line(command)
    assert schema.current(f"sqlite:///{migrated / 'fangpingcha.db'}") == "9999"


def test_a_database_that_cannot_be_reached_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FANGPINGCHA_DATABASE_URL", "postgresql+psycopg://u:hunter2@127.0.0.1:1/x")
    for args in (("serve",), ("member", "list"), ("migrate",)):
        assert "hunter2" not in one_line(*args)


def test_a_missing_key_file_stops_everything(county: Path) -> None:
    (county / "fangpingcha.key").unlink()
    for args in (("serve",), ("member", "list"), ("county", "add", "ZZ", "x")):
        assert "key file" in one_line(*args)
    assert not (county / "fangpingcha.key").exists()


def test_an_error_that_nobody_expected_is_one_line_too(monkeypatch: pytest.MonkeyPatch, county: Path) -> None:
    for error in (RuntimeError("secret words"), OperationalError("SELECT secret words", None, Exception())):

        def breaks(*_args: object, error: Exception = error) -> list[str]:
            raise error

        monkeypatch.setattr(operator, "list_members", breaks)
        said = one_line("member", "list")
        assert type(error).__name__ in said
        assert "secret" not in said


# --- counties and members --------------------------------------------------------------------------------------------


def test_a_county_is_added_once(migrated: Path) -> None:
    assert "JA" in does("county", "add", "ja", "嘉安县")
    assert "JA" in one_line("county", "add", "JA", "嘉安县")
    assert "OI" in one_line("county", "add", "OI", "x")


def test_the_county_is_named_where_there_are_several(county: Path) -> None:
    assert does("member", "list") == ""
    does("county", "add", "ZZ", "x")
    assert "--county" in one_line("member", "list")
    assert does("member", "list", "--county", "zz") == ""
    assert "QQ" in one_line("member", "list", "--county", "QQ")


def test_members_come_are_listed_invited_and_suspended(county: Path) -> None:
    does("member", "add", "--name", "王强", "--role", "supervisor")
    boss = does("member", "list").split("\t")[0]
    does(
        "member", "add", "--name", "李敏", "--role", "care_officer", "--unit", "财政局", "--supervisor", boss
    )
    rows = [line.split("\t") for line in does("member", "list").splitlines()]
    assert [(row[1], row[3], row[4]) for row in rows] == [
        ("王强", "-", "active"),
        ("李敏", "财政局", "active"),
    ]
    number = rows[1][0]
    secret, how = does("member", "invite", number).splitlines()
    assert len(secret) >= 13
    assert secret in how
    assert number in does("member", "suspend", number)
    assert "suspended" in does("member", "list").splitlines()[1]
    for act in ("invite", "suspend"):
        assert "suspended" in one_line("member", act, number)


@pytest.mark.parametrize(
    "args",
    [
        ("member", "invite", "4711"),
        ("member", "suspend", "4711"),
        ("member", "add", "--name", "李敏", "--role", "care_officer", "--supervisor", "4711"),
        ("member", "add", "--name", "李敏", "--role", "administrator"),
        ("member", "add", "--name", " ", "--role", "leader"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_is_refused_and_changes_nothing(county: Path, args: tuple[str, ...]) -> None:
    one_line(*args)
    assert does("member", "list") == ""


def test_refusals_are_in_the_language_of_the_settings(monkeypatch: pytest.MonkeyPatch, county: Path) -> None:
    monkeypatch.setenv("FANGPINGCHA_LANGUAGE", "zh_CN")
    assert any("\u4e00" <= letter <= "\u9fff" for letter in one_line("member", "invite", "4711"))


# --- the roster ------------------------------------------------------------------------------------------------------


def workbook(folder: Path, *rows: tuple[object, ...]) -> str:
    path = folder / "roster.xlsx"
    with Workbook(str(path)) as book:
        day, sheet = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_worksheet()
        header = ("姓名", "工作单位", "政治面貌", "处理处分种类", "处分决定日期", "关怀责任人")
        for number, row in enumerate((header, *rows)):
            for column, cell in enumerate(row):
                sheet.write(number, column, cell, *([day] if isinstance(cell, date) else []))
    return str(path)


def cases(folder: Path) -> int:
    import sqlite3

    with closing(sqlite3.connect(folder / "fangpingcha.db")) as database:
        return int(database.execute("SELECT count(*) FROM care_case").fetchone()[0])


def test_a_dry_run_loads_nothing_and_the_real_one_all(migrated: Path) -> None:
    assert "60" in does("roster", "import", str(SAMPLE), "--dry-run")
    assert cases(migrated) == 0
    assert "--county" not in does("roster", "import", str(SAMPLE))
    assert cases(migrated) > 50


@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_a_broken_roster_names_row_column_value_and_remedy(county: Path, more: tuple[str, ...]) -> None:
    good = ("张明", "财政局", "中共党员", "党内警告", date(2026, 6, 1), "李敏")
    bad = ("王芳", "财政局", "中共党员", "罚站三天", "昨天", "李敏")
    said = fails("roster", "import", workbook(county, good, bad), *more)
    for named in ("3", "罚站三天", "昨天"):
        assert named in said
    for column in ("处理处分种类", "处分决定日期"):
        (line,) = [line for line in said.splitlines() if column in line]
        assert len(line) > len(column) + 20, "the remedy"
    assert cases(county) == 0


@pytest.mark.parametrize("content", [b"", b"not a workbook", b"PK\x03\x04 broken"])
def test_what_is_no_workbook_is_refused(county: Path, content: bytes) -> None:
    (county / "roster.xlsx").write_bytes(content)
    one_line("roster", "import", "roster.xlsx")


def test_a_roster_that_is_not_there_is_named(county: Path) -> None:
    assert "none.xlsx" in one_line("roster", "import", "none.xlsx")
    one_line("roster", "import", str(county))


def test_the_template_is_written_and_never_over_something_else(folder: Path) -> None:
    does("roster", "template", "empty.xlsx")
    before = (folder / "empty.xlsx").read_bytes()
    assert before.startswith(b"PK")
    assert "empty.xlsx" in one_line("roster", "template", "empty.xlsx")
    assert (folder / "empty.xlsx").read_bytes() == before
    one_line("roster", "template", "no/folder/empty.xlsx")


# --- doctor ----------------------------------------------------------------------------------------------------------


def test_doctor_finds_nothing_wrong_with_what_is_well(county: Path) -> None:
    lines = does("doctor").splitlines()
    assert len(lines) >= 5
    assert all(line.startswith("ok  ") for line in lines), lines


def failed() -> list[str]:
    result = run("doctor")
    assert result.exit_code == 1
    return [line for line in result.stdout.splitlines() if line.startswith("FAIL")]


def test_doctor_finds_an_older_schema(folder: Path) -> None:
    assert "migrate" in failed()[0]


def test_doctor_finds_a_key_file_that_others_can_read(county: Path) -> None:
    (county / "fangpingcha.key").chmod(0o644)
    (line,) = failed()
    assert "chmod 600" in line
    (county / "fangpingcha.key").unlink()
    assert len(failed()) == 1


# --- the program itself ----------------------------------------------------------------------------------------------


@pytest.fixture
def busy() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def program(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from bot.cli import main; main()", *args],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )


def test_a_busy_port_is_told_before_anything_is_made(folder: Path, busy: int) -> None:
    run = program("demo", "--port", str(busy))
    assert run.returncode == 1
    assert str(busy) in run.stderr
    assert len(run.stderr.splitlines()) == 1
    assert not (folder / "demo-data").exists()


def test_a_moment_that_cannot_be_read_is_told(folder: Path) -> None:
    assert "--now" in one_line("demo", "--port", "0", "--now", "yesterday")


def test_without_a_command_it_shows_its_page() -> None:
    run = program()
    assert "roster" in run.stdout + run.stderr
    assert "Traceback" not in run.stderr
