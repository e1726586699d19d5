"""How long content and recipients take: `python -m bench.content`.

Every case goes through a ring of different inputs, so that nothing is measured that a cache remembers.
Spreadsheets are read in processes of their own, on Linux, since memory counts too.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from statistics import median

from bench.measuring import Figure, Timing, setting, timing
from bench.spreadsheet import TEMPLATE, write_example
from pillarbox.content.emails import EmailTemplate
from pillarbox.content.placeholders import Personalisation
from pillarbox.content.texts import TextTemplate
from pillarbox.recipients.phone_numbers import PhoneNumber
from pillarbox.recipients.postal_addresses import PostalAddress

Operation = Callable[[], object]

NAMES = ["Ada Lovelace", "Bob", "Siân Ŵyn", "Cora O’Neil"]
# Signs that may change the look of the text around them, so that all of it is read again.
NAMES_THAT_MAY_MEAN_SOMETHING = ["Cora 'O' Neil", "Bob (Jr.)", "S. & Ŵyn", "A. - Isha"]

# As services write them: headings, lists, links, a rule, an inset and quotes.
EMAIL = Path(__file__).with_name("email_of_300_words.md").read_text(encoding="utf-8")


def text_rendered_and_counted() -> Operation:
    template = TextTemplate(TEMPLATE)
    ring = cycle({"first_name": name, "date": "1 March 2026", "Place": "Town Hall"} for name in NAMES)

    def operation() -> object:
        message = template.render(Personalisation(next(ring)), "Ministry of Fun")
        return message.content, message.body, message.fragments, message.is_empty, message.is_too_long

    return operation


def email_as_html() -> Operation:
    template, ring = _emails(NAMES)
    return lambda: template.html(Personalisation(next(ring)))


def email_as_plain_text() -> Operation:
    template, ring = _emails(NAMES)
    return lambda: template.plain(Personalisation(next(ring)))


def email_read_anew_as_html() -> Operation:
    template, ring = _emails(NAMES_THAT_MAY_MEAN_SOMETHING)
    return lambda: template.html(Personalisation(next(ring)))


def email_read_anew_as_plain_text() -> Operation:
    template, ring = _emails(NAMES_THAT_MAY_MEAN_SOMETHING)
    return lambda: template.plain(Personalisation(next(ring)))


def _emails(names: list[str]) -> tuple[EmailTemplate, Iterator[dict[str, object]]]:
    values = {"date": "1 March 2026", "place": "Town Hall", "parking": True}
    ring = cycle([{**values, "first name": name, "reference": f"AB{n}"} for n, name in enumerate(names)])
    return EmailTemplate("Your appointment on ((date))", EMAIL), ring


def uk_mobile_number() -> Operation:
    return _number([f"07700 900{n:03}" for n in range(997)] + [f"+44 7911 {n:06}" for n in range(997)])


def foreign_number() -> Operation:
    return _number(
        [f"+33 6 12 34 {n // 100:02} {n % 100:02}" for n in range(997)]
        + [f"+1 202 555 {n:04}" for n in range(997)]
        + [f"+4915123{n:06}" for n in range(997)]
    )


def _number(typed: list[str]) -> Operation:
    ring = cycle(typed)

    def operation() -> object:
        number = PhoneNumber.parse(next(ring))
        number.check_permissions(international_sms=True, landlines=False)
        return number.normalised, number.international, number.rate_multiplier, number.simulated

    return operation


def postal_address() -> Operation:
    ring = cycle(f"A. Person\n{n} High Street\nSmall Town\nBigshire\nsw1a {n % 10}aa" for n in range(1000))
    typed = [next(ring) for _ in range(1000)]
    ring = cycle(typed)

    def operation() -> object:
        address = PostalAddress.parse(next(ring))
        return address.normalised_lines, address.error(international_letters=True)

    return operation


CASES: list[tuple[str, Callable[[], Operation], float]] = [
    ("text with three placeholders rendered and counted", text_rendered_and_counted, 15),
    ("email of 300 words as HTML", email_as_html, 300),
    ("email of 300 words as plain text", email_as_plain_text, 150),
    ("email of 300 words read anew as HTML", email_read_anew_as_html, 300),
    ("email of 300 words read anew as plain text", email_read_anew_as_plain_text, 150),
    ("UK mobile number checked", uk_mobile_number, 15),
    ("foreign number checked", foreign_number, 30),
    ("postal address checked", postal_address, 15),
]


SPREADSHEET = [
    ("CSV of 100,000 texts read and checked", "seconds", "s", 3),
    ("CSV of 100,000 texts, memory above that of the start", "megabytes", "MB", 60),
]


def measure() -> Iterator[Figure]:
    for name, case, aim in CASES:
        spent = timing(case())
        _say(name, spent, aim)
        yield Figure(name, spent.minimum, "µs", aim)
    yield from spreadsheet_of_texts()


def spreadsheet_of_texts(readings: int = 3) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "texts.csv")
        write_example(path)
        read = [_read_in_a_process(path) for _ in range(readings)]
    for name, key, unit, aim in SPREADSHEET:
        values = [reading[key] for reading in read]
        print(
            f"{name:52} minimum {min(values):8.2f} {unit}    median {median(values):8.2f} {unit}    aim {aim} {unit}"
        )
        # Time is disturbed by other work, so the least counts; memory is not, so the most does.
        yield Figure(name, min(values) if key == "seconds" else max(values), unit, aim)


def _read_in_a_process(path: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.spreadsheet", str(path)]
    answer: dict[str, float] = json.loads(subprocess.check_output(command))
    return answer


def _say(name: str, spent: Timing, aim: float) -> None:
    print(f"{name:52} minimum {spent.minimum:8.2f} µs   median {spent.median:8.2f} µs   aim {aim:g} µs")


def main() -> None:
    print(setting())
    figures = list(measure())
    for figure in figures:
        print(figure.line())


if __name__ == "__main__":
    main()
