"""From the rules' verdicts to each record's outcome."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from assets.judging.verdicts import name_lists, outcomes
from checks.contract import Rule
from checks.validation import Verdict

# Two files: records 0 to 2 and 3 to 4.
FILES = np.array([0, 0, 0, 1, 1], dtype=np.int32)


def verdict(name: str, outcome: str, failing: list[int], size: int = 5) -> Verdict:
    rule = Rule(name=name, kind="note", group="g", outcome=outcome, description=name)  # type: ignore[arg-type]
    return Verdict(rule, size, np.array(failing, dtype=np.int64))


def lists(pairs: tuple[np.ndarray, np.ndarray], names: tuple[str, ...], size: int = 5) -> list[list[str]]:
    found: list[list[str]] = name_lists(pairs, names, size).to_pylist()
    return found


def test_the_first_rejecting_rule_is_the_reason_and_further_ones_are_kept() -> None:
    decided = outcomes(
        (
            verdict("first", "reject", [1, 3]),
            verdict("flag", "flag", [0, 1]),
            verdict("second", "reject", [3, 4]),
            verdict("third", "reject", [3]),
        ),
        FILES,
    )
    assert decided.reason.tolist() == [-1, 0, -1, 0, 2]
    assert decided.rejected.tolist() == [False, True, False, True, True]
    assert lists(decided.further, decided.names) == [[], [], [], ["second", "third"], []]
    assert lists(decided.flagged, decided.names) == [["flag"], ["flag"], [], [], []]


def test_flags_stand_in_the_order_of_the_rules() -> None:
    decided = outcomes(
        (verdict("b", "flag", [2, 0]), verdict("a", "flag", [2]), verdict("c", "warn", [1])), FILES
    )
    assert lists(decided.flagged, decided.names) == [["b"], [], ["b", "a"], [], []]


def test_a_rule_that_stops_a_file_rejects_all_its_records() -> None:
    decided = outcomes((verdict("first", "reject", [4]), verdict("stop", "stop_file", [3])), FILES)
    assert decided.reason.tolist() == [-1, -1, -1, 1, 0]
    assert lists(decided.further, decided.names) == [[], [], [], [], ["stop"]]


def test_nothing_broken_gives_empty_lists() -> None:
    decided = outcomes((verdict("a", "reject", []), verdict("b", "flag", [])), FILES)
    assert not decided.rejected.any()
    assert lists(decided.flagged, decided.names) == [[]] * 5
    assert lists(decided.further, decided.names) == [[]] * 5
    assert name_lists(outcomes((), FILES[:0]).flagged, (), 0).to_pylist() == []


@given(st.lists(st.tuples(st.sampled_from(["flag", "reject"]), st.sets(st.integers(0, 7))), max_size=6))
def test_every_breach_stands_exactly_once(rules: list[tuple[str, set[int]]]) -> None:
    verdicts = tuple(verdict(f"r{n}", kind, sorted(broken)) for n, (kind, broken) in enumerate(rules))
    decided = outcomes(verdicts, np.zeros(8, dtype=np.int32))
    flagged, further = lists(decided.flagged, decided.names, 8), lists(decided.further, decided.names, 8)
    for record in range(8):
        reason = [decided.names[decided.reason[record]]] if decided.reason[record] >= 0 else []
        rejecting = [
            f"r{n}" for n, (kind, broken) in enumerate(rules) if kind == "reject" and record in broken
        ]
        assert reason + further[record] == rejecting
        assert flagged[record] == [f"r{n}" for n, (k, b) in enumerate(rules) if k == "flag" and record in b]
