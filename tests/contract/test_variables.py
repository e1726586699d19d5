import base64

import pytest

from tests.contract.variables import CannotSave, UnknownVariable, Variables

VARIABLES = Variables({"API": "http://api.test", "nid": "5"})


@pytest.mark.parametrize(
    ("value", "filled"),
    [
        ("no variables", "no variables"),
        ("${API}/v2/${nid}", "http://api.test/v2/5"),
        ("${REPEAT_ab_3}", "ababab"),
        ("${REPEAT_a_0}", ""),
        ("$API {API}", "$API {API}"),
        ({"${nid}": ["${nid}", 5, None, {"a": "${nid}"}]}, {"5": ["5", 5, None, {"a": "5"}]}),
        (True, True),
    ],
)
def test_variables_are_replaced_wherever_text_stands(value, filled) -> None:
    assert VARIABLES.fill(value) == filled


def test_a_made_up_pdf_has_the_size_that_its_name_says() -> None:
    content = base64.b64decode(VARIABLES.text("${PDF_OF_BYTES_1000}"))
    assert len(content) == 1000
    assert content.startswith(b"%PDF-1.4 aaa")


def test_an_unknown_variable_is_an_error() -> None:
    with pytest.raises(UnknownVariable):
        VARIABLES.text("${nobody}")


def test_each_case_has_its_own_fresh_text_and_keeps_it() -> None:
    one, other = VARIABLES.for_case(), VARIABLES.for_case()
    assert one.text("${FRESH}") == one.text("${FRESH}") != other.text("${FRESH}")


ANSWER = {
    "id": "x",
    "count": 5,
    "list": [{"id": "y"}],
    "body": "at https://docs/d/AAAAAAAAAAAAAAAAAAAAAQ/f?key=abc",
}


@pytest.mark.parametrize(
    ("wanted", "saved"),
    [
        ("id", "x"),
        ("count", "5"),
        ("list.0.id", "y"),
        ({"path": "body", "regex": "key=(.+)$"}, "abc"),
        (
            {"path": "body", "regex": "/d/([^/]+)/", "decode": "base64uuid"},
            "00000000-0000-0000-0000-000000000001",
        ),
    ],
)
def test_parts_of_an_answer_are_remembered_under_a_name(wanted, saved) -> None:
    variables = VARIABLES.for_case()
    variables.save({"part": wanted}, ANSWER)
    assert variables.text("${part}") == saved


@pytest.mark.parametrize(
    "wanted",
    [
        "nothing",
        "list.1.id",
        "list.first",
        "id.deeper",
        {"path": "body", "regex": "no such (.+)"},
        {"path": "count", "decode": "base64uuid"},
    ],
)
def test_a_part_that_is_not_there_is_an_error(wanted) -> None:
    with pytest.raises(CannotSave):
        VARIABLES.for_case().save({"part": wanted}, ANSWER)


def test_what_one_case_saves_another_does_not_see() -> None:
    VARIABLES.for_case().save({"nid": "id"}, ANSWER)
    assert VARIABLES.text("${nid}") == "5"
