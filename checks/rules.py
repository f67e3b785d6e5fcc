"""All row rules of a contract, in the order in which a rejected record takes its reason.

Belongs here: which rules follow from a column's own declaration, and the order. Does not belong
here: how a rule is evaluated (`predicates`, `expectations`).
"""

from __future__ import annotations

from functools import cache

from checks.contract import Column, Contract, Rule, load_contract

PLACE_ISSUES = {
    "unknown_commune": "No unit of this code or name on the record's date",
    "commune_conflict": "Code and name are two different units of that date",
    "other_province": "A unit of another province",
}
OVERLAPPING = "overlapping_files"
# Any text is readable; of a citizen id, notes say what became of it.
_ALWAYS_READABLE = ("text", "citizen_id")


@cache
def all_rules(table: str) -> tuple[Rule, ...]:
    """Every rule of a table: test records, place, columns in their order, then the contract's own."""
    contract = load_contract(table)
    early = tuple(rule for rule in contract.rules if rule.kind == "test_record")
    late = tuple(rule for rule in contract.rules if rule.kind != "test_record")
    return (*early, *_file_rules(), *_place_rules(contract), *_column_rules(contract), *late)


def _file_rules() -> tuple[Rule, ...]:
    text = "Two files of one date cover the same slot with different content"
    return (_issue(OVERLAPPING, "files", text),)


def _place_rules(contract: Contract) -> tuple[Rule, ...]:
    rejects = tuple(_issue(name, "place", text) for name, text in PLACE_ISSUES.items())
    stale = Rule(
        name="commune_code_of_other_date",
        kind="note",
        group="place",
        outcome="flag",
        description="Commune code of another date's list; the name or the bridge decides",
    )
    return (*rejects, stale)


def _issue(name: str, group: str, text: str) -> Rule:
    return Rule(name=name, kind="issue", group=group, outcome="reject", description=text)


def _column_rules(contract: Contract) -> tuple[Rule, ...]:
    rules: list[Rule] = []
    for column in contract.all_columns():
        if column.type not in _ALWAYS_READABLE:
            rules.append(_readable(column))
        if column.missing != "allow":
            rules.append(_present(column))
        if column.minimum is not None or column.maximum is not None:
            rules.append(_in_range(column))
    return tuple(rules)


def _readable(column: Column) -> Rule:
    word = "unknown" if column.type == "category" else "unreadable"
    return Rule(
        name=f"{word}_{column.name}",
        kind="readable",
        group="readable",
        outcome=column.unreadable,
        columns=(column.name,),
        description=f"{column.label}: {'not in the vocabulary' if word == 'unknown' else 'cannot be read'}",
    )


def _present(column: Column) -> Rule:
    return Rule(
        name=f"missing_{column.name}",
        kind="present",
        group="completeness",
        outcome="reject" if column.missing == "reject" else "flag",
        columns=(column.name,),
        description=f"{column.label}: blank",
    )


def _in_range(column: Column) -> Rule:
    return Rule(
        name=f"{column.name}_out_of_range",
        kind="range",
        group="values",
        outcome="flag",
        columns=(column.name,),
        minimum=column.minimum,
        maximum=column.maximum,
        description=f"{column.label}: out of range",
    )


def rule_groups(table: str) -> tuple[str, ...]:
    """The groups of a table's rules, each reported as one check, in the order of first use."""
    return tuple(dict.fromkeys(rule.group for rule in all_rules(table)))
