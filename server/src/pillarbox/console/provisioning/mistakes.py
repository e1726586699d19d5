"""What is wrong with a provisioning file: collected, then reported all at once."""

from pillarbox.console.provisioning.places import Places


class ProvisioningError(Exception):
    """The file has mistakes; `mistakes` has a sentence for each, with its place. Nothing was changed."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class Mistakes:
    """Gathers mistakes, each as `file:line: path: what is wrong`.

    Args:
        name: the file's name, as people gave it; empty for a document that was made by a program.
        text: the file's text, in which lines are looked up.
    """

    def __init__(self, name: str = "", text: str = "") -> None:
        self._name = name
        self._places = Places(text)
        self._found: list[tuple[int, str]] = []

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(self, place: str, what: str) -> None:
        """Remember a mistake at a place such as `services[2].api_keys[0].secret`; the whole file is ``""``."""
        line = self._places.line(place) if self._name else 0
        where = f"{self._name}:{line}: " if self._name else ""
        self._found.append((line, f"{where}{place or 'the file'}: {what}"))

    def note(self, place: str, what: str | None) -> None:
        """Remember a mistake, if there is one."""
        if what is not None:
            self.add(place, what)

    def stop_if_any(self) -> None:
        """Report what was found, in the order of the file.

        Raises:
            ProvisioningError: if there is a mistake.
        """
        if self._found:
            ordered = sorted(self._found, key=lambda one: one[0])
            raise ProvisioningError([sentence for _, sentence in ordered])
