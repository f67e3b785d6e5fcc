"""A standard for the measures as data: indicators, dimensions, weights, cut-off, what missing means.

Read from a YAML file, or one of the national standards by its name (their rows are dbt seeds).
Belongs here: the shape, its inner consistency. Does not belong here: how it is written down (`document`),
whether a table fits it.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from assets.measures.conditions import ConditionInvalid, parse
from assets.measures.document import flattened, read_document, unknown_key
from assets.measures.exact import as_fraction
from assets.measures.problems import MeasureRefused, quoted
from checks.seeds import read_seed

Missing = Literal["drop", "not_deprived", "deprived", "refuse"]
_TOLERANCE = Fraction(1, 10**6)


def _checked_condition(text: Any) -> Any:
    if isinstance(text, str):
        try:
            parse(text)
        except ConditionInvalid as error:
            raise ValueError(f"the condition {text!r} {error}") from error
    return text


Exact = Annotated[Fraction, BeforeValidator(as_fraction)]
Condition = Annotated[str, BeforeValidator(_checked_condition), Field(min_length=1)]
Name = Annotated[str, BeforeValidator(lambda value: str(value)), Field(min_length=1)]


def _number_first(value: Any) -> Any:
    """A whole number is a number; left alone, the choice between number and name takes it for a name."""
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


Line = Annotated[float | Name, BeforeValidator(_number_first)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Indicator(_Strict):
    """One indicator: a 0/1 column, or a condition on columns that is true where a row is deprived."""

    name: Name
    dimension: Name = ""
    weight: Exact | None = None
    column: Name | None = None
    when: Condition | None = None
    missing: Missing | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if self.column and self.when:
            raise ValueError(f"indicator {self.name!r}: give column or when, not both")
        if self.weight is not None and self.weight <= 0:
            raise ValueError(f"indicator {self.name!r}: weight {self.weight} must be above 0")
        return self


class Monetary(_Strict):
    """Monetary poverty: a column of income, and a line, the same for all or a column."""

    income: Name
    line: Line
    # In Vietnam an income that equals the line is poor ("từ … trở xuống").
    at_line: Literal["poor", "not_poor"] = "poor"

    @model_validator(mode="after")
    def _line_above_0(self) -> Self:
        if isinstance(self.line, float) and not 0 < self.line < float("inf"):
            raise ValueError(f"line {self.line} must be above 0")
        return self


class Design(_Strict):
    """The columns of a sample's design, and what is done with what they cannot say."""

    weight: Name | None = None
    stratum: Name | None = None
    psu: Name | None = None


class Standard(_Strict):
    """What is measured; weights add up to 1."""

    standard: Name
    title: str = ""
    # What a row of the table is; with `size`, households are counted by their persons as well.
    unit: Literal["household", "person"] = "household"
    size: Name | None = None
    missing: Missing = "drop"
    cutoff: Exact | None = None
    dimensions: dict[Name, Exact] = Field(default_factory=dict)
    indicators: tuple[Indicator, ...] = ()
    monetary: Monetary | None = None
    design: Design = Design()

    @model_validator(mode="before")
    @classmethod
    def _flat(cls, data: Any) -> Any:
        """Indicators may stand as a list, by name, or inside their dimensions."""
        return flattened(data) if isinstance(data, dict) else data

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.indicators and not self.monetary:
            raise ValueError("neither indicators nor monetary: nothing to measure")
        names = [i.name for i in self.indicators]
        if twice := sorted({n for n in names if names.count(n) > 1}):
            raise ValueError(f"indicators named twice: {quoted(twice)}")
        if self.cutoff is not None and not 0 < self.cutoff <= 1:
            raise ValueError(f"cutoff {self.cutoff} must be above 0 and at most 1")
        if self.indicators:
            self.weights()
        if self.size and self.unit == "person":
            raise ValueError("size counts the persons of a household; a row here is a person")
        return self

    def with_missing(self, missing: Missing) -> Standard:
        """The same standard with one rule for missing values, in every indicator."""
        indicators = tuple(i.model_copy(update={"missing": None}) for i in self.indicators)
        return self.model_copy(update={"missing": missing, "indicators": indicators})

    def weights(self) -> tuple[Fraction, ...]:
        """The weight of each indicator, as given, or equal within its dimension.

        Raises
        ------
        ValueError
            Some are given and some not, or they do not add up to 1.
        """
        given = [i for i in self.indicators if i.weight is not None]
        if given and len(given) < len(self.indicators):
            missing = quoted([i.name for i in self.indicators if i.weight is None])
            raise ValueError(f"no weight for {missing}: give every indicator one, or none")
        found = tuple(i.weight or Fraction(0) for i in self.indicators) if given else self._nested()
        total = sum(found, Fraction(0))
        if abs(total - 1) > _TOLERANCE:
            told = ", ".join(f"{i.name} {w}" for i, w in zip(self.indicators, found, strict=True))
            raise ValueError(
                f"the weights add up to {float(total):.6g}, not to 1 ({told}); "
                "fractions such as 1/6 are exact"
            )
        if given and self.dimensions:
            self._dimensions_agree(found)
        return found

    def _dimensions_agree(self, weights: tuple[Fraction, ...]) -> None:
        for name, declared in self.dimensions.items():
            members = [w for i, w in zip(self.indicators, weights, strict=True) if i.dimension == name]
            total = sum(members, Fraction(0))
            if abs(total - declared) > _TOLERANCE:
                raise ValueError(
                    f"dimension {name!r} has weight {declared}, its indicators add up to {float(total):.6g}"
                )

    def _nested(self) -> tuple[Fraction, ...]:
        named = list(dict.fromkeys(i.dimension for i in self.indicators))
        shares = self.dimensions or {name: Fraction(1, len(named)) for name in named}
        if unknown := [n for n in named if n not in shares]:
            raise ValueError(f"dimension {quoted(unknown)} has indicators but no weight under dimensions")
        if empty := [n for n in shares if n not in named]:
            raise ValueError(f"dimension {quoted(empty)} has a weight but no indicators")
        members = {name: sum(i.dimension == name for i in self.indicators) for name in named}
        return tuple(shares[i.dimension] / members[i.dimension] for i in self.indicators)


def read_standard(named: str) -> Standard:
    """A standard from a YAML file, or a national one by its name (`VN-2022`).

    Raises
    ------
    MeasureRefused
        There is no such file or standard, or what it says does not fit together.
    """
    path = Path(named)
    if path.is_file():
        return _parsed(read_document(path), str(path))
    if any(row["standard"] == named for row in read_seed("standards")):
        return _parsed(_national(named), named)
    known = quoted(sorted(row["standard"] for row in read_seed("standards")))
    raise MeasureRefused([f"standard {named!r} is neither a file nor a known standard; known: {known}"])


def _national(named: str) -> dict[str, Any]:
    (standard,) = (row for row in read_seed("standards") if row["standard"] == named)
    rows = [row for row in read_seed("indicators") if row["standard"] == named]
    keep = ("dimension", "weight")
    return {
        "standard": named,
        "title": standard["legal_basis"],
        "cutoff": _national_cutoff(standard, len(rows)),
        "indicators": [{"name": row["indicator"], **{k: row[k] for k in keep}} for row in rows],
    }


def _national_cutoff(standard: dict[str, str], indicators: int) -> str | None:
    """Of a standard that counts deprivations, so many of all: exact; else the share as it stands."""
    if standard["cutoff"]:
        return f"{standard['cutoff']}/{indicators}"
    return standard["cutoff_share"] or None


def _parsed(data: Any, where: str) -> Standard:
    if not isinstance(data, dict):
        raise MeasureRefused([f"{where}: expected keys such as standard and indicators"])
    if "standard" not in data:
        data = {
            "standard": data.get("name") or Path(where).stem,
            **{k: v for k, v in data.items() if k != "name"},
        }
    try:
        return Standard.model_validate(data)
    except ValidationError as error:
        raise MeasureRefused([_told(where, e) for e in error.errors()]) from error


def _told(where: str, error: Any) -> str:
    place = ""
    for part in error["loc"]:
        place += f"[{part}]" if isinstance(part, int) else f".{part}" if place else str(part)
    if error["type"] == "extra_forbidden":
        return f"{where}: {place}: {unknown_key(error['loc'][-1], _known_keys(error['loc']))}"
    message = error["msg"].removeprefix("Value error, ")
    return f"{where}: {place}: {message}" if place else f"{where}: {message}"


def _known_keys(place: tuple[Any, ...]) -> list[str]:
    """The keys that may stand where one was refused."""
    shapes: dict[Any, type[BaseModel]] = {"indicators": Indicator, "monetary": Monetary, "design": Design}
    return list((shapes[place[0]] if len(place) > 1 else Standard).model_fields)
