"""Ways to tell a notice: the log always; e-mail and webhook where they are set.

Belongs here: sending. Does not belong here: what a notice says, or when (`pipelines.alerts`).
"""

from __future__ import annotations

import http.client
import json
import logging
import smtplib
import socket
import ssl
import time
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from email.message import EmailMessage
from logging.handlers import RotatingFileHandler
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pipelines.alerts import Notice

_TIMEOUT = 5.0
_TRIES = 3
_LOG_BYTES = 1_000_000
# Net, mail server, and a web server whose answer is none.
_MAY_PASS = (OSError, smtplib.SMTPException, http.client.HTTPException)
_LOCAL = ("localhost", "127.0.0.1", "::1")


class NotSecure(Exception):
    """A password would go over the net in the clear: permanent."""


class LoginImpossible(Exception):
    """The mail server's login has no way to take this user or password: permanent."""


@dataclass(frozen=True)
class Channels:
    """Where notices go. No URL stands in a log: each may hold a password.

    Parameters
    ----------
    log_file
        Notices are kept here; two files of one megabyte at most.
    webhook
        Address that takes a JSON document by POST; None where none is set.
    email
        Addresses; none where e-mail is not set.
    smtp
        Such as `smtp://user:password@host:587` or `smtps://host`.
    """

    log_file: Path
    webhook: str | None = None
    email: tuple[str, ...] = ()
    smtp: str = "smtp://localhost"

    def tell(self, notice: Notice, pause: Callable[[float], None] = time.sleep) -> list[str]:
        """Tell a notice everywhere; the names of the ways that failed after three tries."""
        with _log(self.log_file) as log:
            level = logging.ERROR if notice.kind == "failure" else logging.WARNING
            log.log(level, "%s\n%s", notice.subject, notice.body)
            failed = []
            for name, send in self._ways():
                if (error := _tried(lambda send=send: send(notice), pause)) is not None:  # type: ignore[misc]
                    log.error("%s could not be told by %s: %s", notice.kind, name, _kind(error))
                    failed.append(name)
            return failed

    def _ways(self) -> list[tuple[str, Callable[[Notice], None]]]:
        ways: list[tuple[str, Callable[[Notice], None]]] = []
        if self.email:
            ways.append(("e-mail", self._mail))
        if self.webhook:
            ways.append(("webhook", self._post))
        return ways

    def _post(self, notice: Notice) -> None:
        # `text` is what common chat services show.
        document = {
            "text": f"{notice.subject}\n{notice.body}",
            "kind": notice.kind,
            "subject": notice.subject,
            "run_id": notice.run_id,
            "years": list(notice.years),
        }
        body = json.dumps(document, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8"}
        request = urllib.request.Request(str(self.webhook), body, headers, method="POST")
        with urllib.request.urlopen(request, timeout=_TIMEOUT):
            pass

    def _mail(self, notice: Notice) -> None:
        parts = urlsplit(self.smtp)
        host, user = parts.hostname or "localhost", unquote(parts.username or "")
        message = EmailMessage()
        message["From"] = user if "@" in user else f"thoatngheo@{socket.getfqdn()}"
        message["To"] = ", ".join(self.email)
        message["Subject"] = notice.subject
        message.set_content(notice.body)
        trusted = ssl.create_default_context()
        with ExitStack() as stack:
            if parts.scheme == "smtps":
                server: smtplib.SMTP = stack.enter_context(
                    smtplib.SMTP_SSL(host, parts.port or 465, timeout=_TIMEOUT, context=trusted)
                )
                safe = True
            else:
                server = stack.enter_context(smtplib.SMTP(host, parts.port or 25, timeout=_TIMEOUT))
                safe = host in _LOCAL
                server.ehlo()
                if server.has_extn("starttls"):
                    server.starttls(context=trusted)
                    safe = True
            if user:
                if not safe:
                    raise NotSecure("the mail server offers no TLS; the password is not sent to it")
                password = unquote(parts.password or "")
                if not (user + password).isascii():
                    raise LoginImpossible(
                        "the user or password in THOATNGHEO_SMTP_URL holds letters with marks, which a mail "
                        "server's login does not take: give the account a password without"
                    )
                server.login(user, password)
            server.send_message(message)


class _log:
    """The log of notices, to a file of the home and to standard error, closed after use."""

    def __init__(self, path: Path) -> None:
        self._logger = logging.Logger("thoatngheo.alerts")
        shape = logging.Formatter("%(asctime)s %(levelname)s %(message)s")
        handlers: list[logging.Handler] = [logging.StreamHandler()]
        try:
            handlers.append(RotatingFileHandler(path, maxBytes=_LOG_BYTES, backupCount=1, encoding="utf-8"))
        except OSError:
            # The home itself may be what failed.
            self._logger.warning("no log of notices can be written to the home")
        for handler in handlers:
            handler.setFormatter(shape)
            self._logger.addHandler(handler)

    def __enter__(self) -> logging.Logger:
        return self._logger

    def __exit__(self, *_: object) -> None:
        for handler in self._logger.handlers:
            handler.close()


def _tried(send: Callable[[], None], pause: Callable[[float], None]) -> Exception | None:
    """The last error after three tries with growing pauses; None where one succeeded.

    What no further try can mend is not tried again.
    """
    error: Exception | None = None
    for attempt in range(_TRIES):
        if attempt:
            pause(float(2**attempt - 1))
        try:
            send()
        except _MAY_PASS as failed:
            error = failed
        except Exception as failed:
            # Whatever it is: one way that fails must not keep a notice from the next.
            return failed
        else:
            return None
    return error


def _kind(error: Exception) -> str:
    """The class and the system's number: a server's words may repeat the address or the message."""
    if isinstance(error, (NotSecure, LoginImpossible)):
        return str(error)
    code = getattr(error, "smtp_code", getattr(error, "code", getattr(error, "errno", None)))
    return f"{type(error).__name__}{f' {code}' if code else ''}"
