"""Which file counts: copies, what a newer file replaces, files that contradict each other."""

from __future__ import annotations

import warnings
from collections import defaultdict
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.judging.supersede import (
    RowHasher,
    cell_names,
    conflicting_keys,
    contest,
    exact_copies,
    slot_frame,
)
from checks.contract import Contract, load_contract

TOTALS = load_contract("survey_total")  # record by record: unit × standard
REVIEW = load_contract("survey_household")  # as a whole: unit × village × standard


class Record(NamedTuple):
    """One record: its unit (blank: no place), its file, the file's age, and what it says."""

    unit: str | None
    file: int
    rank: int
    content: int
    out: bool = False


def slots_of(records: list[Record], contract: Contract) -> pd.DataFrame:
    columns = {
        "unit_id": [r.unit for r in records],
        "village": ["a"] * len(records),
        "standard": ["VN-2022"] * len(records),
        "is_sampled": [False] * len(records),
    }
    return pd.DataFrame({name: pd.Series(columns[name], dtype=object) for name in contract.slot.by})


def settle(records: list[Record], contract: Contract = TOTALS) -> str:
    """One letter a record: holds, superseded, overlapping, - for what takes no part."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = contest(
            slots_of(records, contract),
            np.array([r.rank for r in records], dtype=np.int64),
            np.array([r.file for r in records], dtype=np.int32),
            np.array([hash((r.content, "x")) & (2**64 - 1) for r in records], dtype=np.uint64),
            np.array([r.out for r in records], dtype=bool),
            contract,
        )
    assert not (result.superseded & result.overlapping).any()
    letters = np.where(result.superseded, "s", np.where(result.overlapping, "o", "h"))
    return "".join("-" if r.out else str(x) for r, x in zip(records, letters, strict=True))


def test_a_newer_file_replaces_an_older_record_by_record() -> None:
    older = [Record("u", 0, 0, 1), Record("v", 0, 0, 2)]
    assert settle([*older, Record("u", 1, 1, 3)]) == "shh"


def test_a_newer_file_replaces_a_whole_slot_of_the_review() -> None:
    older = [Record("u", 0, 0, 1), Record("u", 0, 0, 2), Record("v", 0, 0, 3)]
    assert settle([*older, Record("u", 1, 1, 9)], REVIEW) == "sshh"


def test_a_newer_file_replaces_also_what_it_repeats() -> None:
    assert settle([Record("u", 0, 0, 1), Record("u", 1, 1, 1)]) == "sh"


def test_files_of_one_date_that_agree_leave_it_to_the_first() -> None:
    assert settle([Record("u", 0, 5, 1), Record("u", 1, 5, 1), Record("u", 2, 5, 1)]) == "hss"


def test_files_of_one_date_that_contradict_stop_the_slot() -> None:
    assert settle([Record("u", 0, 5, 1), Record("u", 1, 5, 2), Record("v", 0, 5, 3)]) == "ooh"


def test_the_next_older_file_holds_a_stopped_slot() -> None:
    oldest = Record("u", 0, 0, 7)
    older = Record("u", 1, 1, 8)
    assert settle([oldest, older, Record("u", 2, 2, 1), Record("u", 3, 2, 2)]) == "shoo"


def test_older_files_that_contradict_stop_a_stopped_slot_too() -> None:
    front = [Record("u", 2, 2, 1), Record("u", 3, 2, 2)]
    assert settle([Record("u", 0, 0, 3), Record("u", 1, 0, 4), *front]) == "oooo"


def test_older_contradictions_do_not_matter_under_a_newer_file() -> None:
    assert settle([Record("u", 0, 0, 3), Record("u", 1, 0, 4), Record("u", 2, 1, 5)]) == "ssh"


def test_a_whole_slot_agrees_only_with_all_its_records() -> None:
    one = [Record("u", 0, 0, 1), Record("u", 0, 0, 2)]
    assert settle([*one, Record("u", 1, 0, 2), Record("u", 1, 0, 1)], REVIEW) == "hhss"
    assert settle([*one, Record("u", 1, 0, 1)], REVIEW) == "ooo"


def test_copies_take_no_part() -> None:
    assert (
        settle([Record("u", 0, 0, 1), Record("u", 0, 0, 1, out=True), Record("u", 1, 0, 1)], REVIEW) == "h-s"
    )
    assert settle([Record("u", 0, 0, 1), Record("u", 1, 1, 2, out=True)]) == "h-"


@pytest.mark.parametrize("contract", [TOTALS, REVIEW])
def test_what_has_no_place_contests_nothing(contract: Contract) -> None:
    assert settle([Record(None, 0, 0, 1), Record(None, 1, 1, 2), Record(None, 2, 1, 3)], contract) == "hhh"
    assert settle([Record("u", 0, 0, 1), Record(None, 1, 1, 2), Record("u", 1, 1, 3)], contract) == "shh"


def test_no_record_no_contest() -> None:
    assert settle([]) == ""


def expected(records: list[Record]) -> str:
    """The rule as it is written, slot by slot."""
    letters = ["-" if r.out else "h" for r in records]
    slots: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for number, record in enumerate(records):
        if record.unit is not None and not record.out:
            slots[record.unit][record.file].append(number)
    for claims in slots.values():
        held = False
        for rank in sorted({records[n[0]].rank for n in claims.values()}, reverse=True):
            front = [f for f in sorted(claims) if records[claims[f][0]].rank == rank]
            said = {tuple(sorted(records[n].content for n in claims[f])) for f in front}
            for place, file in enumerate(front):
                letter = "s" if held or (len(said) == 1 and place) else ("o" if len(said) > 1 else "h")
                for number in claims[file]:
                    letters[number] = letter
            held = held or len(said) == 1
    return "".join(letters)


drops = st.lists(
    st.builds(
        lambda unit, file, content, out: Record(unit, file, file // 2, content, out),
        st.sampled_from(["u", "v", None]), st.integers(0, 4), st.integers(0, 2), st.booleans(),
    ),
    max_size=14,
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(drops, st.randoms(use_true_random=False))
def test_every_slot_is_held_by_one_file_at_most_whatever_the_order(
    records: list[Record], random: object
) -> None:
    found = settle(records, REVIEW)
    assert found == expected(records)
    for unit in ("u", "v"):
        assert len({r.file for r, x in zip(records, found, strict=True) if x == "h" and r.unit == unit}) <= 1
    order = list(range(len(records)))
    random.shuffle(order)  # type: ignore[attr-defined]
    shuffled = settle([records[n] for n in order], REVIEW)
    assert "".join(found[n] for n in order) == shuffled


@settings(deadline=None, max_examples=15)
@given(drops)
def test_record_by_record_is_the_same_contest(records: list[Record]) -> None:
    assert settle(records, TOTALS) == expected(records)


def raw(**columns: list[str | None]) -> pa.Table:
    length = len(next(iter(columns.values())))
    return pa.table(
        {
            **{name: pa.array(values, pa.string()) for name, values in columns.items()},
            "source_sheet": pa.array([""] * length),
            "source_row": pa.array(range(length), pa.int32()),
        }
    )


def copies(table: pa.Table) -> list[bool]:
    with RowHasher(threads=1) as hasher:
        found: list[bool] = exact_copies(table, hasher.rows(table, cell_names(table)), TOTALS.place).tolist()
    return found


def test_an_exact_copy_repeats_an_earlier_record_cell_for_cell() -> None:
    table = raw(
        a=["1", "1", "1", "2", "1"], b=["x", "x", None, "x", "x"], unknown__c=["p", "p", "p", "p", "q"]
    )
    assert copies(table) == [False, True, False, False, False]


def test_blank_cells_are_equal_and_every_further_copy_counts() -> None:
    assert copies(raw(a=["1", "1", "1"], b=[None, None, None])) == [False, True, True]


def test_one_hash_alone_makes_no_copy() -> None:
    table = raw(a=["1", "2", "1"])
    assert exact_copies(table, np.zeros(3, dtype=np.uint64), TOTALS.place).tolist() == [False, False, True]


def test_a_hash_does_not_depend_on_the_order_of_columns() -> None:
    one, other = raw(a=["1"], b=["2"]), raw(b=["2"], a=["1"])
    with RowHasher(threads=1) as hasher:
        assert hasher.rows(one, cell_names(one)).tolist() == hasher.rows(other, cell_names(other)).tolist()


def test_a_quote_in_a_heading_does_no_harm() -> None:
    table = pa.table({'un"known': ["1", "1"]})
    assert copies(table) == [False, True]


def test_villages_are_compared_without_regard_to_spelling() -> None:
    records = pa.table(
        {
            "unit_id": ["u"] * 4, "village": ["Xóm Hòa", "xóm  hoà", "Xóm Hoa", None], "standard": ["s"] * 4,
            "is_sampled": [False] * 4,
        }
    )  # fmt: skip
    villages = slot_frame(records, REVIEW)["village"]
    assert villages[0] == villages[1] != villages[2]
    assert pd.isna(villages[3])


def conflicts(keys: list[str | None], files: list[int], out: list[bool]) -> list[bool]:
    slots = pd.DataFrame({"unit_id": pd.Series(keys, dtype=object), "standard": ["s"] * len(keys)})
    found: list[bool] = conflicting_keys(slots, np.array(files), np.array(out), TOTALS).tolist()
    return found


def test_one_key_twice_in_a_file_is_a_conflict_in_two_files_it_is_not() -> None:
    assert conflicts(["u", "u", "v", "u"], [0, 0, 0, 1], [False] * 4) == [True, True, False, False]
    assert conflicts(["u", "u"], [0, 0], [False, True]) == [False, False]
    assert conflicts([None, None], [0, 0], [False, False]) == [False, False]


def test_whole_slots_have_no_keys_to_conflict() -> None:
    slots = pd.DataFrame({"unit_id": ["u", "u"], "village": ["a", "a"], "standard": ["s", "s"]})
    assert not conflicting_keys(slots, np.zeros(2), np.zeros(2, dtype=bool), REVIEW).any()
