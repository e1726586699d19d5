"""Every recorded case, by name: what callers see today is what they see from us."""

import pytest

from tests.vectors.cases import DATA, Case, difference, read


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in read(DATA)])
def test_recorded_case(case: Case) -> None:
    found = difference(case)
    assert found is None, f"{case.op}, {case.why}: {found}"
