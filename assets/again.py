"""Years that a person asks for once more: nothing that was made of them counts as done.

Belongs here: marking them in the journal. What they had stays in place until it is made anew; in
between the gate holds publication, and a run that is killed leaves them stale.
"""

from __future__ import annotations

from collections.abc import Collection

from assets.journal import ACCEPTED_STATE, RAW_FILE, TRANSFORMED_STATE, Journal

# No fingerprint of anything.
ASKED_AGAIN = ""


def ask_again(journal: Journal, years: Collection[int]) -> None:
    """Let the landed files of these years be read, judged and transformed again."""
    with journal.transaction() as connection:
        for table, column in ((RAW_FILE, RAW_FILE.c.reader), (ACCEPTED_STATE, ACCEPTED_STATE.c.fingerprint)):
            connection.execute(table.update().where(table.c.year.in_(years)).values({column: ASKED_AGAIN}))
        connection.execute(TRANSFORMED_STATE.delete().where(TRANSFORMED_STATE.c.year.in_(years)))
