"""Why two releases cannot be compared."""

from __future__ import annotations


class NotComparable(Exception):
    """The release that stands cannot be compared with: what moved since is not known. Permanent.

    It may be told outside: its words are this project's own.
    """
