"""Mail over TLS, on a real server: STARTTLS and SMTPS, a password only behind it, no unknown certificate."""

from __future__ import annotations

import base64
import ipaddress
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipelines.alerts import Notice
from pipelines.channels import Channels

NOTICE = Notice("failure", "[Thoát Nghèo] thất bại", "Why (vì sao): đĩa đầy", "r1", (2024,))


@dataclass
class Heard:
    """What a mail server heard: words in their order, each with whether it came over TLS."""

    port: int = 0
    words: list[tuple[str, bool]] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of 127.0.0.1 that signs itself, with its key, in one file."""
    pytest.importorskip("cryptography", reason="certificates are made with it")
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "mail.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return path


@contextmanager
def tls_server(certificate: Path, *, at_once: bool = False) -> Iterator[Heard]:
    """A mail server that offers STARTTLS, or speaks TLS from the first byte, and takes a password."""
    heard = Heard()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    class Session(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self._secure = False
            try:
                if at_once:
                    self._wrap()
                self._serve()
            except (ssl.SSLError, ConnectionError):
                return  # the client went, as it should where it does not trust

        def _wrap(self) -> None:
            self.request = context.wrap_socket(self.request, server_side=True)
            self._secure = True

        def _serve(self) -> None:
            self._say("220 sink")
            while line := self._line():
                word = line.split()[0].upper().decode()
                heard.words.append((word, self._secure))
                if word == "EHLO":
                    offers = [
                        "250-sink",
                        "250-AUTH PLAIN" if self._secure else "250-STARTTLS",
                        "250 8BITMIME",
                    ]
                    self._say("\r\n".join(offers))
                elif word == "STARTTLS":
                    self._say("220 go on")
                    self._wrap()
                elif word == "AUTH":
                    heard.logins.append(base64.b64decode(line.split()[2]).decode())
                    self._say("235 welcome")
                elif word == "DATA":
                    self._say("354 go on")
                    heard.mails.append(b"".join(iter(self._line, b".\r\n")))
                    self._say("250 kept")
                elif word == "QUIT":
                    return self._say("221 bye")
                else:
                    self._say("250 ok")
            return None

        def _line(self) -> bytes:
            found = b""
            while not found.endswith(b"\n"):
                if not (byte := self.request.recv(1)):
                    break
                found += byte
            return found

        def _say(self, text: str) -> None:
            self.request.sendall(f"{text}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session) as server:
        heard.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield heard
        finally:
            server.shutdown()
            thread.join()


def channels(tmp_path: Path, scheme: str, port: int) -> Channels:
    url = f"{scheme}://bao%40x.vn:geheim@127.0.0.1:{port}"
    return Channels(tmp_path / "alerts.log", email=("a@x.vn",), smtp=url)


@pytest.mark.parametrize(("scheme", "at_once"), [("smtp", False), ("smtps", True)])
def test_a_mail_and_its_password_go_over_tls(
    tmp_path: Path, certificate: Path, monkeypatch: pytest.MonkeyPatch, scheme: str, at_once: bool
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with tls_server(certificate, at_once=at_once) as heard:
        assert channels(tmp_path, scheme, heard.port).tell(NOTICE, lambda _: None) == []
    assert heard.logins == ["\0bao@x.vn\0geheim"]
    assert len(heard.mails) == 1
    in_the_clear = [word for word, secure in heard.words if not secure]
    assert in_the_clear == ([] if at_once else ["EHLO", "STARTTLS"])


@pytest.mark.parametrize(("scheme", "at_once"), [("smtp", False), ("smtps", True)])
def test_a_server_that_nobody_vouches_for_is_told_nothing(
    tmp_path: Path, certificate: Path, scheme: str, at_once: bool
) -> None:
    with tls_server(certificate, at_once=at_once) as heard:
        assert channels(tmp_path, scheme, heard.port).tell(NOTICE, lambda _: None) == ["e-mail"]
    assert heard.logins == [] and heard.mails == []
    log = (tmp_path / "alerts.log").read_text(encoding="utf-8")
    assert "SSLCertVerificationError" in log and "geheim" not in log
