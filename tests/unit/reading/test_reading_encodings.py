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


def readings_of(data: bytes) -> set[str]:
    """What the bytes spell in each of the pages with eight bits."""
    plain = data.decode("latin-1")
    windows = unicodedata.normalize("NFC", data.decode("cp1258", errors="replace"))
    return {plain, windows, tcvn3_to_text(plain), vni_to_text(plain)}


def is_told(data: bytes, text: str, name: str) -> bool:
    """Whether bytes come out as their text, or are refused because they are Vietnamese in another page too."""
    try:
        utf8, told = to_utf8(data, set(), "f.csv")
    except FileRefused as refused:
        assert (refused.reason, refused.row) == ("unreadable_text", 1)
        return any(other != text and all(map(is_syllable, other.split())) for other in readings_of(data))
    return utf8.decode() == text and (told == name or text.isascii())


@settings(deadline=None)
@given(LINES)
def test_tcvn3_is_told_and_goes_round(text: str) -> None:
    assert tcvn3_to_text(as_tcvn3(text)) == text
    assert is_told(as_tcvn3(text).encode("latin-1"), text, "tcvn3")


@settings(deadline=None)
@given(LINES)
def test_vni_is_told_and_goes_round(text: str) -> None:
    assert vni_to_text(as_vni(text)) == text
    assert is_told(as_vni(text).encode("latin-1"), text, "vni")


@settings(deadline=None)
@given(LINES)
def test_unicode_is_never_taken_for_legacy(text: str) -> None:
    assert legacy_page(text, set()) is None
    assert to_utf8(text.encode(), set(), "f.csv") == (text.encode(), "utf-8")
    assert is_told(as_cp1258(text), text, "windows-1258")


AMBIGUOUS = [
    (as_vni("thị"), "tcvn3, vni, windows-1252"),  # "thũ" in TCVN3, "thò" as it stands
    (as_vni("chỉ"), "tcvn3, vni"),  # "chổ" in TCVN3
    (as_vni("nghĩa"), "windows-1258, tcvn3, vni"),  # "nghóa" in Windows-1258, "nghúa" in TCVN3
    (as_tcvn3("hộ"), "windows-1258, tcvn3"),  # "hé" in Windows-1258
    ("xã", "tcvn3, windows-1252"),  # "xó" in TCVN3
]


@pytest.mark.parametrize(("word", "pages"), AMBIGUOUS)
def test_what_reads_in_several_pages_is_refused_by_its_row_and_never_guessed(word: str, pages: str) -> None:
    with pytest.raises(FileRefused) as refused:
        to_utf8(f"ten;so\n{word};1\n".encode("latin-1"), set(), "f.csv")
    assert (refused.value.reason, refused.value.row) == ("unreadable_text", 2)
    assert f"Vietnamese in each of {pages}," in refused.value.detail
    assert "CSV UTF-8" in refused.value.fix


@pytest.mark.parametrize(("page", "write"), [("vni", as_vni), ("tcvn3", as_tcvn3)])
def test_one_plain_word_tells_the_page_of_all(page: str, write: Callable[[str], str]) -> None:
    text = "thị;chỉ;nghĩa;hộ;xã;nghèo"
    assert to_utf8(write(text).encode("latin-1"), set(), "f.csv") == (text.encode(), page)


@pytest.mark.parametrize("text", ["hoà xã", "hoà hoà xã"])
def test_western_text_of_vietnamese_words_is_read_as_such(text: str) -> None:
    """Windows-1258 reads "xă", which is no syllable; the words that both have do not outweigh it."""
    assert to_utf8(text.encode("cp1252"), set(), "f.csv") == (text.encode(), "windows-1252")


def test_what_reads_in_both_legacy_pages_is_left_as_it_stands_in_unicode() -> None:
    legacy = as_vni("chỉ").encode()
    assert to_utf8(legacy, set(), "f.csv") == (legacy, "utf-8")


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
