"""Settings: every default, every wrong one named in a line of its own, nothing secret repeated."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.channels.disclosure import Level
from bot.config import BadSettings, read_settings


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def given(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(f"FANGPINGCHA_{name}", value)


def test_the_defaults_are_those_of_the_contract() -> None:
    settings = read_settings()
    assert settings.database == "sqlite:///fangpingcha.db"
    assert (settings.time_zone, settings.language) == ("Asia/Shanghai", "zh_CN")
    assert settings.keys == Path("fangpingcha.key")
    assert not settings.sandbox
    assert settings.public_url is None
    assert (settings.telegram_disclosure, settings.wecom_disclosure) == (Level.coded, Level.coded)


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("FANGPINGCHA_LANGUAGE=en\nFANGPINGCHA_TIME_ZONE=UTC\nOTHER=1\n")
    assert (read_settings().language, read_settings().time_zone) == ("en", "UTC")
    given(monkeypatch, LANGUAGE="zh_CN")
    assert (read_settings().language, read_settings().time_zone) == ("zh_CN", "UTC")


@pytest.mark.parametrize(
    ("database", "key_file", "keys"),
    [
        ("sqlite:///data/a.db", None, "data/fangpingcha.key"),
        ("sqlite:////srv/a.db", None, "/srv/fangpingcha.key"),
        ("sqlite:///data/a.db", "/keys/a.key", "/keys/a.key"),
        ("postgresql+psycopg://u@h/d", None, "fangpingcha.key"),
        ("postgresql://u@h/d", None, "fangpingcha.key"),
    ],
)
def test_the_key_file_lies_beside_the_database(
    monkeypatch: pytest.MonkeyPatch, database: str, key_file: str | None, keys: str
) -> None:
    given(monkeypatch, DATABASE_URL=database, **({"KEY_FILE": key_file} if key_file else {}))
    assert read_settings().keys == Path(keys)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://root:hunter2@db/x"),
        ("DATABASE_URL", "hunter2"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", ""),
        ("TIME_ZONE", "Asia/hunter2"),
        ("LANGUAGE", "hunter2"),
        ("SANDBOX", "hunter2"),
        ("WECOM_DISCLOSURE", "hunter2"),
        ("WECOM_CORP_ID", "hunter2!"),
        ("WECOM_AGENT_ID", "hunter2"),
        ("WECOM_AGENT_ID", "0"),
        ("WECOM_SECRET", "hunter2 "),
        ("WECOM_TOKEN", ""),
        ("WECOM_AES_KEY", "hunter2"),
        ("WECOM_API_BASE", "hunter2"),
        ("WECOM_ACCOUNTS", "hunter2"),
        ("WECOM_ACCOUNTS", "0"),
    ],
)
def test_a_wrong_setting_is_named_in_one_line_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    given(monkeypatch, **{name: value})
    with pytest.raises(BadSettings) as caught:
        read_settings()
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"FANGPINGCHA_{name}: ")
    assert "hunter2" not in line


def test_every_wrong_setting_has_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, TIME_ZONE="x", LANGUAGE="y")
    with pytest.raises(BadSettings) as caught:
        read_settings()
    assert [line.split(":")[0] for line in str(caught.value).splitlines()] == [
        "FANGPINGCHA_TIME_ZONE",
        "FANGPINGCHA_LANGUAGE",
    ]


def test_settings_are_frozen_and_show_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, DATABASE_URL="postgresql+psycopg://u:hunter2@h/d")
    settings = read_settings()
    assert "hunter2" not in repr(settings)
    with pytest.raises(ValidationError):
        setattr(settings, "language", "en")  # noqa: B010 - the type checker knows that it is frozen


APP = {
    "WECOM_CORP_ID": "ww0123456789abcdef",
    "WECOM_AGENT_ID": "1000002",
    "WECOM_SECRET": "hunter2-Secret_of_43_letters",
    "WECOM_TOKEN": "hunter2Token",
    "WECOM_AES_KEY": "hunter2" + "k" * 36,
}


def test_an_app_has_all_five_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, **APP)
    settings = read_settings()
    assert settings.wecom_agent_id == 1000002
    assert "hunter2" not in repr(settings)
    assert settings.wecom_api_base == "https://qyapi.weixin.qq.com/cgi-bin/"


@pytest.mark.parametrize("missing", APP)
def test_one_of_the_five_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    given(monkeypatch, **{name: value for name, value in APP.items() if name != missing})
    with pytest.raises(BadSettings) as caught:
        read_settings()
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"FANGPINGCHA_{missing}: missing")
    assert "hunter2" not in line
