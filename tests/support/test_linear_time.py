import pytest

from tests.support.linear_time import assert_linear


def test_work_that_grows_with_the_square_is_noticed():
    def quadratic(text):
        return sum(1 for _ in text for _ in text)

    with pytest.raises(AssertionError, match="time grew by factors"):
        assert_linear(quadratic, "a", size=1500)


@pytest.mark.parametrize("work", [len, str.split, sorted, lambda text: [c * 2 for c in text]])
def test_work_that_grows_in_step_is_let_through(work):
    assert_linear(work, "a b")
