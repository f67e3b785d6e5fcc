"""What a failure notice says: what, why, what next; when one is news, and what ends it.

Belongs here: pure rules from ended runs to notices. Does not belong here: reading run records
(`pipelines.run_records`) or sending (`pipelines.channels`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from assets.failing import Failing
from assets.shown_url import hide_query_secrets
from pipelines.causes import OWN, dbt_words

_LONGEST_CAUSE = 600
# What holds a release is a list, each line with what to do: one screen of it.
_HELD = "nothing is published"
_LONGEST_HELD = 4000
# Citizen, insurance and account numbers have nine digits or more; dates in file names have eight.
_LONG_NUMBER = re.compile(r"\d{9,}")
_DBT = "DagsterDbtCliRuntimeError"
# Their words name files, tables and checks, never a value of a record: this project's own errors,
# the system's, and dbt's.
_MAY_BE_QUOTED = frozenset(
    {
        *OWN, "Failure",
        "OSError", "FileNotFoundError", "PermissionError", "IsADirectoryError", "NotADirectoryError",
        "FileExistsError", "BlockingIOError", "TimeoutError", "ConnectionError", "MemoryError",
        "ModuleNotFoundError", "ImportError", _DBT, "ConnectionRefusedError",
        "ConnectionResetError", "DagsterExecutionInterruptedError", "DagsterAssetCheckFailedError",
    }
)  # fmt: skip
# User and password of an address; a library's words may hold it, or a password in its query.
_ACCESS = re.compile(r"://\S*@")
_CLASS_PREFIX = re.compile(rf"^(?:[\w.]+(?:Error|Exception|Failure)|(?:\w+\.)*(?:{'|'.join(sorted(OWN))})): ")
_ADVICE = (
    ("nothing is published", "mend what holds publication; the lines above name table, year and check"),
    ("blocking", "see its findings in `thoatngheo status`; mostly a file has to be sent anew"),
    ("AssetCheckFailed", "see the failing check in `thoatngheo status`; mostly a file has to be sent anew"),
    ("No space left", "free space on the disk of the home; the next refresh goes on from what was finished"),
    ("Read-only file system", "make the home writable again, then `thoatngheo refresh`"),
    ("Permission denied", "give the pipeline's user the right to the file that is named"),
    ("process was killed", "look in the system's log for who killed it (memory, restart); "
                           "the next refresh goes on from what was finished"),
    ("refresh is running already", "find out why the other run hangs, stop it, then `thoatngheo refresh`"),
    ("dbt", "open the run in the UI, or the dbt log that is named: it names the model or test"),
    ("drops", "bring the drop store back (mounted? reachable?); the pipeline looks again by itself"),
    ("database of", "see whether the database answers; the next night asks it again"),
    ("sources.yaml", "mend sources.yaml in the home"),
)  # fmt: skip
_LOOK = "open the run in the UI: its log holds the whole error; docs/runbook.md tells what messages mean"

# How far the step that publishes came in a run that failed.
Publication = Literal["not begun", "begun", "done"]


@dataclass(frozen=True)
class Notice:
    """One message to whoever answers for the pipeline."""

    kind: Literal["failure", "recovery"]
    subject: str
    body: str
    run_id: str = ""
    years: tuple[int, ...] = ()


@dataclass(frozen=True)
class Ended:
    """A run that ended: over which years, how, and where and why it failed.

    Parameters
    ----------
    whole
        Whether its job takes the years through all layers: only such a success ends a failure.
    waits
        Whether it made its years and left their release to a later run: until that publishes, it ends none.
    publication
        How far it came: what readers see after the run.
    """

    run_id: str
    job: str
    years: tuple[int, ...]
    success: bool
    whole: bool = True
    waits: bool = False
    where: str = ""
    cause: str = ""
    publication: Publication = "not begun"


def told_cause(kind: str, message: str) -> str:
    """An error as it may be told outside: never a value of a record, a long number, or a password.

    Parameters
    ----------
    kind
        Name of the error's class.
    message
        What it said; its class before it is left out.
    """
    if kind not in _MAY_BE_QUOTED:
        return f"{kind or 'an error'} (its words may quote records: they stand in the run's log)"
    message = dbt_words(message) if kind == _DBT else message
    text = hide_query_secrets(_ACCESS.sub("://…@", _CLASS_PREFIX.sub("", message.strip())))
    text = _LONG_NUMBER.sub(lambda m: f"9{{{len(m[0])}}}", text) or kind
    longest = _LONGEST_HELD if text.startswith(_HELD) else _LONGEST_CAUSE
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def open_failures(history: Sequence[Ended]) -> list[Ended]:
    """The failed runs of whose years at least one has not been made and released since, oldest first."""
    still: list[_Open] = []
    for run in history:
        if not run.success:
            still.append(_Open(run, frozenset(run.years)))
        elif run.whole:
            still = [entry.after(run) for entry in still]
            still = [entry for entry in still if run.waits or entry.left]
    return [entry.failed for entry in still]


@dataclass(frozen=True)
class _Open:
    """A failure, its years that are not released since, and those of them that are made and wait for that."""

    failed: Ended
    left: frozenset[int]
    waiting: frozenset[int] = frozenset()

    def after(self, success: Ended) -> _Open:
        if success.waits:
            return replace(self, waiting=self.waiting.union(success.years))
        return replace(self, left=self.left.difference(success.years, self.waiting), waiting=frozenset())


def is_news(failed: Ended, before: Sequence[Ended]) -> bool:
    """Whether this failure was not told already: same years, step and cause, and still open."""
    told = {(run.years, run.where, run.cause) for run in open_failures(before)}
    return (failed.years, failed.where, failed.cause) not in told


def recovered(success: Ended, before: Sequence[Ended]) -> list[Ended]:
    """The failures that end with this success."""
    still = open_failures([*before, success])
    return [run for run in open_failures(before) if run not in still]


def failure_notice(failed: Ended) -> Notice:
    """What failed, why, what next."""
    name = _named(failed)
    body = "\n".join(
        [
            f"What (việc gì):       {name} failed{f' in step {failed.where}' if failed.where else ''}.",
            f"Why (vì sao):         {failed.cause}",
            f"What next (làm gì):   {advice(failed.cause)}",
            "",
            _seen_by_readers(failed),
            f"Run {failed.run_id}. State: thoatngheo status. Told once; the recovery is told too.",
        ]
    )
    return Notice("failure", f"[Thoát Nghèo] {name} failed (thất bại)", body, failed.run_id, failed.years)


def _seen_by_readers(failed: Ended) -> str:
    """What readers have after a failed run: that depends on how far it came."""
    if failed.publication == "done":
        return "Publication was over when it failed: readers see the release that this run let stand."
    if failed.publication == "begun" and not failed.cause.startswith(_HELD):
        return "It failed while publishing: readers see one whole release; thoatngheo releases tells which."
    return "The last release stays as it is; readers see nothing of this failure."


def recovery_notice(success: Ended, ended: Sequence[Ended]) -> Notice:
    """Which failures are over."""
    name = _named(success)
    lines = [f"{name} succeeded. Over with it:"]
    lines += [f"- {_named(run)}, run {run.run_id[:8]}: {run.cause.splitlines()[0]}" for run in ended]
    lines.append(f"Run {success.run_id}. State: thoatngheo status.")
    subject = f"[Thoát Nghèo] {name} succeeded again (đã khôi phục)"
    return Notice("recovery", subject, "\n".join(lines), success.run_id, success.years)


def standing_notice(begun: Sequence[Failing]) -> Notice:
    """What fails without a run that fails, such as a warehouse that is away or lets us in no more."""
    lines = []
    for entry in begun:
        found = told_cause("Failure", entry.found)
        lines += [
            f"What (việc gì):       {_place(entry)} fails ({entry.check}).",
            f"Why (vì sao):         {found}",
            f"What next (làm gì):   {entry.todo}",
            "",
        ]
    lines.append("State: thoatngheo status. Told once; the recovery is told too.")
    first = f"{_place(begun[0])} fails ({begun[0].check})"
    subject = f"[Thoát Nghèo] {first}{_more(begun)} (đang hỏng)"
    return Notice("failure", subject, "\n".join(lines))


def over_notice(over: Sequence[str]) -> Notice:
    """Which of those entries are gone, by place and check."""
    body = "\n".join(["Over (đã hết):", *(f"- {name}" for name in over), "State: thoatngheo status."])
    subject = f"[Thoát Nghèo] {over[0]} again{_more(over)} (đã khôi phục)"
    return Notice("recovery", subject, body)


def _more(entries: Sequence[object]) -> str:
    return f", and {len(entries) - 1} more" if len(entries) > 1 else ""


def unseen_notice(cause: str) -> Notice:
    """The drops cannot be looked at, so nobody can know what came."""
    body = "\n".join(
        [
            "What (việc gì):       the drops cannot be looked at; no refresh is asked for.",
            f"Why (vì sao):         {cause}",
            f"What next (làm gì):   {advice(cause)}",
        ]
    )
    return Notice("failure", "[Thoát Nghèo] the drops cannot be seen (không đọc được thư mục nhận tệp)", body)


def seen_again_notice() -> Notice:
    """The drops can be looked at again."""
    subject = "[Thoát Nghèo] the drops can be seen again (đã khôi phục)"
    return Notice("recovery", subject, "The drops can be looked at again; what came is asked for.")


def advice(cause: str) -> str:
    """What to do about a cause, by the first words of it that are known."""
    return next((text for words, text in _ADVICE if words in cause), _LOOK)


def _place(entry: Failing) -> str:
    return f"{entry.where} {entry.year}" if entry.year else entry.where


def _named(run: Ended) -> str:
    if not run.years:
        return f"the run of {run.job}"
    first, last = run.years[0], run.years[-1]
    return f"{run.job} of {first}" if first == last else f"{run.job} of {first}-{last}"
