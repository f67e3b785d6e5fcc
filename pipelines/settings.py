"""The settings, read once: environment first, then `.env`.

Belongs here: names, defaults and meaning of every setting. Does not belong here: any use of
them; they are passed down and never read elsewhere.
"""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from assets.warehouse.seam import KEEP
from assets.workplace import EngineLimits, Home, Workplace

# SQLite's and dbt's paths are addresses, in which `?` and `#` end the path; the engine reads `*`, `[` and
# `]` as patterns, `=` as a column's value and `'` as the end of a text; dbt fills in what stands in braces.
_NO_PATH = "?#*[]{}='"
_MEMORY = re.compile(r"^(\d+(?:\.\d+)?)\s*(MB|GB|MiB|GiB)$")
_CRON = re.compile(r"^[\d*/,-]+( [\d*/,-]+){4}$")


class Settings(BaseSettings):
    """Every setting has the prefix THOATNGHEO_; README.md tells what each is for."""

    model_config = SettingsConfigDict(env_prefix="THOATNGHEO_", env_file=".env", extra="ignore")

    home: Path = Path(".thoatngheo")
    drops: str = ""
    sources: Path | None = None
    commune_events: Path | None = None
    province: str = Field(default="19", pattern=r"^\d{2}$")
    warehouse_url: SecretStr = SecretStr("")
    keep_releases: int = Field(default=KEEP, ge=1, le=1000)
    pseudonym_key: SecretStr | None = None
    duckdb_threads: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1)
    duckdb_memory: str = "2GB"
    duckdb_temp: Path | None = None
    nightly: str = "0 2 * * *"
    sensor_seconds: int = Field(default=300, ge=1)
    alert_url: SecretStr | None = None
    alert_email: str = Field(default="", pattern=r"^$|^[^@\s,]+@[^@\s,]+(\s*,\s*[^@\s,]+@[^@\s,]+)*$")
    smtp_url: SecretStr = SecretStr("smtp://localhost")

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        home = value.expanduser().absolute()
        if found := [sign for sign in _NO_PATH if sign in str(home)]:
            raise ValueError(
                f"{home} holds {' '.join(found)}, with which SQLite, dbt or DuckDB read another path: name a "
                f"folder without any of {' '.join(_NO_PATH)}"
            )
        return home

    @field_validator("sources", "commune_events", "duckdb_temp", mode="before")
    @classmethod
    def _blank_is_unset(cls, value: object) -> object:
        """As `.env.example` says; a blank path would be the working directory."""
        return value or None

    @field_validator("sources")
    @classmethod
    def _is_there(cls, value: Path | None) -> Path | None:
        """Without it the home's own may be absent; a file that was named and is not there is a mistake.

        No databases would be asked, and nobody would be told.
        """
        if value is None:
            return None
        path = value.expanduser().absolute()
        if not path.is_file():
            raise ValueError(f"{path} is no file: name the file that lists the databases, or leave it blank")
        return path

    @field_validator("duckdb_memory")
    @classmethod
    def _is_memory(cls, value: str) -> str:
        """At least a megabyte: with less the engine cannot even make a table."""
        found = _MEMORY.match(value)
        if not found or float(found[1]) * (1 if found[2].startswith("M") else 1000) < 1:
            raise ValueError(f"{value!r} is no memory to work with: give a number and MB or GB, such as 2GB")
        return value

    @field_validator("nightly")
    @classmethod
    def _is_a_night(cls, value: str) -> str:
        if not _CRON.match(value) or not _comes(value):
            raise ValueError(
                f"{value!r} is no time that comes: give minute, hour, day, month and weekday as cron does, "
                "such as 0 2 * * *"
            )
        return value

    @field_validator("alert_url", "smtp_url")
    @classmethod
    def _address(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        """Checked here, so that a wrong one is told at the start and not when a night has failed."""
        schemes = ("http", "https") if info.field_name == "alert_url" else ("smtp", "smtps")
        if value is None or not value.get_secret_value():
            return None if info.field_name == "alert_url" else SecretStr("smtp://localhost")
        parts = urlsplit(value.get_secret_value())
        if parts.scheme not in schemes or not parts.hostname:
            raise ValueError(f"give a URL that begins with {' or '.join(f'{s}://' for s in schemes)}")
        return value

    @model_validator(mode="after")
    def _derive(self) -> Self:
        if not self.drops:
            self.drops = str(self.home / "drops")
        elif "://" not in self.drops:
            self.drops = str(Path(self.drops).expanduser().absolute())
        if not self.warehouse_url.get_secret_value():
            self.warehouse_url = SecretStr(f"duckdb:///{Home(self.home).warehouse}")
        return self

    def workplace(self) -> Workplace:
        """What the layers are handed. Makes the home and, on first use, its secret."""
        home = Home(self.home)
        home.prepare()
        key = self.pseudonym_key
        temp = self.duckdb_temp or self.home / "tmp"
        return Workplace(
            home=home,
            drops=self.drops,
            province=self.province,
            sources=self.sources or self.home / "sources.yaml",
            pseudonym_key=key.get_secret_value().encode() if key else home.pseudonym_key(),
            engine=EngineLimits(self.duckdb_threads, self.duckdb_memory, temp),
            warehouse_url=self.warehouse_url.get_secret_value(),
            keep_releases=self.keep_releases,
            commune_events=self.commune_events.expanduser().absolute() if self.commune_events else None,
        )


def _comes(cron: str) -> bool:
    """Whether the daemon would find a next time; 31 April is well formed and never comes."""
    # Loaded where a night is set: every command would wait for it.
    from dagster._utils.schedules import is_valid_cron_string

    from pipelines.schedule_state import next_tick

    try:
        return is_valid_cron_string(cron) and bool(next_tick(cron, datetime.now(UTC)))
    except Exception:
        # The reader of cron lines has many errors of its own, and no one class for them.
        return False
