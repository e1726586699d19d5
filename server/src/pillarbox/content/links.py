"""Links: targets of links in HTML, bare addresses in plain text, and names that must not become links."""

import re
from urllib.parse import quote

_SCHEME = re.compile(r"(?:ftp|file|https?|mailto|tel):", re.IGNORECASE)

# Email programs make a link of "GOV.UK" on its own; a zero-width space after the dot keeps them from it. The
# pattern starts with the dot and looks back, since dots are few.
_BARE_GOVUK = re.compile(
    r"\.(?=UK(?![/?#]))(?<=GOV\.)(?:(?<!\SGOV\.)|(?<=[#*^]GOV\.)(?<!\S[#*^]GOV\.))", re.IGNORECASE
)

# A name with dots, its last label of letters only, then perhaps a path; never next to an @.
_ADDRESS = re.compile(
    r"(?<![\w@.-])(?:https?://)?(?![\w.-]++@)(?:[\w-]++\.)+[a-z]{2,63}(?![\w@])(?P<path>[/?#][^\s<>]*+)?",
    re.IGNORECASE,
)
_NOT_LAST_IN_PATH = ".,:;!?'\""


def link_target(target: str) -> str:
    """The value of an ``href``: percent-encoded, and with a scheme.

    Args:
        target: a link's target as it is written, escaped for HTML.

    Contract: content rules, section 6, "HTML".
    """
    if not _SCHEME.match(target):
        target = f"http://{target}"
    return quote(target, safe=":/?#=&;%")


def unlink_govuk(text: str) -> str:
    """Break the bare name GOV.UK with a character nobody sees, so that no program makes a link of it."""
    return _BARE_GOVUK.sub(".\u200b", text)


def link_addresses(text: str) -> str:
    """Make links of the web addresses in a text, with or without a scheme.

    Args:
        text: HTML without links. Addresses need a name that ends in a label of letters; those with a port or
            with a user's name are left as they are.
    """
    return _ADDRESS.sub(_linked, text)


def _linked(address: re.Match[str]) -> str:
    path, rest = _without_punctuation(address["path"] or "")
    shown = address[0][: address.start("path") - address.start()] + path if path or rest else address[0]
    return f'<a href="{link_target(shown)}">{shown}</a>{rest}'


def _without_punctuation(path: str) -> tuple[str, str]:
    """The path, and what at its end belongs to the sentence: punctuation, and brackets opened before it."""
    surplus = path.count(")") - path.count("(")
    end = len(path)
    while end and (path[end - 1] in _NOT_LAST_IN_PATH or (path[end - 1] == ")" and surplus > 0)):
        surplus -= path[end - 1] == ")"
        end -= 1
    return path[:end], path[end:]
