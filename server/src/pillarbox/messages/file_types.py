"""The types of file that can be sent by email."""

from dataclasses import dataclass

_OFFICE = "application/vnd.openxmlformats-officedocument"


@dataclass(frozen=True, slots=True)
class FileType:
    """One type of file."""

    extension: str
    mime_type: str
    description: str
    """What people are told they will download."""


FILE_TYPES = (
    FileType("csv", "text/csv", "CSV file"),
    FileType("doc", "application/msword", "Microsoft Word document"),
    FileType("docx", f"{_OFFICE}.wordprocessingml.document", "Microsoft Word document"),
    FileType("jpeg", "image/jpeg", "JPEG file"),
    FileType("jpg", "image/jpeg", "JPEG file"),
    FileType("json", "application/json", "JSON file"),
    FileType("odt", "application/vnd.oasis.opendocument.text", "text file"),
    FileType("pdf", "application/pdf", "PDF"),
    FileType("png", "image/png", "PNG file"),
    FileType("rtf", "application/rtf", "text file"),
    FileType("txt", "text/plain", "text file"),
    FileType("xlsx", f"{_OFFICE}.spreadsheetml.sheet", "Microsoft Excel spreadsheet"),
)

_BY_EXTENSION = {kind.extension: kind for kind in FILE_TYPES}
# Of two extensions with one type the first is the usual one; rich text has a second type.
_BY_MIME_TYPE = {kind.mime_type: kind for kind in reversed(FILE_TYPES)} | {"text/rtf": _BY_EXTENSION["rtf"]}
_SUPPORTED = ", ".join(f"'.{kind.extension}'" for kind in FILE_TYPES)


def by_extension(extension: str) -> FileType | None:
    """The type for an extension, without its full stop and in any case; None if not supported."""
    return _BY_EXTENSION.get(extension.lower())


def by_mime_type(mime_type: str) -> FileType | None:
    """The type for a media type in lower case; None if not supported."""
    return _BY_MIME_TYPE.get(mime_type)


def unsupported_message(found: str) -> str:
    """What a caller is told about a type, or an extension with its full stop, that is not supported."""
    return f"Unsupported file type '{found}'. Supported types are: {_SUPPORTED}"
