"""CSV: separators, quotes, ragged lines, and the true line of every record."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pyarrow as pa
import pyarrow.csv as pacsv
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from assets.reading import FileRefused, ReadResult

Read = Callable[..., ReadResult]
HEAD = ["Mã xã", "Tên xã", "Tổng số hộ", "Tổng số nhân khẩu"]
CELL = st.text(alphabet='abcĐứ 1,;.\t"\n=-', max_size=8)


def written(rows: list[list[str]], separator: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator="\n").writerows(rows)
    return out.getvalue()


def _looks_like_records(row: list[str], separator: str) -> bool:
    """Whether each line of a record with a value over lines looks like a record: also refused, see below."""
    lines = written([row], separator)[:-1].split("\n")
    return len(lines) > 1 and all(line.count(separator) == len(row) - 1 for line in lines)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=80)
@given(
    rows=st.lists(st.tuples(CELL, CELL, CELL).map(list), min_size=1, max_size=12),
    separator=st.sampled_from([",", ";", "\t"]),
)
def test_what_a_csv_writer_writes_is_read_with_its_line(
    read_text: Read, rows: list[list[str]], separator: str
) -> None:
    # a value with separators and line breaks may look like records of its own: refused, see below
    assume(not any(separator in cell and "\n" in cell for row in rows for cell in row))
    keyed = [[f"054{i:02d}", *row] for i, row in enumerate(rows)]
    assume(not any(_looks_like_records(row, separator) for row in keyed))
    result = read_text(written([HEAD, *keyed], separator))
    assert result.separator == separator
    names = ["commune_code", "commune_name", "households_total", "persons_total"]
    read = [[row[n] for n in names] for row in result.table.to_pylist()]
    assert read == [[cell.strip() or None for cell in row] for row in keyed]
    starts, line = [], 2
    for row in keyed:
        starts.append(line)
        line += 1 + sum(cell.count("\n") for cell in row)
    assert result.table["source_row"].to_pylist() == starts


def body(read_text: Read, lines: str, table: str = "survey_total") -> list[list[str | None]]:
    header = {
        "survey_total": HEAD,
        "health_visit": ["MA_LK", "MA_THE_BHYT", "MAXA_CU_TRU", "NGAY_VAO", "T_TONGCHI_BV"],
    }
    result = read_text(";".join(header[table]) + "\n" + lines, table)
    return [[*list(row.values())[:-2], row["source_row"]] for row in result.table.to_pylist()]


def test_short_and_long_lines(read_text: Read) -> None:
    assert body(read_text, "05467;A\n05468;B;1;2;;\n05469;C;1;2\n") == [
        ["05467", "A", None, None, 2], ["05468", "B", "1", "2", 3], ["05469", "C", "1", "2", 4],
    ]  # fmt: skip


def test_separators_at_every_line_end(read_text: Read) -> None:
    assert body(read_text, "05467;A;1;2;\n05468;B;3;4;\n") == [
        ["05467", "A", "1", "2", 2],
        ["05468", "B", "3", "4", 3],
    ]


def test_a_line_broken_inside_a_value_is_joined(read_text: Read) -> None:
    assert body(read_text, "05467;Phú\nXuyên;1;2\n05468;B;3;4\n") == [
        ["05467", "Phú Xuyên", "1", "2", 2], ["05468", "B", "3", "4", 4],
    ]  # fmt: skip


def test_a_stray_quote_swallows_no_record(read_text: Read) -> None:
    assert body(read_text, '05467;"Phú;1;2\n05468;B;3;4\n05469;C"x;5;6\n05470;"D";7;8\n') == [
        ["05467", "Phú", "1", "2", 2], ["05468", "B", "3", "4", 3],
        ["05469", 'C"x', "5", "6", 4], ["05470", "D", "7", "8", 5],
    ]  # fmt: skip


def test_more_fields_than_the_header_refuse_the_file_with_the_row(read_text: Read) -> None:
    with pytest.raises(FileRefused) as error:
        body(read_text, "05467;A;1;2\n05468;B;1;489;2\n")
    assert (error.value.reason, error.value.row) == ("unreadable_text", 3)
    assert "489" not in str(error.value)


def test_one_value_or_two_records_is_refused_not_guessed(read_text: Read) -> None:
    with pytest.raises(FileRefused) as error:
        body(read_text, '05467;"A;1;2\n05468;B";3;4\n')
    assert (error.value.reason, error.value.row) == ("unreadable_text", 2)


def test_unquoted_card_numbers_joined_by_the_separator(read_text: Read) -> None:
    cards = "HN4190000000001;HN4190000000002"
    rows = body(
        read_text,
        f"K1;{cards};05467;202401010800;5\nK2;HN4190000000003;05467;202401010800;5\n",
        "health_visit",
    )
    assert [row[1] for row in rows] == [cards, "HN4190000000003"]


def test_values_stay_as_sent(read_text: Read) -> None:
    assert body(read_text, '05467;=A1*2;1.234,5;--\n05468; "NULL" ; - ;x\n') == [
        ["05467", "=A1*2", "1.234,5", "--", 2], ["05468", '"NULL"', "-", "x", 3],
    ]  # fmt: skip


def test_separator_hint_of_excel(read_text: Read) -> None:
    result = read_text("sep=;\r\n" + ";".join(HEAD) + "\r\n05467;A;1,5;2\r\n")
    assert result.separator == ";"
    assert result.sheets[0].titles == ()
    assert result.table["source_row"].to_pylist() == [3]


def test_a_workbook_named_csv_is_refused(read_text: Read) -> None:
    with pytest.raises(FileRefused) as error:
        read_text(b"PK\x03\x04\x00\x00")
    assert error.value.reason == "unreadable_text" and ".xlsx" in error.value.fix


def test_damaged_gzip(read_text: Read) -> None:
    with pytest.raises(FileRefused) as error:
        read_text(b"\x1f\x8b\x08\x00\x00", name="a.csv.gz")
    assert error.value.reason == "unreadable_text"


def test_pyarrow_takes_an_open_quote_for_one_value() -> None:
    """The behaviour for which files with quotes over lines go the careful way."""
    options = pacsv.ReadOptions(column_names=["a", "b"])
    table = pacsv.read_csv(pa.py_buffer(b'1;"x\n2;y\n'), options, pacsv.ParseOptions(delimiter=";"))
    assert table.num_rows == 1


def test_pyarrow_refuses_ragged_lines() -> None:
    options = pacsv.ReadOptions(column_names=["a", "b"])
    with pytest.raises(pa.ArrowInvalid):
        pacsv.read_csv(pa.py_buffer(b"1;2\n1;2;3\n"), options, pacsv.ParseOptions(delimiter=";"))
