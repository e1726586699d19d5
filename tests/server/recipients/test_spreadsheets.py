"""Uploaded files: what each kind is read as, and why some cannot be read."""

import io
import sys
import time
import zipfile
import zlib
from base64 import b85decode

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pillarbox.content.texts import TextTemplate
from pillarbox.recipients.open_document import check_extent
from pillarbox.recipients.row_templates import TextRows
from pillarbox.recipients.spreadsheet_errors import UnreadableSpreadsheet, code_for
from pillarbox.recipients.spreadsheets import MAX_BYTES, as_csv, read_spreadsheet
from pillarbox.recipients.tables import RecipientTable
from pillarbox.recipients.workbooks import excel_rows
from pillarbox.recipients.workbooks_apart import CannotReadWorkbooks

# Made with xlwt: a hidden sheet, then one with a row of each type, a blank row and a row that is hidden.
OLD_EXCEL_PACKED = (
    "c-rk4TWAwOaQ5z!T+XyjYg1^&5DHeUEg0(?YEr4TAEs78d?09IQW~0GN=%{pq1Bo{1;H;LA6BYjg;qa&p@RPTA++d+C<v{BK"
    "Yj@c3T@-;+~u0q2n}eV<tFUx%<S&$?Ck99=0-<~$NKMAjKeJ01|m$Q?O@H4F)a2B;{<F^r#YFaWh`kE78KZJ+(@eho))~e@j"
    "c}GJq`lglU^bQ_=M#!bU{m8jd<n}wv!D(#%-u)62_hY*RT{qIoVZ0_!!}(goml`Gs1q7Tp(PJeaF}#81c1KZ$>@*cR;A5wnD"
    "@V9?_T&B=Ld^Uhz0SeUWJ~Z-ItHG#Fd-4Q|N+1Asx$6j37y&KJQ=Pyh}h)CK~zjg4-}1-JOgpB8zVo3{o6Zb^aLs0fG~gHnv"
    "60r-*j0DR9Rj29kLKEHAXDE~QAZu^T|#=XuZx8sKAlJotZEx#m40KJet%J`{D;pzG%@c^?zdo&!5s43L8+o}cK@d@aG0wj6C"
    "gQvzF0A1}o%c$L*p-4gmh^k2pskT@=m_$9HcszzxIGBvcT9u4;Mo^+xDvrhOo!zly6r;E;o<K5)YJy4#b+6sD#q0HW*VV1xu"
    "u<U`86`gFjKo(!>A-<F3`Im2Q&MoEdnWFDdlLw?`i_vKmo7W)N?gI04QV*TN8sQ>qea8jG-3_mv!rzy(G`SC@z`Kp)#}oToq"
    "g2j9JN;AJaq(beJiu*RY<44?s@D^efF(JdZ=mqWa-d5Uq4i$lf!zN>w_9r!>(NB@Whv?nVvj95-$HEk;;Now>_=j`$aIx69G"
    "c8_Baqq;2}}|tmnaecvUiHTBu%Ca(b1oSmQF@(KrD)(cnbnB!iQXvlyHOIjg~0k+T_`4LRB1WaR7yXGc!a?b9B3)Aotzb(Y!"
    "n>o<BP8=m7T8QEAy@~bkp(IUtw6KNf%1O>5#{ghEb*I+>(+#MVo+|~QVuSu-9L;DEc`?wv9tXiVmA=1h<J3P9dM4HdRy?`1-"
    "vcZ4;LC^AGS0lxvkSiWdFu?>9OfbQO9Kf{aH(jq1JtMS7n@#_&Gl^x&{7kZFVK2n-m&AW^J3z%c0Vnc`pE9tpj4n3EF`4g$9"
    "QNbv3Fv?j+0l`A{NkgVWv^$>1D*fw2<1EfR6ch8=lOpF{U=7R"
)
OLD_EXCEL = zlib.decompress(b85decode(OLD_EXCEL_PACKED))


def excel(*rows, change=None) -> bytes:
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(row)
    if change:
        change(workbook)
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()


def open_document(rows: str) -> bytes:
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr(
            "content.xml",
            f"<office:document-content {names}><office:body><office:spreadsheet>"
            f'<table:table table:name="s">{rows}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return written.getvalue()


def cells(text: str, repeated: int = 1) -> str:
    return (
        f'<table:table-cell office:value-type="string" table:number-columns-repeated="{repeated}">'
        f"<text:p>{text}</text:p></table:table-cell>"
    )


def csv_or_code(filename: str, data: bytes) -> tuple[str | None, str | None]:
    try:
        return as_csv(filename, data), None
    except UnreadableSpreadsheet as error:
        return None, error.code


def refusal(filename: str, data: bytes) -> str:
    with pytest.raises(UnreadableSpreadsheet) as refused:
        as_csv(filename, data)
    assert refused.value.message == refused.value.api_message
    return refused.value.code


@pytest.mark.parametrize(
    ("filename", "data", "text"),
    [
        ("a.csv", b"a,b\n1,2\n", "a,b\r\n1,2"),
        ("a.CSV", b"", ""),
        ("a.csv", b"\n\n", "\r\n"),
        ("a.csv", "a\u2028b\x85c".encode(), "a\r\nb\r\nc"),
        ("a.tsv", b'a\tb\r1\t"2\n, 3"\r\n', 'a,b\r\n1,"2\n, 3"\r\n'),
    ],
)
def test_text_gets_commas_and_one_kind_of_line_end(filename, data, text):
    assert as_csv(filename, data) == text


def test_old_excel_files_are_read():
    assert as_csv("a.xls", OLD_EXCEL) == (
        "phone number,int,float,bool,date,datetime,time,none,multi,formula\r\n"
        '7911123456,5,5.5,True,2026-03-01,2026-03-01 09:30:00,09:30:00,,"a\nb",\r\n'
        ",,,,,,,,,\r\n"
        "07911 123456,100000000000000000000,,,,,,,,\r\n"
    )


def test_open_document_files_are_read():
    blank = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
    rows = f"<table:table-row>{cells('a', 2)}{cells('b')}</table:table-row>{blank}"
    assert as_csv("a.ods", open_document(rows)) == "a,a,b\r\n"


def test_what_excel_hides_is_left_out():
    def hide(workbook):
        workbook.active.column_dimensions["B"].hidden = True
        workbook.active.row_dimensions[3].hidden = True
        workbook.create_sheet("before", 0).sheet_state = "hidden"

    data = excel(["a", "secret", "b"], ["1", "x", "2"], ["3", "x", "4"], ["5", "x", "6"], change=hide)
    assert as_csv("a.xlsx", data) == "a,b\r\n1,2\r\n5,6\r\n"


def test_merged_cells_all_have_the_value_of_the_first():
    data = excel(["a", "b"], ["x", "y"], ["z"], change=lambda book: book.active.merge_cells("A2:B3"))
    assert as_csv("a.xlsm", data) == "a,b\r\nx,x\r\nx,x\r\n"


@pytest.mark.parametrize(
    ("header", "last", "width"),
    [(["a"], 3, 3), (["a"], 50, 50), (["a"], 51, 50), (["a"] * 60, 61, 60), (["a"] * 60, 2, 60)],
)
def test_columns_are_read_as_far_as_the_header_goes_and_fifty_at_least(header, last, width):
    data = excel(header, change=lambda book: book.active.cell(2, last, "x"))
    assert as_csv("a.xlsx", data).partition("\r\n")[0].count(",") == width - 1


@pytest.mark.parametrize(
    ("filename", "data", "code"),
    [
        ("a.doc", b"", "not-a-spreadsheet"),
        ("csv", b"", "not-a-spreadsheet"),
        ("a.csv", b"\xff", "unreadable"),
        ("a.tsv", b"\xff", "unreadable"),
        ("a.xlsx", b"no", "unreadable"),
        ("a.ods", b"no", "unreadable"),
        ("a.xls", b"no", "unreadable"),
        ("a.xls", OLD_EXCEL[:3000], "unreadable"),
        ("a.csv", b"a" * MAX_BYTES, "too-big"),
        ("a.xlsx", open_document(""), "save-as-csv"),
        ("a.xlsx", excel(["a"] * 1001), "too-many-columns"),
        ("a.xlsx", excel(["a"], change=lambda book: book.active.cell(200_001, 1, "x")), "too-many-rows"),
        (
            "a.ods",
            open_document(f"<table:table-row>{cells('a', 1001)}</table:table-row>"),
            "too-many-columns",
        ),
        (
            "a.ods",
            open_document(
                f'<table:table-row table:number-rows-repeated="90000000">{cells("a", 16384)}</table:table-row>'
            ),
            "too-many-rows",
        ),
    ],
)
def test_a_file_that_cannot_be_read_says_why(filename, data, code):
    assert refusal(filename, data) == code


def test_cells_merged_as_far_as_a_sheet_goes_count_no_further_than_it_is_read():
    def merge(workbook):
        for column in "ABCDEF":
            workbook.active.merged_cells.add(f"{column}1:{column}1048576")

    assert as_csv("a.xlsx", excel(["a", "b"], change=merge)) == "a,b\r\n"


@pytest.mark.parametrize(
    ("heights", "widths", "fits"),
    [
        ([1_000_000], [10], True),
        ([1_000_001], [10], False),
        ([500_000, 500_000], [10, 1], True),
        ([500_000, 500_001], [10, 1], False),
        ([10_000_000, 1], [1, 2], False),
    ],
)
def test_a_document_that_says_and_so_on_reaches_ten_million_cells_at_most(heights, widths, fits):
    rows = "".join(
        f'<table:table-row table:number-rows-repeated="{height}">{cells("a", width)}</table:table-row>'
        for height, width in zip(heights, widths, strict=True)
    )
    with zipfile.ZipFile(io.BytesIO(open_document(rows))) as archive, archive.open("content.xml") as content:
        if fits:
            check_extent(content)
            return
        with pytest.raises(UnreadableSpreadsheet, match="too many rows"):
            check_extent(content)


def test_an_uploaded_file_is_a_table_of_recipients():
    data = excel(["phone number", "name"], ["07400 123456", "Jo"], [7400123457, None])
    rows = list(RecipientTable(read_spreadsheet("a.xlsx", data), TextRows(TextTemplate("Hello ((name))"))))
    assert [row.recipient for row in rows] == ["07400 123456", "7400123457"]
    assert [row.has_error for row in rows] == [False, True]


def damaged(data: bytes, position: int, damage: bytes) -> bytes:
    return data[:position] + damage + data[position + len(damage) :]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["csv", "tsv", "txt"]), st.binary(max_size=200))
def test_any_bytes_are_text_or_refused(kind, data):
    assert csv_or_code(f"a.{kind}", data)[1] != ""


EXCEL = excel(["a", "b"], ["1", "2"])


@settings(max_examples=100, deadline=None)
@given(
    st.binary(max_size=200) | st.builds(damaged, st.just(EXCEL), st.integers(0, 6000), st.binary(max_size=8))
)
def test_reading_a_broken_workbook_ends_in_an_ordinary_error(data):
    assert code_of_reading(data) in {None, "unreadable", "save-as-csv", "too-many-columns", "too-many-rows"}


def code_of_reading(data: bytes) -> str | None:
    try:
        list(excel_rows(data))
    except Exception as error:  # noqa: BLE001 - any will do, as long as it has a code
        return code_for(error)
    return None


# Damage like this makes the library ask for more memory than there is, which ends its process.
@pytest.mark.parametrize("position", range(0, 5600, 560))
@pytest.mark.parametrize("damage", [b"\xff" * 8, b"\x00" * 24])
def test_a_broken_old_workbook_harms_nobody_else(position, damage):
    assert csv_or_code("a.xls", damaged(OLD_EXCEL, position, damage))[1] != ""


def test_a_broken_installation_is_not_blamed_on_the_file(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(CannotReadWorkbooks):
        as_csv("a.xlsx", EXCEL)


def test_a_process_that_dies_takes_only_the_file_with_it(monkeypatch, tmp_path):
    dying = tmp_path / "dying"
    dying.write_text("#!/bin/sh\nkill -ABRT $$\n")
    dying.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(dying))
    assert refusal("a.xls", OLD_EXCEL) == "save-as-csv"


@pytest.mark.parametrize("unit", [b"\n", b",", b"\t", b'"', b"a", b"\r", "\u2028".encode(), b"\x00"])
@pytest.mark.parametrize("kind", ["csv", "tsv"])
def test_megabytes_of_anything_take_time_in_line_with_their_length(kind, unit):
    started = time.process_time()
    _, code = csv_or_code(f"a.{kind}", unit * (1_000_000 // len(unit)))
    assert code in {None, "save-as-csv"}
    assert time.process_time() - started < 6
