"""Loading the settings for a command or the daemon: a name that no setting has is refused.

pydantic reads the names it knows and sees no others: a misspelt one would be passed over without a word.

Belongs here: which names there may be. Does not belong here: what a setting means (`settings`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from pydantic_settings import DotEnvSettingsSource, EnvSettingsSource

from assets.dbt_alone import PARENT
from pipelines.settings import Settings

_PREFIX = "THOATNGHEO_"
# What the pipeline sets for its dbt, whose environment a command may inherit.
_OF_DBT = (PARENT, f"{_PREFIX}DUCKDB_PATH", f"{_PREFIX}DBT_")
# What the tests are told by, and hand on to the commands that they start.
_OF_TESTS = tuple(f"{_PREFIX}{name}" for name in ("CRASH_", "FUZZ_", "CHANGES_SEED", "CASES"))


class SettingUnknown(ValueError):
    """A name that looks like a setting's and is none; the message names it and the nearest one."""


def load_settings() -> Settings:
    """The settings of the environment and `.env`.

    Raises
    ------
    SettingUnknown
        A name begins as those of settings do, and is none's.
    pydantic.ValidationError
        A value is none that the setting can have.
    """
    places = {
        "the environment": EnvSettingsSource(Settings).env_vars,
        ".env": DotEnvSettingsSource(Settings).env_vars,
    }
    for place, names in places.items():
        if told := "; ".join(unknown_names(names)):
            raise SettingUnknown(f"{told} (in {place})")
    return Settings()


def unknown_names(names: Iterable[str]) -> Iterator[str]:
    """Those that begin as settings do and are none, each with the nearest that is one."""
    known = [f"{_PREFIX}{field.upper()}" for field in Settings.model_fields]
    for name in sorted({name.upper() for name in names}):
        if name.startswith(_PREFIX) and name not in known and not name.startswith(_OF_DBT + _OF_TESTS):
            near = get_close_matches(name, known, n=1, cutoff=0)
            yield f"{name} is no setting; the nearest is {near[0]}"
