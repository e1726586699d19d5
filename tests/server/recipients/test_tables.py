"""Spreadsheets of recipients: columns found, rows checked, and all of it while they are read."""

import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pillarbox.content.emails import EmailTemplate
from pillarbox.content.letters import LetterTemplate
from pillarbox.content.placeholders import Personalisation
from pillarbox.content.texts import TextTemplate
from pillarbox.recipients.columns import Channel, Columns
from pillarbox.recipients.csv_text import CsvText, UnreadableCsv
from pillarbox.recipients.row_templates import EmailRows, LetterRows, Problem, TextRows
from pillarbox.recipients.rows import Permissions
from pillarbox.recipients.spreadsheet_errors import UnreadableSpreadsheet
from pillarbox.recipients.tables import RecipientTable

TEXT = TextRows(TextTemplate("Dear ((name)), your ((thing)) is ready"))
EMAIL = EmailRows(EmailTemplate("Your ((ref))", "Hello ((name))"))
LETTER = LetterRows(LetterTemplate("Heading", "Dear ((name))"))


def table(text: str, template=TEXT, **permissions) -> RecipientTable:
    return RecipientTable(CsvText.of(text), template, Permissions(**permissions))


def summary(text: str, template=TEXT, **permissions):
    return table(text, template, **permissions).summary()


def personalisations(text: str, template=TEXT) -> list[dict]:
    return [row.personalisation for row in table(text, template)]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", []),
        ("\ufeff a,b\n1,2 ,\n,,\n\n", [["a", "b"], ["1", "2"]]),
        ("a,b\n\n1", [["a", "b"], [], ["1"]]),
        ('a, "b, c"\r\n"x\ny","q ""q"""', [["a", "b, c"], ["x\ny", 'q "q"']]),
        (" \n\u2028\n,a\n", [["", "a"]]),
    ],
)
def test_text_is_taken_apart_into_rows(text, rows):
    assert list(CsvText.of(text)) == rows


def test_text_with_lines_that_end_in_a_carriage_return_only_is_refused():
    with pytest.raises(UnreadableCsv) as refused:
        list(CsvText.of("a,b\r1,2\r3,4"))
    assert refused.value.code == "unreadable-csv"


def test_columns_are_found_in_any_spelling():
    found = table("Phone_Number,NAME,th-ing,other\n07400123456,Jo,bin,x")
    assert found.columns.headers == ("Phone_Number", "NAME", "th-ing", "other")
    assert found.columns.missing == ()
    assert found.columns.has_recipients
    assert [row.personalisation for row in found] == [
        {"phonenumber": "07400123456", "name": "Jo", "thing": "bin"}
    ]


@pytest.mark.parametrize(
    ("text", "template", "missing"),
    [
        ("name,thing\nJo,bin", TEXT, {"phone number"}),
        ("phone number,thing\n1,bin", TEXT, {"name"}),
        ("email address\na@b.com", EMAIL, {"name", "ref"}),
        ("address line 1\nA", LETTER, {"name"}),
    ],
)
def test_missing_columns_are_named_as_the_template_spells_them(text, template, missing):
    assert set(table(text, template).columns.missing) == missing
    assert summary(text, template).has_errors


@pytest.mark.parametrize(
    ("header", "enough"),
    [
        ("address line 1,address line 2,postcode", True),
        ("address line 5,address line 6,address line 7", True),
        ("address line 1,postcode,address line 7", False),
        ("postcode,name", False),
    ],
)
def test_letters_need_three_lines_of_the_address(header, enough):
    columns = Columns(header.split(","), Channel.LETTER, ())
    assert columns.has_recipients is enough


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("phone number,name,name\n1,a,b", [["a", "b"]]),
        ("phone number,name,name\n1,a,\n2,b,c", [["a", None], ["b", "c"]]),
        ("phone number,name,name\n1,a,\n2,b,", ["a", "b"]),
        ("phone number,name,name\n1,,a", ["a"]),
        ("phone number,name,Name\n1,a,b", ["b"]),
        ("phone number,name,name,x\n1", [None]),
    ],
)
def test_columns_of_the_same_name_make_lists(text, names):
    assert [values["name"] for values in personalisations(text)] == names


def test_a_recipient_column_that_is_there_twice_is_a_mistake_of_the_header():
    found = summary("phone number,PhoneNumber,name,thing\n07400123456,07400123457,Jo,bin")
    assert found.columns.duplicate_recipients == ("phone number", "PhoneNumber")
    assert found.has_errors
    assert found.first_rows[0].recipient == "07400123457"


def test_an_empty_second_recipient_column_is_no_mistake():
    assert not summary("phone number,name,thing,phone number\n07400123456,Jo,bin,").has_errors


def test_cells_beyond_the_header_are_ignored():
    (row,) = table("phone number,name,thing\n07400123456,Jo,bin,x,\n\n".rstrip() + "y")
    assert row.values[""] == ["x", "y"]
    assert not row.has_error


@pytest.mark.parametrize(
    ("line", "errors"),
    [
        ("07400123456,Jo,bin", {}),
        ("07400123456,\u200b,bin", {"name": "Missing"}),
        (",Jo,bin", {"phonenumber": "Missing"}),
        (
            "0740012345x,Jo,bin",
            {"phonenumber": "Mobile numbers can only include: 0 1 2 3 4 5 6 7 8 9 ( ) + -"},
        ),
        (
            "+33612345678,Jo,bin",
            {
                "phonenumber": "This does not look like a UK mobile number – double check the mobile number you entered"
            },
        ),
    ],
)
def test_cells_say_what_is_wrong_with_them(line, errors):
    (row,) = table(f"phone number,name,thing\n{line}")
    assert {key: error.message for key, error in row.cell_errors.items()} == errors
    assert row.has_error is bool(errors)
    assert row.number == 2


def test_a_bad_recipient_is_another_thing_than_a_missing_one():
    bad, missing = table("email address,name,ref\nnobody,Jo,1\n,Jo,1", EMAIL)
    assert (bad.has_bad_recipient, bad.has_missing_data) == (True, False)
    assert (missing.has_bad_recipient, missing.has_missing_data) == (False, True)


def test_letters_are_judged_by_their_address_as_a_whole():
    header = "address line 1,address line 2,postcode,name\n"
    good, bad = table(f"{header}A,,SW1A 1AA,Jo\nA,1 Street,SW1A 1AA,Jo", LETTER)
    assert (good.address_error and good.address_error.code) == "not-enough-address-lines"
    assert bad.address_error is None
    assert bad.address is not None
    assert bad.address.normalised_lines == ("A", "1 Street", "SW1A 1AA")


@pytest.mark.parametrize(
    ("template", "values", "problems"),
    [
        (TEXT, {"name": "Jo", "thing": "bin"}, set()),
        (TEXT, {"name": "x" * 917, "thing": "bin"}, {Problem.TOO_LONG}),
        (TEXT, {"name": "…" * 300, "thing": "bin"}, {Problem.TOO_LONG}),
        (TEXT, {"name": "x" * 880, "thing": "bin"}, set()),
        (TextRows(TextTemplate("((a))((b??x))")), {"a": " ", "b": "no"}, {Problem.EMPTY}),
        (TextRows(TextTemplate("((a))"), "Service"), {"a": " "}, {Problem.EMPTY}),
        (TextRows(TextTemplate("((a))"), "Service"), {"a": ["b", None]}, set()),
        (EmailRows(EmailTemplate("s", "((a??x))")), {"a": "no"}, {Problem.EMPTY}),
        (EmailRows(EmailTemplate("s", "((a))")), {"a": "b"}, set()),
        (EmailRows(EmailTemplate("s", "")), {}, {Problem.EMPTY}),
        (EmailRows(EmailTemplate("s", "x")), {}, set()),
        (LetterRows(LetterTemplate("s", "Hello\n\nQR: ((a))")), {"a": "x" * 505}, {Problem.QR_CODE_TOO_LONG}),
        (LetterRows(LetterTemplate("s", "Hello\n\nqr:((a))")), {"a": "x" * 504}, set()),
        (LetterRows(LetterTemplate("s", "((a??x))")), {"a": "no"}, {Problem.EMPTY}),
    ],
)
def test_messages_that_rows_make_are_checked(template, values, problems):
    assert set(template.check(values)) == problems


@settings(max_examples=300, deadline=None)
@given(
    st.text(st.sampled_from("ab …€\n(ŵ."), max_size=400),
    st.text(st.sampled_from("a …€\n"), max_size=400),
    st.sampled_from([None, "", "Service", " Two  words … "]),
)
def test_messages_that_need_not_be_rendered_would_have_been_fine(content, value, prefix):
    template = TextTemplate(content + "((a)) ((b??c))")
    message = template.render(Personalisation({"a": value, "b": "yes"}), prefix)
    expected = {Problem.TOO_LONG: message.is_too_long, Problem.EMPTY: message.is_empty}
    found = TextRows(template, prefix).check({"a": value, "b": "yes"})
    assert set(found) == {problem for problem, applies in expected.items() if applies}


@pytest.mark.parametrize(
    ("permissions", "wrong"),
    [
        ({}, False),
        ({"remaining_messages": 2}, True),
        ({"remaining_messages": 3}, False),
        ({"international_sms": True, "remaining_international_sms": 0}, True),
        ({"international_sms": True, "remaining_international_sms": 1}, False),
        ({"max_rows": 2}, True),
        ({"guest_list": ["+44 7400 123456"]}, True),
        ({"guest_list": ["+44 7400 123456", "07400 123457", "+33 6 12345678", ""]}, False),
    ],
)
def test_limits_of_the_service_are_limits_of_the_spreadsheet(permissions, wrong):
    text = "phone number,name,thing\n07400123456,a,b\n07400123457,a,b\n0033612345678,a,b"
    found = summary(text, **{"international_sms": True} | permissions)
    assert (found.row_count, found.international_sms_count) in {(3, 1), (3, 0)}
    assert found.has_errors is wrong


def test_rows_with_mistakes_are_shown_first():
    lines = [f"0740012345{number},a,b" for number in range(10)] + ["x,a,b", "y,a,b"]
    found = summary("phone number,name,thing\n" + "\n".join(lines))
    assert [row.number for row in found.displayed_rows] == [12, 13]
    assert [row.number for row in found.first_rows] == list(range(2, 12))
    assert found.rows_with_errors == 2


def test_a_reference_column_gives_the_reference():
    (row,) = table("phone number,name,thing,Reference\n07400123456,Jo,bin,A1")
    assert row.reference == "A1"
    assert "reference" not in row.personalisation


CELLS = st.sampled_from(
    ["phone number", "Name", "name", "07400123456", "", " ", '"', ",", "\n", "\u200b", "x", "\r", "\x00"]
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(CELLS | st.just(","), max_size=30).map("".join) | st.text(),
    st.sampled_from([TEXT, EMAIL, LETTER]),
)
def test_any_text_is_a_spreadsheet_or_refused(text, template):
    try:
        found = table(text, template)
        read = found.summary()
    except UnreadableCsv:
        return
    assert read.row_count == len(list(found))
    assert read.rows_with_errors <= read.row_count


def test_memory_does_not_grow_with_the_rows():
    def lines():
        yield "phone number,name,thing\n"
        for number in range(5_000):
            yield f"07400{number:06},Person {number},bin\n"

    reading = RecipientTable(CsvText(lines), TEXT)
    reading.summary()
    tracemalloc.start()
    assert reading.summary().row_count == 5_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 300_000


def test_too_many_columns_are_refused_and_blank_ones_are_not_looked_at():
    with pytest.raises(UnreadableSpreadsheet) as refused:
        table("phone number" + "," * 1_000 + "name\n1")
    assert refused.value.code == "too-many-columns"
    wide = "phone number,name,thing" + "," * 100_000 + "\n07400123456,Jo,bin" * 200
    assert summary(wide).rows_with_errors == 0


@pytest.mark.parametrize(
    "unit", ["\n", ",", ",\n", '"', "a,", "\u200b\n", "a\n", '""', "a", "\r\n", " ", '"a"\n']
)
def test_megabytes_of_anything_take_time_in_line_with_their_length(unit):
    text = "phone number,name\n" + unit * (400_000 // len(unit)) + "x"
    started = time.process_time()
    try:
        found = summary(text, max_rows=1_000)
    except UnreadableCsv:
        found = None
    assert found is None or found.has_errors
    assert time.process_time() - started < 5
