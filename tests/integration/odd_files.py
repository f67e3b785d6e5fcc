"""Files as they should not come: unreadable ones, wrong ones, and ones full of recognisable persons.

Belongs here: writing them into a line's drops. Does not belong here: what is expected of them.
"""

from __future__ import annotations

from typing import Any

from checks.contract import load_contract
from tests.integration.line import Line, write_csv

# A dossier's number names no person, and stays as it is up to the pipeline's own database.
DOSSIER = "NO-983777531"
# A name and numbers that no other record, message or number can contain by chance.
NAME = "Nguyễn Zwarbinho Quyx"
NAME_PART = "Zwarbinho"
CITIZEN = "019083777531"
INSURANCE = "1983777531"
CARD = f"GD419{INSURANCE}"
ACCOUNT = "6600000983777531"
VISIT = "LK983777531"
PATIENT = "BN983777531"
PERSONAL = (NAME_PART, CITIZEN, CITIZEN[1:], INSURANCE, ACCOUNT, VISIT, PATIENT)

YEAR = 2024
DAY = f"{YEAR}1231"


def persons(commune: str) -> dict[str, dict[str, Any]]:
    """One sound record of every table that holds persons, under the labels of its contract."""
    return {
        "survey_household": {
            "Thời gian rà soát": f"10/10/{YEAR}", "Mã xã": commune, "Thôn/xóm/tổ": "Xóm Kiểm Thử",
            "Mã hộ": "1", "Chủ hộ": NAME, "CCCD chủ hộ": CITIZEN, "Giới tính": "Nam", "Năm sinh": "1983",
            "Dân tộc": "Tày", "Số nhân khẩu": "4", "Điểm B1": "100", "Điểm B2": "0",
            "Phân loại": "Hộ không nghèo", "Người rà soát": NAME,
            **{column.label: "" for column in load_contract("survey_household").layouts["VN-2022"]},
        },
        "survey_member": {
            "Mã xã": commune, "Thôn": "Xóm Kiểm Thử", "Mã hộ": "1", "STT thành viên": "1", "Họ và tên": NAME,
            "Ngày sinh": "05/06/1983", "Giới tính": "Nam", "Số CCCD/CMND": CITIZEN, "Mã số BHXH": INSURANCE,
        },
        "loan_ledger": {
            "Mã món vay": ACCOUNT, "Họ tên người vay": NAME, "CCCD": CITIZEN, "Mã xã": commune,
            "Chương trình": "Hộ nghèo", "Ngày hợp đồng": f"01/03/{YEAR}", "Ngày giải ngân": f"02/03/{YEAR}",
            "Số tiền phê duyệt": "50.000.000", "Số tiền giải ngân": "50.000.000", "Dư nợ": "50.000.000",
            "Trong hạn": "50.000.000", "Quá hạn": "0", "Nợ khoanh": "0", "Ngày số liệu": f"31/12/{YEAR}",
        },
        "housing_case": {
            "Mã hồ sơ": DOSSIER, "Mã xã": commune, "Chủ hộ": NAME, "CCCD": CITIZEN, "Hình thức": "Xây mới",
            "Ngày quyết định": f"01/02/{YEAR}", "Kinh phí phê duyệt": "60.000.000",
        },
        "health_card": {
            "Mã số BHXH": INSURANCE, "Số thẻ BHYT": CARD, "Họ tên": NAME, "Ngày sinh": "05/06/1983",
            "CCCD": CITIZEN, "Mã xã": commune, "Mã đối tượng": "GD", "Từ ngày": f"01/01/{YEAR}",
            "Đến ngày": f"31/12/{YEAR}",
        },
        "health_visit": {
            "MA_LK": VISIT, "MA_BN": PATIENT, "SO_CCCD": CITIZEN, "MA_THE_BHYT": CARD, "GIOI_TINH": "1",
            "NGAY_SINH": "19830605", "MAXA_CU_TRU": commune, "NGAY_VAO": f"{YEAR}11050830",
            "NGAY_RA": f"{YEAR}11050930", "T_TONGCHI_BV": "100000", "T_BHTT": "80000", "T_BNCCT": "20000",
            "T_BNTT": "0", "T_NGUONKHAC": "0",
        },
    }  # fmt: skip


# Where a person's name stands in the place of another value; and the reason that must come of it.
MISPLACED = {
    "loan_ledger": {"Dư nợ": "unreadable_outstanding", "Chương trình": "unknown_programme"},
    "housing_case": {"Hình thức": "unknown_work_type"},
    "health_card": {"Từ ngày": "unreadable_valid_from"},
    "health_visit": {"NGAY_VAO": "unreadable_admission_time"},
    "survey_household": {"Số nhân khẩu": "unreadable_household_size"},
}


def write_persons(line: Line, commune: str) -> None:
    """For every table of persons a file with a sound, a spoiled and some misplaced records."""
    for table, sound in persons(commune).items():
        code = "MAXA_CU_TRU" if table == "health_visit" else "Mã xã"
        rows = [sound, sound | {code: "99999"}]
        rows += [sound | {label: NAME} for label in MISPLACED.get(table, {})]
        key = next(iter(sound)) if table != "survey_household" else "Mã hộ"
        for number, row in enumerate(rows[1:], 2):
            if table not in ("survey_member", "health_card"):
                row[key] = f"{row[key]}{number}"
            elif table == "health_card":
                row["Số thẻ BHYT"] = f"GD{number}19{INSURANCE}"
        if table in ("loan_ledger", "health_card"):
            # A damaged number is accepted and flagged; the flag must not repeat it.
            own = "Số thẻ BHYT" if table == "health_card" else "Mã món vay"
            rows.append(sound | {"CCCD": "1.9E+10", own: f"GD8{sound[own][3:]}"})
        write_csv(line.drop(table, YEAR, f"nguoi_{DAY}.csv"), rows)


def write_bad_files(line: Line, commune: str) -> None:
    """The bad input that the line must name, a file each."""
    sound = persons(commune)
    card, loan = sound["health_card"], sound["loan_ledger"]
    line.drop("loan_ledger", YEAR, f"rong_{DAY}.csv").write_bytes(b"")
    labels = [column.label for column in load_contract("health_station").columns]
    line.drop("health_station", YEAR, f"tieu-de_{DAY}.csv").write_text(
        ";".join(labels) + "\n", encoding="utf-8"
    )
    without = {label: value for label, value in card.items() if label != "Từ ngày"}
    write_csv(line.drop("health_card", YEAR, f"thieu-cot_{DAY}.csv"), [without])
    write_csv(line.drop("health_card", YEAR, f"hai-cot_{DAY}.csv"), [card | {"Số CCCD": CITIZEN}])
    workbook = next((line.drops / "housing_case" / str(YEAR)).glob("*.xlsx")).read_bytes()
    line.drop("housing_case", YEAR, f"dut-quang_{DAY}.xlsx").write_bytes(workbook[: len(workbook) // 2])
    line.drop("housing_case", YEAR, f"nham-ten_{DAY}.xlsx").write_text(
        f"{NAME};{CITIZEN}\n", encoding="utf-8"
    )
    nul = ";".join(sound["health_visit"]).encode() + b"\n" + NAME.encode() + b"\x00\x00\x00;\x00\n"
    line.drop("health_visit", YEAR, f"nul_{DAY}.csv").write_bytes(nul)
    headless = ";".join(str(value) for value in loan.values())
    line.drop("loan_ledger", YEAR, f"khong-tieu-de_{DAY}.csv").write_text(
        f"{headless}\n" * 3, encoding="utf-8"
    )
    line.drop("loan_ledger", YEAR, f"anh_{DAY}.jpg").write_bytes(b"\xff\xd8\xff")
    other = {"Ngày số liệu": f"31/12/{YEAR - 3}", "Ngày hợp đồng": "", "Ngày giải ngân": f"01/03/{YEAR - 4}"}
    rows = [loan | other | {"Mã món vay": f"7700{number}"} for number in range(3)]
    write_csv(line.drop("loan_ledger", YEAR, f"nam-khac_{DAY}.csv"), rows)
    _write_formula(line, loan)


def _write_formula(line: Line, loan: dict[str, Any]) -> None:
    """A workbook in which a program left a formula without ever calculating it."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Sao kê"
    sheet.append(["SAO KÊ MÓN VAY"])
    sheet.append(list(loan))
    sheet.append(list((loan | {"Mã món vay": "880001"}).values()))
    sheet.append(list((loan | {"Mã món vay": "880002", "Dư nợ": "=I4+J4"}).values()))
    book.save(line.drop("loan_ledger", YEAR, f"cong-thuc_{DAY}.xlsx"))
