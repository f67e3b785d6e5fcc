"""The settings, read once: environment first, then `.env`.

Belongs here: names, defaults and meaning of every setting. Does not belong here: any use of
them; they are passed down and never read elsewhere.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from assets.warehouse.seam import KEEP
from assets.workplace import EngineLimits, Home, Workplace


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
    duckdb_memory: str = Field(default="2GB", pattern=r"^\d+(\.\d+)?\s*(MB|GB|MiB|GiB)$")
    duckdb_temp: Path | None = None
    nightly: str = Field(default="0 2 * * *", pattern=r"^[\d*/,-]+( [\d*/,-]+){4}$")
    sensor_seconds: int = Field(default=300, ge=1)
    alert_url: SecretStr | None = None
    alert_email: str = Field(default="", pattern=r"^$|^[^@\s,]+@[^@\s,]+(\s*,\s*[^@\s,]+@[^@\s,]+)*$")
    smtp_url: SecretStr = SecretStr("smtp://localhost")

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

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
