"""Which file counts: exact copies, what a newer file replaces, files that contradict each other.

Belongs here: comparing records and slots over the files of a table and year. Does not belong
here: any judgement of a single record.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from checks.contract import Contract, Place
from checks.text import fold

_POSITION = ("source_sheet", "source_row", "raw_index")
# The slot of what concerns the whole province stands beside those of its communes.
_PROVINCE = "province"
# A running number (STT, số thứ tự) differs between copies of one record.
_RUNNING_NUMBERS = ("unknown__stt", "unknown__tt", "unknown__so_thu_tu")


def exact_copies(raw: pa.Table, hashes: np.ndarray, place: Place) -> np.ndarray:
    """True for every record of a file that repeats an earlier one of it, cell for cell.

    `hashes` are those of the records' cells; they only make a record suspect, the cells decide.
    Where not the record but its sheet names the commune, the sheet counts as a cell.
    """
    result = np.zeros(len(raw), dtype=bool)
    suspects = repeated(hashes)
    if suspects.size:
        cells = raw.select(cell_names(raw)).take(suspects).to_pandas()
        if place.from_file:
            sheets = raw["source_sheet"].take(suspects).to_pandas()
            named = cells[[name for name in (place.code, place.name) if name in cells]]
            cells = cells.assign(_sheet=sheets.where(named.isna().all(axis=1)))
        result[suspects] = cells.duplicated(keep="first").to_numpy()
    return result


def cell_names(raw: pa.Table) -> list[str]:
    """The columns of a raw file that hold what was sent, in the order of their names."""
    return sorted(n for n in raw.column_names if n not in _POSITION and n not in _RUNNING_NUMBERS)


def repeated(hashes: np.ndarray) -> np.ndarray:
    """Positions of the hashes that occur more than once."""
    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    same = ordered[1:] == ordered[:-1]
    if not same.any():
        return np.empty(0, dtype=np.int64)
    repeated = np.concatenate([same, [False]]) | np.concatenate([[False], same])
    return np.sort(order[repeated])


class RowHasher:
    """Hashes rows; one engine for all files of a year, since opening one costs more than a file."""

    def __init__(self, threads: int) -> None:
        self._connection = duckdb.connect()
        self._connection.execute(f"SET threads = {threads}")
        self._connection.execute("SET preserve_insertion_order = true")

    def __enter__(self) -> RowHasher:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def rows(self, table: pa.Table, names: list[str]) -> np.ndarray:
        """A 64-bit hash a row over the named columns, nulls included."""
        quoted = ", ".join('"' + name.replace('"', '""') + '"' for name in names)
        self._connection.register("hashed", table.select(names))
        answer = self._connection.execute(f"SELECT hash({quoted}) AS h FROM hashed").fetchnumpy()["h"]
        self._connection.unregister("hashed")
        return np.asarray(answer, dtype=np.uint64)


def slot_table(records: pa.Table, contract: Contract) -> pa.Table:
    """The slot columns of every record, to be hashed: records of one slot are equal in all of them.

    Two slots may be equal here and differ in `slot_frame`, never the other way round.
    """
    table = records.select(list(contract.slot.by))
    if "village" in table.column_names:
        encoded = pc.dictionary_encode(table["village"].combine_chunks())
        folded = pa.array([fold(v) for v in encoded.dictionary.to_pylist()], pa.string())
        column = table.column_names.index("village")
        table = table.set_column(column, "village", folded.take(encoded.indices))
    return table


def slot_frame(records: pa.Table, contract: Contract) -> pd.DataFrame:
    """The slot columns of every record, villages compared without regard to spelling.

    A blank that is a value of its own is written out: the province as the place of a target,
    a key column that may be blank. What is still blank could not be found and keeps its record
    out of every contest.
    """
    frame: pd.DataFrame = records.select(list(contract.slot.by)).to_pandas()
    for column in contract.columns:
        if column.name in frame and column.missing == "allow":
            frame[column.name] = frame[column.name].fillna("")
    if contract.place.optional:
        of_province = frame["unit_id"].isna() & records["place_issue"].to_pandas().isna()
        frame["unit_id"] = frame["unit_id"].mask(of_province, _PROVINCE)
    if "village" in frame:
        spellings = {v: fold(v) for v in frame["village"].dropna().unique()}
        frame["village"] = frame["village"].map(spellings)
    return frame


@dataclass(frozen=True)
class Contest:
    """The outcome of files that cover the same slots: what is replaced and by which file, what contradicts.

    `holder` is the number of the file that holds a replaced record's slot; -1 of every other record, and
    where contradicting files hold it.
    """

    superseded: np.ndarray
    overlapping: np.ndarray
    holder: np.ndarray


def contest(
    slots: pd.DataFrame,
    file_rank: np.ndarray,
    file_index: np.ndarray,
    content: np.ndarray,
    out: np.ndarray,
    contract: Contract,
) -> Contest:
    """Settle which file holds each slot.

    The newest file holds a slot, and what older ones say of it is superseded. Newest files of one
    date with different content stop the slot: their records overlap, and the next older file
    holds it, as it did before they came. With the same content the first of them holds it.

    Parameters
    ----------
    slots
        The slot columns, one row a record; a record without a key contests nothing.
    file_rank
        The age of each record's file: greater is newer, equal is of one date.
    file_index
        Each record's file.
    content
        A 64-bit hash of each record's content.
    out
        Records that take no part (exact copies, all of a replaced file).
    contract
        Says which columns make the slot.
    """
    size = len(slots)
    result = Contest(
        np.zeros(size, dtype=bool), np.zeros(size, dtype=bool), np.full(size, -1, dtype=np.int64)
    )
    suspects = np.setdiff1d(_suspects(slots, contract), np.flatnonzero(out), assume_unique=True)
    if not suspects.size:
        return result
    numbers = _slot_numbers(slots.iloc[suspects])
    records = pd.DataFrame(
        {
            "position": suspects,
            "slot": numbers,
            "file": file_index[suspects],
            "rank": file_rank[suspects],
            "content": content[suspects],
        }
    )[numbers >= 0]
    claims = records.groupby(["slot", "file"], as_index=False).agg(
        rank=("rank", "first"), content=("content", "sum"), records=("content", "size")
    )
    claims["verdict"] = _settle(claims)
    holds = claims[claims["verdict"] == "holds"].set_index("slot")["file"]
    claims["holder"] = claims["slot"].map(holds).fillna(-1).where(claims["verdict"] == "superseded", -1)
    settled = records.merge(claims[["slot", "file", "verdict", "holder"]], on=["slot", "file"], how="left")
    verdicts = settled["verdict"]
    positions = records["position"].to_numpy()
    result.superseded[positions] = verdicts.eq("superseded").to_numpy()
    result.overlapping[positions] = verdicts.eq("overlapping").to_numpy()
    result.holder[positions] = settled["holder"].to_numpy().astype(np.int64)
    return result


def _settle(claims: pd.DataFrame) -> pd.Series:
    """For every claim (a file on a slot): holds, superseded or overlapping."""
    verdict = pd.Series("superseded", index=claims.index)
    open_claims = claims
    while len(open_claims):
        newest = open_claims["rank"] == open_claims.groupby("slot")["rank"].transform("max")
        front = open_claims[newest]
        by_slot = front.groupby("slot")
        contents = by_slot["content"].transform("nunique").gt(1) | by_slot["records"].transform("nunique").gt(
            1
        )
        agreed = front[~contents]
        verdict.loc[agreed.groupby("slot").head(1).index] = "holds"
        verdict.loc[front[contents].index] = "overlapping"
        stopped = front.loc[contents, "slot"].unique()
        open_claims = open_claims[~newest & open_claims["slot"].isin(stopped)]
    return verdict


def _slot_numbers(slots: pd.DataFrame) -> np.ndarray:
    """A number for each distinct slot; -1 where a key column is blank."""
    numbers = slots.groupby(list(slots.columns), dropna=True, sort=False).ngroup()
    return np.asarray(numbers.fillna(-1).to_numpy(), dtype=np.int64)


def conflicting_keys(
    slots: pd.DataFrame, file_index: np.ndarray, out: np.ndarray, contract: Contract
) -> np.ndarray:
    """True for records of one file that share a record's key with different content."""
    result = np.zeros(len(slots), dtype=bool)
    if contract.slot.kind != "record":
        return result
    suspects = np.setdiff1d(_suspects(slots, contract), np.flatnonzero(out), assume_unique=True)
    if suspects.size:
        keys = slots.iloc[suspects].assign(_file=file_index[suspects])
        result[suspects] = (keys.duplicated(keep=False) & keys.notna().all(axis=1)).to_numpy()
    return result


def _suspects(slots: pd.DataFrame, contract: Contract) -> np.ndarray:
    """Records whose slot occurs more than once, so that something may replace something."""
    if contract.slot.kind == "whole":
        return np.arange(len(slots))
    if slots.empty:
        return np.empty(0, dtype=np.int64)
    with RowHasher(threads=1) as hasher:
        table = pa.Table.from_pandas(slots, preserve_index=False)
        return repeated(hasher.rows(table, list(slots.columns)))
