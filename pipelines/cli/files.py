"""A file that a command was asked to write and cannot: one sentence and exit code 1, not a trace.

Belongs here: how that ends. Does not belong here: any file's content, or names that are wrong use.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Around the writing of a file or folder, and of nothing else."""
    try:
        yield
    except OSError as error:
        told = f"{cannot_be_written(path, error)}; name one in a folder that is there and may be written to"
        Console(stderr=True, soft_wrap=True).print(f"[red]failed:[/] {escape(told)}", highlight=False)
        raise typer.Exit(1) from error


def cannot_be_written(path: Path, error: OSError) -> str:
    """Which file, and why, in the system's words."""
    return f"{path} cannot be written: {error.strerror or type(error).__name__}"
