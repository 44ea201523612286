"""`fangpingcha calendar`: a year shown, a day set and cleared, the notice read in."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot import cli

OFFICIAL = (Path(__file__).parents[1] / "data" / "notice-2026.txt").read_text("utf-8")


@pytest.fixture(autouse=True)
def county(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FANGPINGCHA_LANGUAGE", "en")
    does("migrate")
    does("county", "add", "JA", "嘉安县")


def run(*args: str, given: str | None = None) -> Result:
    return CliRunner().invoke(cli.app, args, input=given)


def does(*args: str, given: str | None = None) -> list[str]:
    result = run(*args, given=given)
    assert result.exit_code == 0, result.stderr
    return result.stdout.splitlines()


def fails(*args: str, given: str | None = None, code: int = 1) -> list[str]:
    result = run(*args, given=given)
    assert (result.exit_code, result.stdout) == (code, "")
    return result.stderr.splitlines()


def test_a_year_is_shown_with_what_makes_it_special() -> None:
    shown = does("calendar", "show", "2026")
    assert shown[0] == "2026: 248 working days; the official notice is known."
    assert "15 February to 23 February | public holiday" in shown
    assert shown[-1].startswith("Working weekends: 4 January, 14 February")
    assert does("calendar", "show", "2027")[0] == "2027: 248 working days, estimated from the law."


def test_a_day_is_set_and_cleared() -> None:
    assert does("calendar", "set", "2026-11-24", "off", "--note", "县庆")[:2] == [
        "24 November is now set: day off.",
        "Another kind of day than before: 24 November",
    ]
    assert "Set by hand: 24 November | day off | every county | 县庆" in does("calendar", "show", "2026")
    does("calendar", "set", "2026/11/24", "work", "--county", "JA")
    assert "Set by hand: 24 November | working day | this county" in does("calendar", "show", "2026")
    does("calendar", "clear", "20261124", "--county", "ja")
    does("calendar", "clear", "2026-11-24")
    assert fails("calendar", "clear", "2026-11-24") == ["Nothing of your own was set for 24 November."]


def test_with_several_counties_what_holds_for_all_is_shown() -> None:
    does("county", "add", "YB", "宜北县")
    does("calendar", "set", "2026-11-24", "off", "--county", "YB")
    assert not any("24 November" in line for line in does("calendar", "show", "2026"))
    assert any("24 November" in line for line in does("calendar", "show", "2026", "--county", "YB"))
    assert fails("calendar", "show", "2026", "--county", "XX") == ["There is no county XX."]


def test_the_notice_is_read_from_a_file_or_as_it_is_pasted(tmp_path: Path) -> None:
    file = tmp_path / "notice.txt"
    file.write_bytes(OFFICIAL.encode("gb18030"))
    expected = [
        "2026: 33 days off and 6 working weekend days were read.",
        "2026: 248 working days; the official notice is known.",
        "No day changes by it.",
    ]
    assert does("calendar", "import", str(file)) == expected
    assert does("calendar", "import", "-", given=OFFICIAL) == expected


def test_a_dry_run_keeps_nothing() -> None:
    text = "一、元旦：1月1日至4日放假，共4天。"
    said = does("calendar", "import", "-", "--year", "2028", "--dry-run", given=text)
    assert said[-1] == "Nothing was kept (dry run)."
    assert any(line.startswith("The text does not mention: 春节") for line in said)
    assert "Another kind of day than before: 4 January 2028" in said
    assert does("calendar", "show", "2028") == does("calendar", "show", "2028")
    assert not any("4 January" in line for line in does("calendar", "show", "2028"))


def test_every_bad_line_is_named_and_nothing_is_kept() -> None:
    bad = OFFICIAL.replace("共9天", "共8天").replace("3日（周六）", "3日（周五）")
    assert fails("calendar", "import", "-", given=bad) == [
        "Line 3: 3 January is no 周五.",
        "Line 4: “2月15日(农历腊月二十八、周日)至23日(农历正月初七、周一)放假调休,共8天” names 9 days, but says 8.",
        "2 problems: nothing was kept.",
    ]
    assert fails("calendar", "import", "-", given="一、元旦：1月1日放假") == [
        "The text does not say for which year it is. Say it with --year."
    ]
    (said,) = fails("calendar", "import", "nowhere.txt")
    assert said == "nowhere.txt: there is no such file or folder."


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(b"\xff\xfe\x80\x81\xff")
    assert fails("calendar", "import", "x.bin") == [
        "This is not a text: paste the notice into a plain text file."
    ]


@pytest.mark.parametrize(
    "args", [("set", "2026-13-01", "off"), ("set", "2026-11-24", "maybe"), ("show", "1999")]
)
def test_bad_usage(args: tuple[str, ...]) -> None:
    assert run("calendar", *args).exit_code == 2


def test_doctor_knows_what_was_read_in() -> None:
    def of_2027() -> list[str]:
        return [line for line in run("doctor").stdout.splitlines() if "Calendar: 2027" in line]

    assert "not published yet" in of_2027()[0]
    assert "fangpingcha calendar import FILE" in of_2027()[0]
