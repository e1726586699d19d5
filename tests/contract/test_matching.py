import pytest

from tests.contract.matching import Matching
from tests.contract.variables import Variables

VARIABLES = Variables({"API": "http://api.test", "WHO": "a.b"})
UUID = "4ea11bcb-1b5b-4b5c-b74d-be1d092ca227"
TIME = "2024-05-17T15:58:38.342838Z"
NEXT = f"http://api.test/v2/notifications?older_than={UUID}&status=sent"


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ("text", "text"),
        ("${WHO}", "a.b"),
        ("<p>literal</p>", "<p>literal</p>"),
        (1, 1.0),
        (0.3, 0.1 + 0.2),
        (None, None),
        (True, True),
        ([1, "<any>"], [1, {"deep": []}]),
        ({"a": {"b": 1}}, {"a": {"b": 1}}),
        ({"${WHO}": 1}, {"a.b": 1}),
        ({"a": "<optional>"}, {}),
        ({"a": "<optional>"}, {"a": 5}),
        ({"a": "<absent>"}, {}),
        ("<any>", None),
        ("<uuid>", UUID),
        ("<datetime>", TIME),
        ("<datetime-or-null>", None),
        ("<datetime-or-null>", TIME),
        ("<int>", 5),
        ("<number>", 5),
        ("<number>", 0.5),
        ("<string>", ""),
        ("<string-or-null>", None),
        ("<nonempty>", "x"),
        ("<nonempty>", [0]),
        ("<bool>", False),
        ("<re:${WHO}\\d+>", "a.b12"),
        ("<re:a.b>", "a\nb".replace("\n", "x")),
        ("<contains:${WHO}>", "xa.bx"),
        ("<url:/v2/notifications>", "http://api.test/v2/notifications"),
        ("<url:/v2/notifications?status=sent&older_than={uuid}>", NEXT),
        ("<url:/v2/template/{uuid}/version/{int}>", f"http://api.test/v2/template/{UUID}/version/12"),
        ("<url:/v2/n?type=sms&type=email>", "http://api.test/v2/n?type=email&type=sms"),
        ({"<len>": 2}, [1, 2]),
        ({"<unordered>": ["<any>", 1]}, [1, 2]),
        ({"<unordered>": []}, []),
    ],
)
def test_what_fits_has_no_difference(expected, actual) -> None:
    assert list(Matching(VARIABLES).differences(expected, actual)) == []


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ("text", "Text"),
        ("text", None),
        ("1", 1),
        (1, True),
        (True, 1),
        (0, None),
        (None, 0),
        (0.1, 0.1001),
        ([1, 2], [1, 1]),
        ([1], [1, 2]),
        ([], {}),
        ({}, []),
        ({"a": 1}, {}),
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}),
        ({"a": "<any>"}, {}),
        ({"a": "<absent>"}, {"a": None}),
        ("<uuid>", UUID.upper()),
        ("<uuid>", UUID.replace("-", "")),
        ("<datetime>", "2024-05-17T15:58:38Z"),
        ("<datetime>", f"{TIME}\n"),
        ("<datetime>", None),
        ("<int>", 5.0),
        ("<int>", True),
        ("<number>", "5"),
        ("<string>", 5),
        ("<nonempty>", ""),
        ("<nonempty>", []),
        ("<bool>", 0),
        ("<re:${WHO}>", "axb"),
        ("<re:a>", "ab"),
        ("<re:5>", 5),
        ("<contains:x>", "y"),
        ("<url:/v2/n>", "/v2/n"),
        ("<url:/v2/n>", "http://other.test/v2/n"),
        ("<url:/v2/n>", "http://api.test/v2/n?a=1"),
        ("<url:/v2/n?a=1>", "http://api.test/v2/n?a=1&a=1"),
        ("<url:/v2/n?a={int}>", "http://api.test/v2/n?a=x"),
        ("<url:/v2/n>", None),
        ({"<len>": 2}, [1]),
        ({"<len>": 0}, {}),
        ({"<unordered>": [1, 1]}, [1, 2]),
        ({"<unordered>": [1]}, [1, 1]),
    ],
)
def test_what_does_not_fit_is_one_difference(expected, actual) -> None:
    assert len(list(Matching(VARIABLES).differences(expected, actual))) == 1


@pytest.mark.parametrize(
    ("expected", "actual", "fits"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, True),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}, True),
        ({"a": [{"b": 1}]}, {"a": [{"b": 1, "c": 2}]}, True),
        ({"a": [1]}, {"a": [1, 2]}, False),
        ({"a": 1}, {"b": 1}, False),
        ({"a": "<absent>"}, {"a": 1}, False),
    ],
)
def test_a_subset_allows_more_keys_but_not_more_items(expected, actual, fits) -> None:
    assert Matching(VARIABLES, subset=True).matches(expected, actual) is fits


def test_items_in_any_order_find_partners_even_if_the_first_fit_is_not_the_right_one() -> None:
    expected = {"<unordered>": ["<any>", {"a": "<int>"}, {"a": 1}]}
    assert Matching(VARIABLES).matches(expected, [{"a": 1}, {"a": 2}, None])


def test_a_difference_says_where_it_is() -> None:
    found = list(Matching(VARIABLES).differences({"a": [{"b": 1}]}, {"a": [{"b": 2}]}))
    assert found == ["answer.a[0].b: expected 1, got 2"]
