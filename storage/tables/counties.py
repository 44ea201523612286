"""County, its units, and what is set for the whole installation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.tables.columns import id_column, moment_column, reference


class County(SQLModel, table=True):
    id: int = id_column()
    code: str = Field(max_length=2, unique=True)
    name: str = Field(max_length=60)
    zone: str = Field(default="Asia/Shanghai", max_length=40)
    created_at: datetime = moment_column()


class Unit(SQLModel, table=True):
    """An employer in the county: a bureau, a town."""

    __table_args__ = (UniqueConstraint("county_id", "name"),)

    id: int = id_column()
    county_id: int = reference("county")
    name: str = Field(max_length=80)


class RulebookVersion(SQLModel, table=True):
    """One saved version of a county's rulebook. The newest holds; none means the defaults of the product."""

    __table_args__ = (UniqueConstraint("county_id", "version"),)

    id: int = id_column()
    county_id: int = reference("county")
    version: int
    data: dict[str, Any] = Field(sa_type=JSON)
    author_id: int | None = Field(default=None, sa_type=BigInteger, nullable=True)
    created_at: datetime = moment_column()


class Setting(SQLModel, table=True):
    """One value of the installation itself: the sandbox clock, the check value of the key file."""

    key: str = Field(primary_key=True, max_length=60)
    value: str
