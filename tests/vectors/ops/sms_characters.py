"""How the recorded cases for single characters are asked of `content.characters`."""

from typing import Any

from pillarbox.content.characters import replaced_by_question_mark, to_ascii, to_gsm
from tests.vectors.cases import Op


def _sanitise(given: dict[str, Any]) -> dict[str, Any]:
    text = given["text"]
    return {"sms": to_gsm(text), "ascii": to_ascii(text), "non_gsm": replaced_by_question_mark(text)}


OPS: dict[str, Op] = {"sanitise": _sanitise}
