import pytest

from pillarbox.messages.postage import Postage, request_postage_error, template_postage_error

IN_REQUESTS = "invalid. It must be either first, second or economy."
IN_TEMPLATES = "invalid. It must be first, second, economy, europe or rest-of-world."


@pytest.mark.parametrize("value", ["first", "second", "economy", None, 1])
def test_requests_may_ask_for_postage_within_the_country(value):
    assert request_postage_error(value) is None


@pytest.mark.parametrize("value", ["europe", "rest-of-world", "First", "", "1"])
def test_requests_may_ask_for_nothing_else(value):
    assert request_postage_error(value) == IN_REQUESTS


@pytest.mark.parametrize("value", [*Postage, None])
def test_templates_may_have_any_postage(value):
    assert template_postage_error(value) is None


@pytest.mark.parametrize("value", ["", "Europe", "airmail"])
def test_templates_may_have_no_other(value):
    assert template_postage_error(value) == IN_TEMPLATES
