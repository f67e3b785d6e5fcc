"""Numbers, whole numbers and money.

Belongs here: text -> float64, int64, đồng. Does not belong here: which separator a file uses
(style.py) and whether a number is in range (checks).

Stated rules
------------
* Letters, formulas, `#REF!`, scientific notation typed as text, badly grouped digits
  (`1.23.456`) and digits other than 0-9 are unreadable.
* Money becomes whole đồng by shifting the decimal point in the text, so no float error can
  enter; half a đồng is rounded away from zero.
* `%` may follow a number, `đ` or `VND` an amount of money; nothing may follow a count.
* Where a column holds whole numbers (integers, money in đồng), `1.234` read as a decimal
  number would be 1.234 persons or đồng: unreadable rather than a thousandth.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pyarrow as pa
import pyarrow.compute as pc

from assets.values.arrays import null_unless, only_digits
from assets.values.parsed import Parsed, all_false, on_uniques, unread, without_missing_marks
from assets.values.style import (
    AMBIGUOUS,
    BARE,
    CURRENCY,
    NATIVE,
    NO_SUFFIX,
    PERCENT,
    SURE_EN,
    SURE_VI,
    NumberStyle,
    tidy_numbers,
)

_MOST_DIGITS = 18  # what int64 surely holds


def read_number(text: pa.Array, style: NumberStyle | None) -> Parsed:
    """Texts as float64."""
    if only_digits(text, longest=_MOST_DIGITS):
        return _all_read(pc.cast(text, pa.float64()))

    def parse(uniques: pa.Array) -> Parsed:
        known = without_missing_marks(uniques)
        values = pc.cast(_canonical(tidy_numbers(known, PERCENT), style, whole=False), pa.float64())
        return Parsed(values, unread(known, values))

    return on_uniques(text, parse)


def read_integer(text: pa.Array, style: NumberStyle | None) -> Parsed:
    """Texts as int64; a fraction other than zeros is unreadable."""
    if only_digits(text, longest=_MOST_DIGITS):
        return _all_read(pc.cast(text, pa.int64()))

    def parse(uniques: pa.Array) -> Parsed:
        known = without_missing_marks(uniques)
        canonical = _canonical(tidy_numbers(known, NO_SUFFIX), style, whole=True)
        canonical = pc.replace_substring_regex(canonical, r"\.0+$", "")
        values = _int64(null_unless(canonical, pc.match_substring_regex(canonical, r"^-?\d+$")))
        return Parsed(values, unread(known, values))

    return on_uniques(text, parse)


def read_money(text: pa.Array, style: NumberStyle | None, unit: int) -> Parsed:
    """Texts in `unit` đồng (1, 1000, 10**6, 10**9) as whole đồng, int64.

    Raises
    ------
    ValueError
        The unit is no power of ten.
    """
    places = len(str(unit)) - 1
    if unit != 10**places:
        raise ValueError(f"unit {unit} is no power of ten; give 1, 1000, 1000000 or 1000000000")
    if unit == 1 and only_digits(text, longest=_MOST_DIGITS):
        return _all_read(pc.cast(text, pa.int64()))

    def parse(uniques: pa.Array) -> Parsed:
        known = without_missing_marks(uniques)
        canonical = _canonical(tidy_numbers(known, CURRENCY), style, whole=unit == 1)
        values = _shifted(canonical, places)
        return Parsed(values, unread(known, values))

    return on_uniques(text, parse)


def _all_read(values: pa.Array) -> Parsed:
    return Parsed(values, all_false(len(values)))


def _canonical(text: pa.Array, style: NumberStyle | None, *, whole: bool) -> pa.Array:
    """Texts as `-1234.5`; null where they cannot be read."""
    ambiguous = pc.match_substring_regex(text, AMBIGUOUS)
    by_vi = pc.and_(ambiguous, style is NumberStyle.VI)
    by_en = pc.and_(ambiguous, style in (NumberStyle.EN, NumberStyle.PLAIN))
    if whole:
        by_vi = pc.and_(by_vi, pc.match_substring(text, "."))
        by_en = pc.and_(by_en, pc.match_substring(text, ","))
    vi = pc.or_(pc.match_substring_regex(text, SURE_VI), by_vi)
    en = pc.or_(pc.match_substring_regex(text, SURE_EN), by_en)
    readable = null_unless(_without(text, " ", ","), pc.or_(en, pc.match_substring_regex(text, BARE)))
    if pc.any(vi).as_py():
        readable = pc.if_else(vi, pc.replace_substring(_without(text, " ", "."), ",", "."), readable)
    native = pc.match_substring_regex(text, NATIVE)
    if not pc.any(native).as_py():
        return readable
    return pc.if_else(native, _native(null_unless(text, native)), readable)


def _native(text: pa.Array) -> pa.Array:
    """`1234.5e0` as `1234.5`, and `1e-05e0` as `0.00001`."""
    plain = pc.replace_substring_regex(text, "e0$", "")
    scientific = pc.match_substring(plain, "e")
    if not pc.any(scientific).as_py():
        return plain
    spelled = [None if t is None else format(Decimal(t), "f") for t in plain.to_pylist()]
    return pc.if_else(scientific, pa.array(spelled, pa.string()), plain)


def _without(text: pa.Array, *marks: str) -> pa.Array:
    """The texts without those marks. Plain replacement: a regex takes ten times as long."""
    for mark in marks:
        if pc.any(pc.match_substring(text, mark)).as_py():
            text = pc.replace_substring(text, mark, "")
    return text


def _shifted(canonical: pa.Array, places: int) -> pa.Array:
    """The number × 10**places as int64, half rounded away from zero."""
    point = pc.find_substring(canonical, ".")
    behind = pc.subtract(pc.subtract(pc.binary_length(canonical), point), 1)
    shift = pc.subtract(places, pc.if_else(pc.less(point, 0), 0, behind))
    digits = _without(canonical, ".")
    length = pc.binary_length(digits)
    fits = pc.less_equal(pc.add(length, pc.max_element_wise(shift, 0)), _MOST_DIGITS)
    small = pc.cast(null_unless(digits, fits), pa.int64())
    up = pc.multiply(small, _power_of_ten(shift))
    half = pc.multiply(pc.divide(_power_of_ten(pc.negate(shift)), 2), pc.sign(small))
    down = pc.divide(pc.add(small, half), _power_of_ten(pc.negate(shift)))  # towards zero
    values = pc.if_else(pc.less(shift, 0), down, up)
    if pc.all(fits).as_py() is not False:
        return values
    return pc.coalesce(values, _shifted_one_by_one(null_unless(canonical, pc.invert(fits)), places))


def _power_of_ten(exponent: pa.Array) -> pa.Array:
    """10 to the exponent, 1 where it is negative."""
    return pc.power(pa.scalar(10, pa.int64()), pc.min_element_wise(pc.max_element_wise(exponent, 0), 18))


def _shifted_one_by_one(canonical: pa.Array, places: int) -> pa.Array:
    """The few numbers of very many digits, mostly float noise."""

    def shifted(text: str) -> int | None:
        value = int((Decimal(text) * 10**places).to_integral_value(ROUND_HALF_UP))
        return value if abs(value) < 10**_MOST_DIGITS else None

    return pa.array([None if t is None else shifted(t) for t in canonical.to_pylist()], pa.int64())


def _int64(digits: pa.Array) -> pa.Array:
    """Texts of digits as int64; null where they are too many."""
    return pc.cast(null_unless(digits, pc.less_equal(pc.binary_length(digits), _MOST_DIGITS)), pa.int64())
