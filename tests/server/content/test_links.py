import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillarbox.content.links import link_addresses, link_target, unlink_govuk
from tests.support.linear_time import assert_linear


@pytest.mark.parametrize(
    ("target", "href"),
    [
        ("https://a.b/c?d=e&amp;f#g", "https://a.b/c?d=e&amp;f#g"),
        ("HTTPS://A.B", "HTTPS://A.B"),
        ("mailto:a@b.c", "mailto:a%40b.c"),
        ("tel:+44", "tel:%2B44"),
        ("a.b/c d", "http://a.b/c%20d"),
        ("javascript:alert(1)", "http://javascript:alert%281%29"),
        ("data:text/html,x", "http://data:text/html%2Cx"),
        ("https://a.b/é", "https://a.b/%C3%A9"),
        ("https://a.b/%20", "https://a.b/%20"),
        ("https://a.b/\"'", "https://a.b/%22%27"),
        ("", "http://"),
    ],
)
def test_targets_are_encoded_and_get_a_scheme_that_does_no_harm(target, href):
    assert link_target(target) == href


@given(st.text(st.characters(codec="utf-8")))
def test_no_target_can_leave_its_attribute(target):
    assert not set(link_target(target)) & set("\"'<> \n")


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("GOV.UK, gov.uk", "GOV.|UK, gov.|uk"),
        ("# Gov.uk\n*GOV.UK #GOV.UK ^GOV.UK", "# Gov.|uk\n*GOV.|UK #GOV.|UK ^GOV.|UK"),
        ("gov.uk/a gov.uk?a gov.uk#a", "gov.uk/a gov.uk?a gov.uk#a"),
        ("(gov.uk) www.gov.uk **gov.uk gov .uk", "(gov.uk) www.gov.uk **gov.uk gov .uk"),
    ],
)
def test_the_bare_name_of_the_government_is_no_link(text, broken):
    assert unlink_govuk(text) == broken.replace("|", "\u200b")


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("See example.com.", 'See <a href="http://example.com">example.com</a>.'),
        ("(https://a.com/b_(c)).", '(<a href="https://a.com/b_%28c%29">https://a.com/b_(c)</a>).'),
        ("a.com:8080/b", '<a href="http://a.com">a.com</a>:8080/b'),
        ("a@b.com 1.2 e.g. https://localhost", "a@b.com 1.2 e.g. https://localhost"),
        ("https://user:word@a.com", "https://user:word@a.com"),
        *(
            (f"a.com/b{end} c", f'<a href="http://a.com/b">a.com/b</a>{end} c')
            for end in [".", ",", ":", ";", "!", "?", "'", '"', ").", "..."]
        ),
    ],
)
def test_addresses_in_a_text_become_links(text, linked):
    assert link_addresses(text) == linked


@pytest.mark.parametrize(
    "pattern", ["a", "a.", "a.b", "http://", "a.com/", "a.com/((", "@", "-", ")", "gov.uk ", "."]
)
def test_time_grows_with_length_and_not_faster(pattern):
    assert_linear(lambda text: (link_addresses(text), unlink_govuk(text)), pattern, 50_000)
