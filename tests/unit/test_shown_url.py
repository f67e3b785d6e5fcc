"""An address that is shown holds no password, wherever in it that stood."""

from __future__ import annotations

import io

import pytest
import sqlalchemy as sa
from rich.console import Console

from assets.shown_url import hide_query_secrets, hide_secrets_of, shown_url
from pipelines.alerts import told_cause
from pipelines.cli.summary import show_where_next
from pipelines.settings import Settings

_SECRET = "hunter2secret"


@pytest.mark.parametrize(
    "name",
    ["password", "PASSWORD", "sslpassword", "passfile", "motherduck_token", "s3_secret_access_key", "pwd"],
)
def test_a_secret_in_the_query_is_masked_and_the_rest_stays(name: str) -> None:
    shown = shown_url(sa.make_url(f"postgresql://o2:{_SECRET}@/wh?host=/run/pg&{name}={_SECRET}&reader=bi"))
    assert _SECRET not in shown
    assert shown.startswith("postgresql://o2:***@/wh?") and f"{name}=***" in shown
    assert "host=" in shown and "reader=bi" in shown


def test_every_value_of_a_parameter_is_masked() -> None:
    shown = shown_url(
        sa.make_url(f"postgresql://h/wh?password={_SECRET}&password={_SECRET}b&application_name=a")
    )
    assert _SECRET not in shown and shown.count("***") == 2 and "application_name=a" in shown


def test_a_path_is_shown_as_it_is() -> None:
    assert (
        shown_url(sa.make_url("duckdb:////data/a@b/password.duckdb")) == "duckdb:////data/a@b/password.duckdb"
    )


def test_words_about_an_address_lose_its_secrets() -> None:
    url = sa.make_url(f"postgresql://o2:before@h/wh?password={_SECRET}&reader=bi")
    assert hide_secrets_of(url, f'role "bi": {_SECRET} and before') == 'role "bi": *** and ***'
    assert hide_query_secrets(f"at postgresql://h/wh?a=1&password={_SECRET} now") == (
        "at postgresql://h/wh?a=1&password=*** now"
    )


def test_an_alert_holds_no_password_of_a_query() -> None:
    told = told_cause(
        "OSError", f"OSError: postgresql://o2@/wh?host=/run&password={_SECRET}&reader=bi is away"
    )
    assert _SECRET not in told and told.endswith("reader=bi is away")


def test_the_command_s_last_lines_hold_no_password(tmp_path: object) -> None:
    url = f"postgresql://o2@/wh?host=/run&password={_SECRET}&reader=bi"
    workplace = Settings(_env_file=None, home=f"{tmp_path}/home", warehouse_url=url).workplace()
    screen = Console(file=io.StringIO(), width=200)
    show_where_next(screen, workplace)
    told = screen.file.getvalue()  # type: ignore[attr-defined]
    assert _SECRET not in told and "password=***" in told
