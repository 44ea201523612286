"""Settings, from the environment or a `.env` file, frozen once read."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.channels.disclosure import Level
from locales.catalogue import LANGUAGES
from storage.engine import BadDatabaseUrl, is_sqlite, parse_url

PREFIX = "FANGPINGCHA_"
WECOM = ("wecom_corp_id", "wecom_agent_id", "wecom_secret", "wecom_token", "wecom_aes_key")


class BadSettings(Exception):
    """One line for each setting that is missing or malformed."""


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True)

    database_url: SecretStr = SecretStr("sqlite:///fangpingcha.db")
    time_zone: str = "Asia/Shanghai"
    language: str = "zh_CN"
    key_file: Path | None = None
    heartbeat_file: Path | None = None
    memory_file: Path | None = None
    public_url: str | None = None
    speech_command: str | None = None
    sandbox: bool = False
    telegram_token: SecretStr | None = None
    telegram_api_base: str = "https://api.telegram.org/bot"
    telegram_webhook_secret: SecretStr | None = None
    telegram_disclosure: Level = Field(default=Level.coded)
    wecom_corp_id: str | None = None
    wecom_agent_id: int | None = None
    wecom_secret: SecretStr | None = None
    wecom_token: SecretStr | None = None
    wecom_aes_key: SecretStr | None = None
    wecom_accounts: int = Field(default=200, ge=1, le=1_000_000)
    wecom_api_base: str = "https://qyapi.weixin.qq.com/cgi-bin/"
    wecom_disclosure: Level = Field(default=Level.coded)

    @field_validator("telegram_token")
    @classmethod
    def _telegram_token(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch(r"\d+:[A-Za-z0-9_-]+", value.get_secret_value()):
            raise ValueError("this is not a bot's token as BotFather gives it, 123456:ABC-DEF…")
        return value

    @field_validator("telegram_webhook_secret")
    @classmethod
    def _telegram_webhook_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch(r"[A-Za-z0-9_-]{16,256}", value.get_secret_value()):
            raise ValueError("16 to 256 letters, digits, _ and - are wanted")
        return value

    @field_validator("wecom_corp_id")
    @classmethod
    def _wecom_corp_id(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"[A-Za-z0-9_-]{2,64}", value):
            raise ValueError("this is not a corp id; it stands under 我的企业 and begins with ww")
        return value

    @field_validator("wecom_agent_id", mode="before")
    @classmethod
    def _wecom_agent_id(cls, value: object) -> object:
        if value is not None and not re.fullmatch(r"[1-9]\d{0,14}", str(value)):
            raise ValueError("the number of the app is wanted, for example 1000002")
        return value

    @field_validator("wecom_secret", "wecom_token")
    @classmethod
    def _wecom_words(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,128}", value.get_secret_value()):
            raise ValueError("letters, digits, _ and - are wanted, as the app's page shows them")
        return value

    @field_validator("wecom_aes_key")
    @classmethod
    def _wecom_aes_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch(r"[A-Za-z0-9+/]{43}", value.get_secret_value()):
            raise ValueError("an EncodingAESKey has exactly 43 letters and digits")
        return value

    @model_validator(mode="after")
    def _wecom_whole(self) -> Settings:
        """Five settings make one app: with four of them nothing works, and nobody sees why."""
        given = {name: getattr(self, name) is not None for name in WECOM}
        missing = [f"{PREFIX}{name.upper()}" for name, there in given.items() if not there]
        if missing and len(missing) < len(WECOM):
            raise ValueError(f"{', '.join(missing)}: missing; the app needs all five WECOM settings, or none")
        return self

    @field_validator("public_url", "telegram_api_base", "wecom_api_base")
    @classmethod
    def _web_address(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"https?://[^\s?#]+", value):
            raise ValueError("an address that begins with https:// is wanted")
        return value

    @field_validator("speech_command")
    @classmethod
    def _speech_command(cls, value: str | None) -> str | None:
        try:
            if value is None or shlex.split(value):
                return value
        except ValueError:
            pass
        raise ValueError(
            "a program with its arguments is wanted, as in a shell: /opt/speech/run --model /opt/zh"
        )

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("this time zone is not known; an example is Asia/Shanghai")
        return value

    @field_validator("language")
    @classmethod
    def _known_language(cls, value: str) -> str:
        if value not in LANGUAGES:
            raise ValueError(f"the languages are {' and '.join(LANGUAGES)}")
        return value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: SecretStr) -> SecretStr:
        try:
            parse_url(value.get_secret_value())
        except BadDatabaseUrl as error:
            raise ValueError(str(error)) from None
        return value

    @property
    def database(self) -> str:
        return self.database_url.get_secret_value()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def keys(self) -> Path:
        """The key file: as set, else beside a SQLite database, else in the working directory."""
        return self.key_file or self._folder / "fangpingcha.key"

    @property
    def memory(self) -> Path:
        """Where a process remembers how far the database had got; where it is, as for the key file."""
        return self.memory_file or self._folder / "fangpingcha.lived"

    @property
    def _folder(self) -> Path:
        url = parse_url(self.database)
        return Path(url.database).parent if is_sqlite(url) and url.database else Path()


def read_settings(**overrides: object) -> Settings:
    """The settings as they are now; `overrides` come from the command line.

    Raises:
        BadSettings: naming each wrong one in a line of its own.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        lines = []
        for problem in error.errors(include_input=False, include_url=False):
            text = problem["msg"].removeprefix("Value error, ")
            # One about several settings names them itself.
            lines.append(f"{PREFIX}{str(problem['loc'][0]).upper()}: {text}" if problem["loc"] else text)
        raise BadSettings("\n".join(lines)) from None
