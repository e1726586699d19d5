"""How long content and recipients take: `python -m bench.content`.

Every case goes through a ring of different inputs, so that nothing is measured that a cache remembers.
"""

from collections.abc import Callable, Iterator
from itertools import cycle

from bench.measuring import Figure, Timing, setting, timing
from pillarbox.content.placeholders import Personalisation
from pillarbox.content.texts import TextTemplate
from pillarbox.recipients.phone_numbers import PhoneNumber
from pillarbox.recipients.postal_addresses import PostalAddress

Operation = Callable[[], object]

NAMES = ["Ada Lovelace", "Bob", "Siân Ŵyn", "Cora O’Neil"]


def text_rendered_and_counted() -> Operation:
    template = TextTemplate(
        "Dear ((first name)), your appointment on ((date)) at ((place)) is booked. Please bring your papers, "
        "and come ten minutes early. Call 020 7946 0000 to change it."
    )
    ring = cycle({"first_name": name, "date": "1 March 2026", "Place": "Town Hall"} for name in NAMES)

    def operation() -> object:
        message = template.render(Personalisation(next(ring)), "Ministry of Fun")
        return message.content, message.body, message.fragments, message.is_empty, message.is_too_long

    return operation


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
    ("UK mobile number checked", uk_mobile_number, 15),
    ("foreign number checked", foreign_number, 30),
    ("postal address checked", postal_address, 15),
]


def measure() -> Iterator[Figure]:
    for name, case, aim in CASES:
        spent = timing(case())
        _say(name, spent, aim)
        yield Figure(name, spent.minimum, "µs", aim)


def _say(name: str, spent: Timing, aim: float) -> None:
    print(f"{name:52} minimum {spent.minimum:8.2f} µs   median {spent.median:8.2f} µs   aim {aim:g} µs")


def main() -> None:
    print(setting())
    figures = list(measure())
    for figure in figures:
        print(figure.line())


if __name__ == "__main__":
    main()
