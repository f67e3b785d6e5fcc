"""Every encoding that the offices use comes out as the same composed text."""

from __future__ import annotations

import gzip
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.reading import FileRefused, ReadResult
from assets.reading.encodings import to_utf8
from assets.reading.evidence import is_syllable, legacy_page
from assets.reading.legacy import TCVN3, VNI, tcvn3_to_text, vni_to_text

Read = Callable[..., ReadResult]
TEXT = (
    "Mã xã;Tên xã;Tổng số hộ;Tổng số nhân khẩu;Số hộ nghèo\n"
    "05467;Phú Xuyên;1.234;4.567;12\n"
    "05470;Đình Cả;2.345;6.789;34\n"
    "05473;Nghinh Tường;345;1.234;56\n"
)
WORDS = st.sampled_from(
    [
        "nghèo",
        "cận",
        "hộ",
        "thiếu",
        "hụt",
        "nguyễn",
        "thị",
        "hoà",
        "bình",
        "đại",
        "từ",
        "phú",
        "xuyên",
        "xã",
        "phường",
        "ngữ",
        "nghĩa",
        "kỹ",
        "thuật",
        "quỳnh",
        "lượng",
        "ước",
        "mưa",
        "sữa",
        "ổn",
        "ẩm",
        "ắt",
        "ẵm",
        "ẳng",
        "lẫm",
        "lẩm",
        "bẫy",
        "đỏ",
        "đọ",
        "đợi",
        "đỡ",
        "sẽ",
        "bẻ",
        "hẹn",
        "kể",
        "kệ",
        "lễ",
        "chị",
        "chí",
        "chỉ",
        "chĩa",
        "ỹ",
        "ỵ",
        "ỷ",
    ]
)
LINES = st.lists(WORDS, min_size=6, max_size=30).map(" ".join)


def as_tcvn3(text: str) -> str:
    """Lower-case letters only: capitals are a font's matter in TCVN3."""
    codes = {letter: chr(code) for code, letter in TCVN3.items()}
    return "".join(codes.get(c, c) for c in text)


def as_vni(text: str) -> str:
    out = []
    # capitals first, so that the small letters win where a mark has both
    tones = {unicodedata.normalize("NFD", v): chr(k) for k, v in sorted(VNI.items())}
    letters = {v: chr(k) for k, v in VNI.items()}
    for c in text:
        decomposed = unicodedata.normalize("NFD", c)
        marks = decomposed[1:]
        if c in letters:
            out.append(letters[c])
        elif "\u031b" in marks:
            base = unicodedata.normalize("NFC", decomposed[0] + "\u031b")
            out.append(letters[base] + tones.get(marks.replace("\u031b", ""), ""))
        else:
            out.append(decomposed[0] + (tones[marks] if marks else ""))
    return "".join(out)


def as_cp1258(text: str) -> bytes:
    """As Windows writes it: the vowel with its shape, then the tone as a combining mark."""
    out = b""
    for c in text:
        try:
            out += c.encode("cp1258")
            continue
        except UnicodeEncodeError:
            parts = unicodedata.normalize("NFD", c)
        tone = [p for p in parts if p in "\u0300\u0301\u0303\u0309\u0323"]
        shape = unicodedata.normalize("NFC", "".join(p for p in parts if p not in tone))
        out += shape.encode("cp1258") + "".join(tone).encode("cp1258")
    return out


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (TEXT.encode(), "utf-8"),
        (TEXT.encode("utf-8-sig"), "utf-8"),
        (unicodedata.normalize("NFD", TEXT).encode(), "utf-8"),
        (TEXT.replace("\n", "\r\n").encode("utf-16"), "utf-16"),
        (TEXT.encode("utf-16-le"), "utf-16"),
        (TEXT.encode("utf-16-be"), "utf-16"),
        (as_cp1258(TEXT), "windows-1258"),
        (TEXT.replace("Đ", "Ð").replace(" ", "\u00a0").encode(), "utf-8"),
        (as_tcvn3(TEXT).encode("latin-1"), "tcvn3"),
        (as_tcvn3(TEXT).encode("utf-8"), "tcvn3"),
        (as_vni(TEXT).encode("latin-1"), "vni"),
        (as_vni(TEXT).encode("utf-8"), "vni"),
    ],
)
def test_every_encoding_reads_alike(read_text: Read, data: bytes, name: str) -> None:
    result = read_text(data)
    assert result.encoding == name
    assert result.table["commune_name"].to_pylist() == ["Phú Xuyên", "Đình Cả", "Nghinh Tường"]
    assert result.table["announced_poor"].to_pylist() == ["12", "34", "56"]
    assert result.separator == ";"


def test_legacy_columns_of_a_unicode_file(read_text: Read) -> None:
    lines = TEXT.strip().split("\n")
    rows = [line.split(";") for line in lines[1:]]
    mixed = "\n".join([lines[0], *(";".join([r[0], as_tcvn3(r[1].lower()), *r[2:]]) for r in rows)])
    result = read_text(mixed.encode())
    assert result.encoding == "utf-8"
    assert result.table["commune_name"].to_pylist() == ["phú xuyên", "đình cả", "nghinh tường"]


@pytest.mark.parametrize("name", ["Huyện Cư Jút", "Đắk Lắk", "H'Mông", "Mnông", "Brâu", "Xã Krông Á", "m²"])
def test_names_of_other_tongues_are_left_alone(name: str) -> None:
    assert legacy_page(name, set()) is None


def test_gzip_is_unpacked(read_text: Read) -> None:
    assert read_text(gzip.compress(TEXT.encode()), name="tong.csv.gz").table.num_rows == 3


@pytest.mark.parametrize(
    ("legacy", "page", "text"),
    [
        ("Hé nghÌo", "tcvn3", "Hộ nghèo"), ("cËn nghÌo", "tcvn3", "cận nghèo"),
        ("Th¸i Nguyªn", "tcvn3", "Thái Nguyên"),
        ("Hoä ngheøo", "vni", "Hộ nghèo"), ("Thaùi Nguyeân", "vni", "Thái Nguyên"),
    ],
)  # fmt: skip
def test_legacy_samples(legacy: str, page: str, text: str) -> None:
    assert legacy_page(legacy, set()) == page
    assert {"tcvn3": tcvn3_to_text, "vni": vni_to_text}[page](legacy) == text


@settings(deadline=None)
@given(LINES)
def test_tcvn3_is_told_and_goes_round(text: str) -> None:
    assert tcvn3_to_text(as_tcvn3(text)) == text
    utf8, name = to_utf8(as_tcvn3(text).encode("latin-1"), set(), "f.csv")
    assert text.isascii() or (utf8.decode(), name) == (text, "tcvn3")


@settings(deadline=None)
@given(LINES)
def test_vni_is_told_and_goes_round(text: str) -> None:
    assert vni_to_text(as_vni(text)) == text
    utf8, name = to_utf8(as_vni(text).encode("latin-1"), set(), "f.csv")
    assert text.isascii() or (utf8.decode(), name) == (text, "vni")


@settings(deadline=None)
@given(LINES)
def test_unicode_is_never_taken_for_legacy(text: str) -> None:
    assert legacy_page(text, set()) is None
    assert to_utf8(text.encode(), set(), "f.csv") == (text.encode(), "utf-8")
    assert to_utf8(as_cp1258(text), set(), "f.csv")[0].decode() == text


@settings(deadline=None)
@given(WORDS)
def test_words_are_syllables(word: str) -> None:
    assert is_syllable(word) and is_syllable(word.upper()) and is_syllable(word.title())


def test_unreadable_and_nul_bytes_name_their_row(read_text: Read) -> None:
    with pytest.raises(FileRefused) as nul:
        read_text(TEXT.encode().replace(b"2.345", b"2.\x0045"))
    assert (nul.value.reason, nul.value.row) == ("nul_bytes", 3)
    damaged = TEXT.encode().replace("Tường".encode(), "Tường".encode()[:-3])
    with pytest.raises(FileRefused) as bad:
        read_text(damaged)
    assert (bad.value.reason, bad.value.row) == ("unreadable_text", 4)
