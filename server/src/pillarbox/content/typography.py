"""Typography: curly quotes, en dashes and the spaces before punctuation, in plain text and in HTML.

Which quotes open and which close follows the customs of SmartyPants, oddities included: callers see its results
today. Contract: content rules, section 6, "Typography".
"""

import re

from pillarbox.content.characters import tidy_punctuation

_TAG = re.compile(r"(<[^>]*>)")
_TAG_LEFT_ALONE = re.compile(r"<(/?)(pre|samp|code|tt|kbd|script|style|math|a)[^>]*>", re.IGNORECASE)
_COMMENT_END = re.compile(r"--\s*>")
# These start with what is rare and look back from there, so that the search leaps to it.
_SPACED_HYPHENS = re.compile(r"-(?<=\s-)-{0,2}\s")
_SPACED_DASHES = re.compile(r"[-–—](?<=\s[-–—])[-–—]{0,2}\s")
_WORD_WITH_AT_SIGN = re.compile(r"(?<!\S)[^\s@]*+@\S*")
_STRAIGHT = str.maketrans("‘’“”", "''\"\"")

_ESCAPED = re.compile(r"\\([\\\"'.\-`])")
_CURLY_ENTITY = re.compile(r"&#(8211|8212|8216|8217|8220|8221|8230);")

# Every pattern starts with its quote and looks back from there, for the same reason.
_PUNCTUATION = r"[!\"#$%'()*+,\-./:;<=>?@\[\\\]^_`{|}~]"
_OPENS = r"(?:(?<=\s{0})|(?<=&nbsp;{0})|(?<=--{0})|(?<=&[mn]dash;{0})|(?<=&&#x201[34];{0}))(?=\w)"
_OPENS_SINGLE = re.compile("'" + _OPENS.format("'"))
_OPENS_DOUBLE = re.compile('"' + _OPENS.format('"'))
_FIRST_SINGLE = re.compile(rf"'(?={_PUNCTUATION}\\B)")
_FIRST_DOUBLE = re.compile(rf"\"(?={_PUNCTUATION})")
_DOUBLE_SINGLE = re.compile(r"\"'(?=\w)")
_SINGLE_DOUBLE = re.compile(r"'\"(?=\w)")
_DECADE = re.compile(r"'(?<=\w')(?=\d{2}s)")
# The apostrophes of nearly all texts: such a quote closes whatever else there is.
_WITHIN_WORD = re.compile(r"'(?<=[A-Za-z]')(?=[A-Za-z])(?!s\b)")
_BEFORE_SPACE = re.compile(r"\"(?=\s)")

# Quotes that close if what is before them allows it. The group ends where the search goes on.
_SINGLE_WITHIN = re.compile(r"'()(?!\s|s\b|\d)")
_SINGLE_AT_END = re.compile(r"'(?=(\s|s\b))")
_DOUBLE = re.compile(r"\"()")
_NEVER_BEFORE_CLOSING = " \t\r\n[{(-"


def set_typography(text: str, *, tags: bool = True) -> str:
    """Make a text look typeset: ``It's "so" - now .`` becomes ``It’s “so” – now.`` with curly quotes and a dash.

    Args:
        text: plain text or HTML. A word that holds an ``@`` keeps its straight quotes.
        tags: whether ``<`` begins a tag. Tags, and what stands in links and in code, keep their quotes too.
    """
    text = tidy_punctuation(text)
    text = _curly(text) if tags else _curly_piece(text, "")
    if "@" in text:
        text = _WORD_WITH_AT_SIGN.sub(_straight, text)
    return _with_spaced_dashes(text)


def _with_spaced_dashes(text: str) -> str:
    pattern = _SPACED_DASHES if "–" in text or "—" in text else _SPACED_HYPHENS
    pieces: list[str] = []
    end = 0
    for dashes in pattern.finditer(text):
        space = dashes.start() - 1
        # One space cannot stand on both sides of it for two dashes.
        if space >= end:
            pieces += text[end:space], " – "
            end = dashes.end()
    return "".join([*pieces, text[end:]])


def _straight(word: re.Match[str]) -> str:
    return word[0].translate(_STRAIGHT)


def _curly(text: str) -> str:
    if not _has_quotes(text):
        return text
    pieces = _split_at_tags(text)
    left_alone: list[str] = []
    before = ""
    for number, piece in enumerate(pieces):
        if number % 2:
            name = _TAG_LEFT_ALONE.match(piece)
            if name:
                _enter_or_leave(name, left_alone)
        elif piece:
            if not left_alone and _has_quotes(piece):
                pieces[number] = _curly_piece(piece, before)
            before = piece[-1]
    return "".join(pieces)


def _has_quotes(text: str) -> bool:
    return "'" in text or '"' in text or "\\" in text or "&#8" in text


def _split_at_tags(text: str) -> list[str]:
    """Text and tags in turn, starting and ending with text that may be empty.

    A tag is from ``<`` to the next ``>``, whatever it holds. A comment that is not well formed makes the rest
    of the text be no HTML at all.
    """
    if "<!--" not in text and text.rfind(">") > text.rfind("<"):
        return _TAG.split(text)
    pieces: list[str] = []
    position = 0
    while (start := text.find("<", position)) >= 0:
        end = _end_of_tag(text, start)
        if end < 0:
            break
        pieces += text[position:start], text[start:end]
        position = end
    return [*pieces, text[position:]]


def _end_of_tag(text: str, start: int) -> int:
    if text.startswith("<!--", start):
        dashes = text.find("--", start + 4)
        if dashes >= 0:
            end = _COMMENT_END.match(text, dashes)
            return end.end() if end else -1
    end_of_tag = text.find(">", start)
    return end_of_tag + 1 if end_of_tag >= 0 else -1


def _enter_or_leave(name: re.Match[str], left_alone: list[str]) -> None:
    if not name[1]:
        left_alone.append(name[2].lower())
    elif left_alone and left_alone[-1] == name[2].lower():
        left_alone.pop()


def _curly_piece(piece: str, before: str) -> str:
    if not _has_quotes(piece):
        return piece
    if "\\" in piece:
        piece = _ESCAPED.sub(_entity, piece)
    if piece in ("'", '"'):
        # A quote that stands alone between two tags closes if there was something before it.
        closing, opening = ("’", "‘") if piece == "'" else ("”", "“")
        return closing if before.strip() else opening
    if "'" in piece:
        piece = _WITHIN_WORD.sub("’", piece)
    if "'" in piece:
        piece = _curly_single(piece)
    if '"' in piece:
        piece = _curly_double(piece)
    return _CURLY_ENTITY.sub(_character, piece) if "&" in piece else piece


def _curly_single(piece: str) -> str:
    if _FIRST_SINGLE.match(piece):
        piece = "’" + piece[1:]
    if '"' in piece:
        piece = _SINGLE_DOUBLE.sub("‘“", _DOUBLE_SINGLE.sub("“‘", piece))
    piece = _OPENS_SINGLE.sub("‘", _DECADE.sub("’", piece))
    piece = _closed(_closed(piece, _SINGLE_WITHIN, "’"), _SINGLE_AT_END, "’")
    return piece.replace("'", "‘")


def _curly_double(piece: str) -> str:
    piece = _BEFORE_SPACE.sub("”", _OPENS_DOUBLE.sub("“", piece))
    if _FIRST_DOUBLE.match(piece):
        piece = "”" + piece[1:]
    return _closed(piece, _DOUBLE, "”").replace('"', "“")


def _closed(piece: str, quotes: re.Pattern[str], closing: str) -> str:
    pieces: list[str] = []
    end = free = 0
    for quote in quotes.finditer(piece):
        start = quote.start()
        # A character closes one quote only, so of two quotes in a row the second stays for another rule.
        if start > free and piece[start - 1] not in _NEVER_BEFORE_CLOSING:
            pieces += piece[end:start], closing
            end, free = start + 1, quote.end(1)
    return "".join([*pieces, piece[end:]])


def _entity(escaped: re.Match[str]) -> str:
    return f"&#{ord(escaped[1])};"


def _character(entity: re.Match[str]) -> str:
    return chr(int(entity[1]))
