import pytest

from pillarbox.letters.problems import Problem


@pytest.mark.parametrize("problem", Problem)
def test_every_problem_has_a_sentence_for_people(problem: Problem) -> None:
    sentence = problem.detail(11)
    assert sentence
    assert "{" not in sentence


def test_the_sentence_about_length_says_how_long_the_letter_is() -> None:
    assert Problem.TOO_LONG.detail(11).endswith("Your letter is 11 pages long.")
