"""The records of the tiny province, table by table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import count
from typing import Any

from tests.integration.make_accepted import Row, moment, new, old, record

Record = tuple[str, int, Row]

_HOUSEHOLDS = (
    # year, standard, unit, village, code, size, B1, B2, declared, ethnicity, head
    (2021, "VN-2016", old("05001"), "Tổ 1", "1", 4, 140, 0, "poor", "Kinh", "p1"),
    (2021, "VN-2016", old("05002"), "Xóm 1", "1", 4, 150, 30, "poor", "Tày", "p2"),
    (2021, "VN-2016", old("05002"), "Xóm 1", "2", 3, 150, 20, "near_poor", "Tày", "p3"),
    (2021, "VN-2016", old("05003"), "Tổ 1", "1", 2, 176, 30, "not_poor", "Kinh", "p4"),
    (2021, "VN-2016", old("05004"), "Xóm 1", "1", 5, 120, 0, "poor", "Dao", "p5"),
    (2021, "VN-2016", old("01005"), "Xóm 1", "1", 6, 100, 40, "poor", "Mông", "p6"),
    (2021, "VN-2022", old("05001"), "Tổ 1", "1", 4, 175, 30, "poor", "Kinh", "p1"),
    (2021, "VN-2022", old("05002"), "Xóm 1", "1", 4, 140, 30, "poor", "Tày", "p2"),
    (2021, "VN-2022", old("05002"), "Xóm 1", "2", 3, 140, 20, "near_poor", "Tày", "p3"),
    (2021, "VN-2022", old("05002"), "Xóm 2", "1", 3, 140, 60, "poor", None, "p7"),
    (2021, "VN-2022", old("05003"), "Tổ 1", "1", 2, 176, 30, "average", "Kinh", "p4"),
    (2021, "VN-2022", old("05004"), "Xóm 1", "1", 5, 120, 40, None, "Dao", "p5"),
    (2021, "VN-2022", old("01005"), "Xóm 1", "1", 6, 100, 40, "poor", "Mông", "p6"),
    (2022, "VN-2022", old("05001"), "Tổ 1", "1", 4, 175, 20, "poor", "Kinh", "p1"),
    (2022, "VN-2022", old("05002"), "Xóm 1", "1", 4, 140, 30, "poor", "Tày", "p2"),
    (2022, "VN-2022", old("05003"), "Tổ 1", "1", 2, 170, 10, "near_poor", "Kinh", "p4"),
    (2022, "VN-2022", old("05004"), "Xóm 1", "1", 5, 120, 40, "poor", "Dao", "p5"),
    (2022, "VN-2022", old("01005"), "Xóm 1", "1", 6, 100, 40, "poor", "Mông", "p6"),
    (2024, "VN-2022", old("05002"), "Xóm 1", "1", 4, 140, 30, "poor", "Tày", "p2"),
    (2024, "VN-2022", old("05004"), "Xóm 1", "1", 5, 120, 40, "poor", "Dao", "p5"),
    (2025, "VN-2022", new("05001"), "Tổ 1", "1", 4, 176, 0, "not_poor", "Kinh", "p1"),
    (2025, "VN-2022", new("05002"), "Xóm 1", "1", 4, 140, 30, "poor", "Tày", "p2"),
    # still under the old commune's unit: the map carries it, 0.6 and 0.4
    (2025, "VN-2022", old("05004"), "Xóm 1", "1", 5, 120, 40, "poor", "Dao", "p5"),
    (2025, "VN-2022", new("01005"), "Xóm 1", "1", 6, 140, 20, "near_poor", "Mông", "p6"),
)

_TOTALS = (
    # year, unit, households, persons, standard, announced poor, announced near-poor
    *(
        (2021, old(c), 100, 400, s, 1, 1)
        for c in ("05001", "05003", "05004", "01005")
        for s in ("VN-2016", "VN-2022")
    ),
    *((2021, old("05002"), 200, 800, s, 2, 1) for s in ("VN-2016", "VN-2022")),
    (2022, old("05001"), 110, 440, None, 1, 0),
    (2022, old("05002"), 210, 840, None, 1, 0),
    (2022, old("05003"), 0, 0, None, 0, 1),
    (2022, old("05004"), 600, 2400, None, 1, 0),
    (2024, old("05001"), 120, 480, None, 0, 0),
    (2024, old("05002"), 220, 880, None, 1, 0),
    (2024, old("05004"), 100, 400, None, 1, 0),
    (2025, new("05001"), 130, 520, None, 0, 0),
)

_MILLION = 10**6


def _households() -> Iterator[Record]:
    for number, (year, standard, unit, village, code, size, b1, b2, declared, ethnicity, head) in enumerate(
        _HOUSEHOLDS
    ):
        marks = {"dep_house_quality": True} if standard == "VN-2016" else {"dep_housing_quality": True}
        yield (
            "survey_household",
            year,
            record(
                "survey_household",
                number,
                unit,
                date(year, 12, 14),
                standard=standard,
                village=village,
                household_code=code,
                household_size=size,
                b1_points=float(b1),
                b2_points=float(b2),
                declared_class=declared,
                ethnicity=ethnicity,
                head_citizen_id_pseudonym=head,
                cause_land=True if unit[:5] != "05001" else None,
                cause_capital=True if b2 >= 40 else None,
                **marks,
            ),
        )


def _members() -> Iterator[Record]:
    people = (
        (2021, "VN-2022", "05002", "Xóm 1", "1", ("p2", "i2")),
        (2021, "VN-2022", "05002", "Xóm 1", "1", (None, "i21")),
        (2021, "VN-2022", "05002", "Xóm 1", "2", ("p3", "i3")),
        (2021, "VN-2022", "01005", "Xóm 1", "1", ("p6", None)),
    )
    for number, (year, standard, code, village, household, (citizen, insurance)) in enumerate(people):
        yield (
            "survey_member",
            year,
            record(
                "survey_member",
                number,
                old(code),
                date(year, 12, 31),
                standard=standard,
                village=village,
                household_code=household,
                member_order=number + 1,
                citizen_id_pseudonym=citizen,
                insurance_number_pseudonym=insurance,
            ),
        )


def _totals() -> Iterator[Record]:
    for number, (year, unit, households, persons, standard, poor, near) in enumerate(_TOTALS):
        yield (
            "survey_total",
            year,
            record(
                "survey_total",
                number,
                unit,
                date(year, 12, 31),
                standard=standard,
                households_total=households,
                persons_total=persons,
                announced_poor=poor,
                announced_near_poor=near,
                flags=["denominator_implausible"] if households < 50 else [],
            ),
        )


def _loan(number: int, day: date, unit: str, account: str, borrower: str | None, **values: Any) -> Record:
    return (
        "loan_ledger",
        day.year,
        record(
            "loan_ledger",
            number,
            unit,
            day,
            as_of_date=day,
            loan_account_pseudonym=account,
            borrower_citizen_id_pseudonym=borrower,
            programme="HN",
            status="current",
            **values,
        ),
    )


def _loans() -> Iterator[Record]:
    numbers = count()
    fifty = {"amount_disbursed": 50 * _MILLION, "disbursed_date": date(2021, 12, 5)}
    for day, outstanding in ((date(2021, 12, 31), 50), (date(2022, 1, 31), 45), (date(2022, 2, 28), 45)):
        yield _loan(
            next(numbers),
            day,
            old("05002"),
            "a1",
            "p2",
            outstanding=outstanding * _MILLION,
            overdue=5 * _MILLION,
            frozen=0,
            **fifty,
        )
    ten = {"amount_disbursed": 10 * _MILLION, "disbursed_date": date(2022, 1, 10)}
    yield _loan(
        next(numbers),
        date(2022, 1, 31),
        old("05002"),
        "a2",
        None,
        outstanding=9 * _MILLION,
        overdue=0,
        frozen=0,
        **ten,
    )
    for day, unit in ((date(2025, 6, 30), old("05004")), (date(2025, 7, 31), new("05002"))):
        yield _loan(
            next(numbers),
            day,
            unit,
            "a3",
            "p5",
            outstanding=20 * _MILLION,
            overdue=0,
            frozen=0,
            amount_disbursed=20 * _MILLION,
            disbursed_date=date(2024, 3, 1),
        )


def _cases() -> Iterator[Record]:
    cases = (
        # folder, case, unit, head, work, decision, start, finish, acceptance, withdrawn
        (
            2022,
            "c1",
            "05002",
            "p2",
            "new_build",
            date(2022, 3, 1),
            date(2022, 4, 1),
            date(2022, 9, 1),
            None,
            None,
        ),
        (2022, "c2", "05004", "p5", "repair", date(2022, 3, 1), None, None, None, "Không có nhu cầu"),
        (2022, "c3", "01005", "p6", "new_build", date(2022, 11, 1), None, None, None, None),
        (
            2024,
            "c3",
            "01005",
            "p6",
            "new_build",
            date(2022, 11, 1),
            date(2023, 2, 1),
            date(2023, 6, 1),
            date(2023, 7, 1),
            None,
        ),
        (2024, "c4", "05002", "p9", "repair", None, date(2024, 2, 1), None, None, None),
    )
    for number, (year, case, code, head, work, decision, start, finish, accept, reason) in enumerate(cases):
        yield (
            "housing_case",
            year,
            record(
                "housing_case",
                number,
                old(code),
                decision or date(year, 12, 31),
                case_id=case,
                work_type=work,
                head_citizen_id_pseudonym=head,
                decision_date=decision,
                start_date=start,
                finish_date=finish,
                acceptance_date=accept,
                withdrawn_reason=reason,
                approved_amount=40 * _MILLION,
                disbursed_amount=(30 if start else 0) * _MILLION,
            ),
        )


def _health() -> Iterator[Record]:
    cards = (
        ("i2", "p2", "05002", date(2021, 12, 31)),
        ("i21", None, "05002", date(2021, 12, 31)),
        ("i3", "p3", "05002", date(2021, 6, 30)),
        ("i8", "p8", "05001", date(2021, 12, 31)),
    )
    for number, (insurance, citizen, code, end) in enumerate(cards):
        yield (
            "health_card",
            2021,
            record(
                "health_card",
                number,
                old(code),
                date(2021, 12, 31),
                insurance_number_pseudonym=insurance,
                card_number_pseudonym=f"card-{insurance}",
                citizen_id_pseudonym=citizen,
                group_code="HN",
                valid_from=date(2021, 1, 1),
                valid_to=end,
            ),
        )
    visits = (
        (None, "i21", "05002", 1000, 100, 50),
        ("p2", None, "05002", 2000, 0, None),
        ("p8", "i8", "05001", 500, 0, 0),
    )
    for number, (patient, carried, code, total, copayment, own) in enumerate(visits):
        yield (
            "health_visit",
            2021,
            record(
                "health_visit",
                number,
                old(code),
                date(2021, 5, 5),
                visit_id_pseudonym=f"v{number}",
                citizen_id_pseudonym=patient,
                card_insurance_number_pseudonym=carried,
                admission_time=moment("2021-05-05T08:00:00"),
                total_cost=total,
                copayment=copayment,
                own_pay=own,
            ),
        )


def _stations() -> Iterator[Record]:
    months = (
        (date(2025, 6, 1), old("05002"), 210, 150, 100, 40, 4),
        (date(2025, 6, 1), old("05003"), 100, 90, 90, 10, 1),
        (date(2025, 11, 1), new("05002"), 400, 300, 250, 60, 6),
        (date(2025, 12, 1), new("05002"), 400, 320, 500, 60, 6),
        (date(2025, 12, 1), new("05001"), 130, 130, 120, 0, 0),
    )
    for number, (month, unit, households, latrine, water, measured, stunted) in enumerate(months):
        yield (
            "health_station",
            2025,
            record(
                "health_station",
                number,
                unit,
                month,
                month=month,
                households_total=households,
                households_hygienic_latrine=latrine,
                households_clean_water=water,
                children_u5_measured=measured,
                children_u5_stunted=stunted,
            ),
        )


def records() -> Iterator[Record]:
    """Table, folder year and record, of everything."""
    yield from _households()
    yield from _members()
    yield from _totals()
    yield from _loans()
    yield from _cases()
    yield from _health()
    yield from _stations()
    plan = record(
        "programme_plan",
        0,
        None,
        date(2025, 12, 31),
        year_of_plan=2025,
        indicator="poor_rate",
        target_value=4.0,
    )
    yield "programme_plan", 2025, plan
