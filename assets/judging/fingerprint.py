"""What a judged table and year depends on, as one hash: nothing changed, nothing is done again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from assets.raw_store import READER_VERSION
from checks.contract import Contract
from checks.seeds import read_seed

_PACKAGES = ("assets", "checks")
_SEEDS = ("standards", "programmes")
# What a judgement is made from, in the words of whoever asks why a year is not up to date.
WORDS = {
    "files": "the landed files",
    "contract": "the contract of its year",
    "seeds": "standards or programmes (seeds) of its time",
    "reference": "the list of communes",
    "province": "the province",
    "key": "the key of the pseudonyms",
    "code": "the pipeline's own code",
}


@cache
def code_fingerprint() -> str:
    """A hash over the code that reads, parses and judges."""
    root = Path(__file__).parent.parent.parent
    digest = hashlib.sha256()
    for package in _PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@cache
def seeds_fingerprint(year: int) -> str:
    """A hash over the rows of standards and programmes that a year's records can be judged by.

    A record is dated by 30 June of the next year at the latest: what begins later is none of its.
    """
    last = f"{year + 1}-06-30"
    rows = [[name, *row.items()] for name in _SEEDS for row in read_seed(name) if row["valid_from"] <= last]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:16]


def reader_fingerprint(contract: Contract) -> str:
    """What the reading of a file depends on, beside its bytes: the contract and the reader."""
    return f"{contract.fingerprint}.{READER_VERSION}"


def files_fingerprint(files: list[dict[str, Any]]) -> str:
    """A hash over the landed versions of a table and year, and which of them stand."""
    rows = [
        [f["file_name"], f["sha256"], f["version"], f["state"] == "replaced", f["file_date"]] for f in files
    ]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:32]


def year_inputs(
    contract: Contract, files: list[dict[str, Any]], year: int, *, province: str, reference: str, key: bytes
) -> dict[str, str]:
    """All that a judged table and year depends on, each as a hash."""
    return {
        "contract": contract.of_year(year).fingerprint,
        "code": code_fingerprint(),
        "seeds": seeds_fingerprint(year),
        "province": province,
        "reference": reference,
        "key": hashlib.sha256(key).hexdigest()[:16],
        "files": files_fingerprint(files),
    }


def differing(before: Mapping[str, Any] | None, now: Mapping[str, str]) -> tuple[str, ...]:
    """In words, which of these inputs are others now; one that was not noted counts as another."""
    return tuple(WORDS[name] for name in WORDS if name in now and (before or {}).get(name) != now[name])


def fingerprint_of(inputs: Mapping[str, str]) -> str:
    """One hash over all of them."""
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()[:32]
