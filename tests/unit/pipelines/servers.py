"""Real servers on this machine that keep what they are sent: one for mail, one for a webhook."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast


@dataclass
class Sink:
    """What a server was sent; `refusals` is how many times it says no first."""

    url: str = ""
    refusals: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    posts: list[dict[str, Any]] = field(default_factory=list)

    def refuses(self) -> bool:
        self.refusals -= 1
        return self.refusals >= 0


@contextmanager
def mail_server(refusals: int = 0) -> Iterator[Sink]:
    """A server that speaks as much SMTP as a delivery needs."""
    sink = Sink(refusals=refusals)

    class Session(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 sink")
            while line := self.rfile.readline():
                word = line[:4].upper().strip()
                if word == b"DATA":
                    self._say("354 go on")
                    self._keep()
                elif word == b"MAIL" and sink.refuses():
                    self._say("451 try later")
                elif word == b"QUIT":
                    return self._say("221 bye")
                else:
                    self._say("250 sink")
            return None

        def _keep(self) -> None:
            lines = []
            while (line := self.rfile.readline()) not in (b".\r\n", b""):
                lines.append(line[1:] if line.startswith(b".") else line)
            sink.mails.append(cast(EmailMessage, message_from_bytes(b"".join(lines), policy=policy.default)))
            self._say("250 kept")

        def _say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    with _serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session)) as port:
        sink.url = f"smtp://127.0.0.1:{port}"
        yield sink


@contextmanager
def web_server(refusals: int = 0) -> Iterator[Sink]:
    """A server that keeps the JSON that is posted to it."""
    sink = Sink(refusals=refusals)

    class Post(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if sink.refuses():
                self.send_error(503)
                return
            sink.posts.append(json.loads(body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: the tests look at what was kept."""

    with _serving(ThreadingHTTPServer(("127.0.0.1", 0), Post)) as port:
        sink.url = f"http://127.0.0.1:{port}/hook/geheim"
        yield sink


@contextmanager
def _serving(server: socketserver.TCPServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
