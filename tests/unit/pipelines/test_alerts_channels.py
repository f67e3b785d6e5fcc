"""Telling: the log always, e-mail and webhook over real servers, tried again, never a secret in a log."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from pipelines.alerts import Notice
from pipelines.channels import Channels
from pipelines.definitions import _channels
from pipelines.settings import Settings
from tests.unit.pipelines.servers import mail_server, web_server

NOTICE = Notice(
    "failure", "[Thoát Nghèo] refresh of 2024 failed (thất bại)", "Why (vì sao): đĩa đầy", "r1", (2024,)
)
PAUSES: list[float] = []
NO_PAUSE: Callable[[float], None] = PAUSES.append


@pytest.fixture
def log(tmp_path: Path) -> Path:
    PAUSES.clear()
    return tmp_path / "alerts.log"


def test_the_log_is_told_always(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert Channels(log).tell(NOTICE) == []
    assert "ERROR [Thoát Nghèo] refresh of 2024 failed" in log.read_text(encoding="utf-8")
    assert "đĩa đầy" in capsys.readouterr().err


def test_a_mail_arrives_as_it_was_written(log: Path) -> None:
    with mail_server() as sink:
        assert Channels(log, email=("a@x.vn", "b@x.vn"), smtp=sink.url).tell(NOTICE, NO_PAUSE) == []
    (mail,) = sink.mails
    assert mail["Subject"] == NOTICE.subject
    assert mail["To"] == "a@x.vn, b@x.vn"
    assert mail.get_content().strip() == NOTICE.body


def test_a_webhook_is_sent_text_and_facts(log: Path) -> None:
    with web_server() as sink:
        assert Channels(log, webhook=sink.url).tell(NOTICE, NO_PAUSE) == []
    assert sink.posts == [
        {
            "text": f"{NOTICE.subject}\n{NOTICE.body}",
            "kind": "failure",
            "subject": NOTICE.subject,
            "run_id": "r1",
            "years": [2024],
        }
    ]


def test_a_server_that_says_later_is_asked_again(log: Path) -> None:
    with mail_server(refusals=2) as mails, web_server(refusals=2) as posts:
        channels = Channels(log, webhook=posts.url, email=("a@x.vn",), smtp=mails.url)
        assert channels.tell(NOTICE, NO_PAUSE) == []
    assert len(mails.mails) == len(posts.posts) == 1
    assert PAUSES == [1.0, 3.0, 1.0, 3.0]


def test_one_way_that_fails_leaves_the_others_and_shows_no_address(log: Path) -> None:
    with web_server() as posts:
        channels = Channels(log, posts.url, ("a@x.vn",), f"smtp://u:geheim@127.0.0.1:{_closed_port()}")
        assert channels.tell(NOTICE, NO_PAUSE) == ["e-mail"]
    assert len(posts.posts) == 1
    told = log.read_text(encoding="utf-8")
    assert "failure could not be told by e-mail: ConnectionRefusedError" in told
    assert "geheim" not in told


def test_a_webhook_s_secret_stands_in_no_log(log: Path) -> None:
    with web_server(refusals=9) as posts:
        assert Channels(log, webhook=posts.url).tell(NOTICE, NO_PAUSE) == ["webhook"]
    told = log.read_text(encoding="utf-8")
    assert "HTTPError 503" in told
    assert "geheim" not in told


def test_no_password_goes_out_in_the_clear(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with mail_server() as sink:
        port = sink.url.rsplit(":", 1)[1]
        real = socket.create_connection
        monkeypatch.setattr(
            socket, "create_connection", lambda a, *r, **k: real(("127.0.0.1", a[1]), *r, **k)
        )
        channels = Channels(log, email=("a@x.vn",), smtp=f"smtp://u:geheim@mail.example:{port}")
        assert channels.tell(NOTICE, NO_PAUSE) == ["e-mail"]
    assert sink.mails == []
    assert "offers no TLS" in log.read_text(encoding="utf-8")


def test_a_password_that_no_login_takes_fails_alone_and_is_named(log: Path) -> None:
    with mail_server() as mails, web_server() as posts:
        smtp = mails.url.replace("smtp://", "smtp://u:b%C3%AD-m%E1%BA%ADt@")
        assert Channels(log, posts.url, ("a@x.vn",), smtp).tell(NOTICE, NO_PAUSE) == ["e-mail"]
    assert len(posts.posts) == 1 and mails.mails == []
    told = log.read_text(encoding="utf-8")
    assert "THOATNGHEO_SMTP_URL holds letters with marks" in told
    assert "bí-mật" not in told and "%C3" not in told
    assert PAUSES == [], "no further try can mend it"


def test_a_web_server_that_speaks_no_http_fails_alone_and_is_named(log: Path) -> None:
    with mail_server() as mails:
        # A mail server's greeting is no HTTP.
        channels = Channels(log, mails.url.replace("smtp://", "http://"), ("a@x.vn",), mails.url)
        assert channels.tell(NOTICE, NO_PAUSE) == ["webhook"]
    assert len(mails.mails) == 1
    assert "failure could not be told by webhook: BadStatusLine" in log.read_text(encoding="utf-8")
    assert PAUSES == [1.0, 3.0]


def test_whatever_a_way_fails_of_the_next_is_tried(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> None:
        raise LookupError("geheim")

    monkeypatch.setattr(Channels, "_mail", breaks)
    with web_server() as posts:
        assert Channels(log, posts.url, ("a@x.vn",)).tell(NOTICE, NO_PAUSE) == ["e-mail"]
    assert len(posts.posts) == 1
    told = log.read_text(encoding="utf-8")
    assert "by e-mail: LookupError" in told and "geheim" not in told


def test_a_home_that_cannot_be_written_silences_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with web_server() as posts:
        Channels(tmp_path / "file" / "alerts.log", webhook=posts.url).tell(NOTICE, NO_PAUSE)
    assert len(posts.posts) == 1


def test_the_log_does_not_grow_for_ever(log: Path) -> None:
    long = Notice("failure", "x", "đ" * 400_000)
    for _ in range(5):
        Channels(log).tell(long)
    assert sum(path.stat().st_size for path in log.parent.glob("alerts.log*")) < 2_500_000


def test_settings_name_the_ways(tmp_path: Path) -> None:
    settings = Settings(
        _env_file=None, home=tmp_path, alert_email="a@x.vn, b@x.vn", alert_url="https://h.example/t"
    )  # type: ignore[arg-type]
    channels = _channels(settings)
    assert channels.email == ("a@x.vn", "b@x.vn")
    assert channels.webhook == "https://h.example/t"
    assert channels.smtp == "smtp://localhost"
    assert "h.example" not in repr(settings)
    none = _channels(Settings(_env_file=None, home=tmp_path))
    assert (none.email, none.webhook) == ((), None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("alert_url", "mailto:a@x.vn"),
        ("alert_url", "hook"),
        ("smtp_url", "mail.example:25"),
        ("smtp_url", "http://mail.example"),
        ("alert_email", "nobody"),
        ("alert_email", "a@x.vn b@x.vn"),
        ("nightly", "at two"),
        ("nightly", "0 2 * *"),
        ("nightly", "99 2 * * *"),
        ("nightly", "0 0 31 4 *"),
        ("sensor_seconds", 0),
    ],
)
def test_a_wrong_setting_is_told_at_the_start(tmp_path: Path, name: str, value: object) -> None:
    with pytest.raises(ValidationError) as raised:
        Settings(_env_file=None, home=tmp_path, **{name: value})  # type: ignore[arg-type]
    assert [entry["loc"] for entry in raised.value.errors()] == [(name,)]


def _closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
