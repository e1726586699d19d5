"""Schemas of requests: whatever JSON comes, the answer is the contract's, in its order."""

import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillarbox.api import schemas
from pillarbox.api.errors import ApiError
from pillarbox.api.schemas import ObjectSchema

FORMS = {
    name: form for name, form in vars(schemas).items() if isinstance(form, ObjectSchema) and name.isupper()
}
TEMPLATE = "b7efd567-6510-4b8e-ada0-3285d5a24b89"
_NAMES = sorted({name for form in FORMS.values() for name in form.names})

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(_NAMES) | st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
_OBJECTS = st.dictionaries(st.sampled_from(_NAMES) | st.text(max_size=8), JSON, max_size=8)


def messages(form: ObjectSchema, value: object) -> tuple[str, ...]:
    """What is wrong with a value."""
    try:
        form.read(value)
    except ApiError as error:
        return (
            error.messages if (error.status, error.error) == (400, "ValidationError") else ("another error",)
        )
    return ()


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@given(value=JSON | _OBJECTS)
def test_any_json_is_read_or_refused_in_the_contracts_words(form, value) -> None:
    wrong = messages(form, value)
    assert len(set(wrong)) == len(wrong)
    assert not any("'" in message for message in wrong)
    if isinstance(value, dict):
        missing = [p.name for p in form.properties if p.required and p.name not in value]
        assert [m for m in wrong if m.endswith(" is a required property")] == [
            f"{name} is a required property" for name in missing
        ]


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@given(value=_OBJECTS)
def test_messages_come_property_by_property_then_missing_then_unexpected(form, value) -> None:
    order = [p.name for p in form.properties]
    wrong = list(messages(form, value))
    unexpected = [m for m in wrong if m.startswith("Additional properties are not allowed (")]
    missing = [m for m in wrong if m.endswith(" is a required property")]
    assert wrong[len(wrong) - len(unexpected) :] == unexpected
    middle = wrong[len(wrong) - len(unexpected) - len(missing) : len(wrong) - len(unexpected)]
    assert middle == missing
    named = [m.split(" ", 1)[0] for m in wrong[: len(wrong) - len(unexpected) - len(missing)]]
    assert [order.index(name) for name in named] == sorted(order.index(name) for name in named)


TABLE: list[tuple[ObjectSchema, Any, list[str]]] = [
    (schemas.SMS, {}, ["phone_number is a required property", "template_id is a required property"]),
    (schemas.SMS, [1], ["[1] is not of type object"]),
    (schemas.SMS, "abc", ["abc is not of type object"]),
    (schemas.SMS, 5, ["5 is not of type object"]),
    (
        schemas.SMS,
        {"zeta": 1, "alpha": 2, "reference": 5, "template_id": "x", "personalisation": "not_a_dict"},
        [
            "reference 5 is not of type string",
            "template_id is not a valid UUID",
            "personalisation not_a_dict is not of type object",
            "phone_number is a required property",
            "Additional properties are not allowed (alpha, zeta were unexpected)",
        ],
    ),
    (
        schemas.SMS,
        {"phone_number": None, "template_id": TEMPLATE, "scheduled_for": 5, "foo": 1},
        [
            "phone_number None is not of type string",
            "scheduled_for 5 is not of type string, null",
            "Additional properties are not allowed (foo was unexpected)",
        ],
    ),
    (
        schemas.EMAIL,
        {
            "email_address": "x",
            "template_id": TEMPLATE,
            "one_click_unsubscribe_url": "HTTPS://a.b",
            "sanitise_content_for": "x",
        },
        [
            "email_address Not a valid email address",
            "one_click_unsubscribe_url is not a valid https url",
            "sanitise_content_for x is not of type array, null",
        ],
    ),
    (
        schemas.LETTER,
        {"postage": "first"},
        [
            "template_id is a required property",
            "personalisation is a required property",
            "Additional properties are not allowed (postage was unexpected)",
        ],
    ),
]


@pytest.mark.parametrize(("form", "value", "expected"), TABLE)
def test_messages_of_the_contract(form, value, expected) -> None:
    assert list(messages(form, value)) == expected


@pytest.mark.parametrize("falsy", [None, [], "", 0, False, {}])
def test_what_is_nothing_is_read_as_an_empty_object(falsy) -> None:
    assert messages(schemas.SMS, falsy) == messages(schemas.SMS, {})


@pytest.mark.parametrize(
    "written", [TEMPLATE.upper(), TEMPLATE.replace("-", ""), f"{{{TEMPLATE}}}", f"urn:uuid:{TEMPLATE}"]
)
def test_ids_may_be_written_as_people_write_them(written) -> None:
    assert schemas.PREVIEW.read({"id": written})["id"] == uuid.UUID(TEMPLATE)


@pytest.mark.parametrize("written", [f" {TEMPLATE}", f"{TEMPLATE}\n", "x" * 36, "", TEMPLATE + "\0"])
def test_other_texts_are_no_ids(written) -> None:
    assert messages(schemas.PREVIEW, {"id": written}) == ("id is not a valid UUID",)


@given(st.text(max_size=60))
def test_the_json_schema_is_no_stricter_than_the_check(text) -> None:
    """What passes the check must be allowed by what the OpenAPI document says."""
    form = schemas.EMAIL
    value = {"email_address": "jo@example.com", "template_id": TEMPLATE, "reference": text}
    assert messages(form, value) == ()
    assert form.schema["required"] == ["email_address", "template_id"]
    assert len(text) <= form.schema["properties"]["reference"]["maxLength"]
