"""Who decides: the name under which a rollback or an approval goes on record.

Belongs here: asking the system for it. Does not belong here: what is decided.
"""

from __future__ import annotations

import getpass


def user_name() -> str:
    """The system's name of whoever gave the command; words that say so where it knows none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "an unnamed user"
