import pytest

from pillarbox.messages.file_types import FILE_TYPES, by_extension, by_mime_type, unsupported_message


@pytest.mark.parametrize("kind", FILE_TYPES, ids=lambda kind: kind.extension)
def test_each_type_is_found_by_its_extension_in_any_case(kind):
    assert by_extension(kind.extension) == by_extension(kind.extension.upper()) == kind
    assert by_mime_type(kind.mime_type).mime_type == kind.mime_type


@pytest.mark.parametrize(
    ("mime_type", "extension"),
    [
        ("image/jpeg", "jpeg"),
        ("application/rtf", "rtf"),
        ("text/rtf", "rtf"),
        ("text/csv", "csv"),
        ("text/plain", "txt"),
        ("application/pdf", "pdf"),
    ],
)
def test_each_media_type_has_one_usual_extension(mime_type, extension):
    assert by_mime_type(mime_type).extension == extension


@pytest.mark.parametrize("extension", ["", "exe", ".pdf", "pdf ", "html"])
def test_other_extensions_are_not_supported(extension):
    assert by_extension(extension) is None


@pytest.mark.parametrize("mime_type", ["", "text/html", "TEXT/CSV", "application/zip"])
def test_other_media_types_are_not_supported(mime_type):
    assert by_mime_type(mime_type) is None


def test_callers_are_told_what_is_supported():
    assert unsupported_message("text/html") == (
        "Unsupported file type 'text/html'. Supported types are: '.csv', '.doc', '.docx', '.jpeg', '.jpg', "
        "'.json', '.odt', '.pdf', '.png', '.rtf', '.txt', '.xlsx'"
    )
