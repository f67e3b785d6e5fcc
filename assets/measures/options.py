"""What is asked of a measure beside the standard: groups, cut-offs, the sample's design, choices.

Belongs here: the options, and what of them can be judged without the table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from assets.measures.exact import as_fraction
from assets.measures.problems import MeasureRefused
from assets.measures.standard import Standard

# As many as a whole number of 64 bits can tell apart.
_MOST = 62
# The name of all rows together, among the types of groups.
EVERYBODY = "all"
SinglePsu = Literal["refuse", "certainty", "adjust"]


@dataclass(frozen=True)
class Options:
    """The options of one call.

    Parameters
    ----------
    by
        Group columns, each measured by itself; `area*region` crosses them.
    cutoffs
        Poverty cut-offs k, above 0 and at most 1; the standard's own where none is given.
    weight, stratum, psu
        Design columns of a sample; where one is given the table is a sample.
    sample
        The table is a sample without design columns: rows are drawn one by one.
    nested
        PSU names repeat in other strata and mean other units there.
    single_psu
        A stratum with one PSU: refuse it, or add nothing (`certainty`), or its square about the mean of
        the sample (`adjust`).
    bad_weights
        Missing, zero or negative weights: refuse them, or drop their rows and say how many.
    empty_groups
        A group in which no row can be judged: refuse, or keep it without estimates.
    level
        Confidence of the intervals.
    shared_psus
        Between two rounds: strata and PSUs of one name are the same, and their rounds covary.
    years
        Years between two rounds, for changes a year.
    threads, memory
        Limits of the engine; what does not fit goes to a temporary folder.
    """

    by: tuple[str, ...] = ()
    cutoffs: tuple[Fraction, ...] = ()
    weight: str | None = None
    stratum: str | None = None
    psu: str | None = None
    size: str | None = None
    sample: bool = False
    nested: bool = False
    single_psu: SinglePsu = "refuse"
    bad_weights: Literal["refuse", "drop"] = "refuse"
    empty_groups: Literal["refuse", "keep"] = "refuse"
    level: float = 0.95
    shared_psus: bool = False
    years: float | None = None
    association: bool = True
    threads: int | None = None
    memory: str = "6GB"

    @property
    def is_sample(self) -> bool:
        """Whether estimates have errors."""
        return self.sample or any((self.weight, self.stratum, self.psu))


def read_cutoffs(texts: Sequence[object], standard: Standard) -> tuple[Fraction, ...]:
    """Cut-offs in rising order, each once.

    Raises
    ------
    MeasureRefused
        One is no number above 0 and at most 1, or none is known.
    """
    found, problems = set(), []
    for text in texts:
        try:
            cutoff = as_fraction(text)
        except ValueError as error:
            problems.append(f"k: {error}")
            continue
        if not 0 < cutoff <= 1:
            problems.append(f"k = {text} must be above 0 and at most 1 (a share of the weights, such as 1/3)")
        found.add(cutoff)
    if not texts and standard.cutoff is not None:
        found.add(standard.cutoff)
    if not found and not problems and standard.indicators:
        problems.append(f"no k given, and standard {standard.standard} has no cutoff")
    if problems:
        raise MeasureRefused(problems)
    return tuple(sorted(found))


def check_options(options: Options, standard: Standard) -> None:
    """Raise `MeasureRefused` for options that no table can meet."""
    problems = []
    if options.size and standard.unit == "person":
        problems.append(f"size {options.size!r} counts the persons of a household; here a row is a person")
    if len(standard.indicators) > _MOST:
        problems.append(f"standard {standard.standard} has more than {_MOST} indicators")
    if not 0.5 <= options.level < 1:
        problems.append(f"level {options.level} must be at least 0.5 and below 1")
    if options.years is not None and not options.years > 0:
        problems.append(f"years {options.years} between the rounds must be above 0")
    if len(set(options.by)) < len(options.by):
        problems.append("a group column is named twice in --by")
    problems += _by(options.by)
    if options.shared_psus and not options.psu:
        problems.append(
            "--shared-psus says that both rounds drew the same PSUs; name their column with --psu, "
            "since rows have no names by which to find them again"
        )
    if problems:
        raise MeasureRefused(problems)


def _by(wanted: Sequence[str]) -> list[str]:
    """Problems of the groups as they are asked for."""
    found = []
    for group in wanted:
        if not all(part.strip() for part in group.split("*")):
            found.append(f"--by {group!r}: a crossing needs a column on either side of each *")
        if group.strip() == EVERYBODY:
            found.append(f"--by {group!r}: this name is that of all rows together; rename the column")
    return found
