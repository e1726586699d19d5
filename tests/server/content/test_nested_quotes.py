import pytest

from pillarbox.content.typography import set_typography


@pytest.mark.parametrize(
    ("typed", "set_as"),
    [
        ("'\"Hello\" is what she said'", "‘“Hello” is what she said’"),
        ("\"'Hello' is what she said\"", "“‘Hello’ is what she said”"),
    ],
)
def test_quotes_within_quotes_open_as_they_should(typed, set_as):
    assert set_typography(typed) == set_as
