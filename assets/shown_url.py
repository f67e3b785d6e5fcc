"""An address as it may be shown: without what lets somebody in.

Belongs here: which parts of an address are secret. Does not belong here: where addresses are told.
"""

from __future__ import annotations

import re

import sqlalchemy as sa

_HIDDEN = "***"
# libpq's password, passfile and sslpassword, and the tokens and keys of other databases and stores.
_SECRET_NAME = r"[\w.%-]*(?:pass|pwd|secret|token|credential|key|signature)[\w.%-]*"
_IN_QUERY = re.compile(rf"([?&;]{_SECRET_NAME}=)[^&;#\s]*", re.IGNORECASE)
_IS_SECRET = re.compile(_SECRET_NAME, re.IGNORECASE)


def shown_url(url: sa.URL) -> str:
    """A URL without its password, whether that stands before the host or in the query."""
    return hide_query_secrets(url.render_as_string(hide_password=True))


def hide_query_secrets(text: str) -> str:
    """Any text, without the values of such parameters in the queries of the addresses that it quotes."""
    return _IN_QUERY.sub(rf"\1{_HIDDEN}", text)


def hide_secrets_of(url: sa.URL, text: str) -> str:
    """What somebody said of a URL, without its secrets, wherever in the text they stand."""
    held = [str(url.password)] if url.password else []
    for name, value in url.query.items():
        if _IS_SECRET.fullmatch(name):
            held += [value] if isinstance(value, str) else value
    for secret in sorted(filter(None, held), key=len, reverse=True):
        text = text.replace(secret, _HIDDEN)
    return text
