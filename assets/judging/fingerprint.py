"""What a judged table and year depends on, as one hash: nothing changed, nothing is done again."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from assets.raw_store import READER_VERSION
from checks.contract import Contract
from checks.seeds import dbt_project

_PACKAGES = ("assets", "checks")


@cache
def code_fingerprint() -> str:
    """A hash over the code that reads, parses and judges, and the seeds that it looks up."""
    root = Path(__file__).parent.parent.parent
    digest = hashlib.sha256()
    for package in _PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(path.read_bytes())
    for name in ("standards", "programmes"):
        digest.update((dbt_project() / "seeds" / f"{name}.csv").read_bytes())
    return digest.hexdigest()[:16]


def reader_fingerprint(contract: Contract) -> str:
    """What the reading of a file depends on, beside its bytes: the contract and the reader."""
    return f"{contract.fingerprint}.{READER_VERSION}"


def files_fingerprint(files: list[dict[str, Any]]) -> str:
    """A hash over the landed versions of a table and year, and which of them stand."""
    rows = [
        [f["file_name"], f["sha256"], f["version"], f["state"] == "replaced", f["file_date"]] for f in files
    ]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:32]


def year_fingerprint(
    contract: Contract, files: list[dict[str, Any]], *, province: str, reference: str, key: bytes
) -> str:
    """A hash over all that a judged table and year depends on."""
    inputs = {
        "contract": contract.fingerprint,
        "code": code_fingerprint(),
        "province": province,
        "reference": reference,
        "key": hashlib.sha256(key).hexdigest()[:16],
        "files": files_fingerprint(files),
    }
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()[:32]
