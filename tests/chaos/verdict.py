"""What a storm has shown: figures, and whatever contradicts the promises."""

from dataclasses import dataclass, field

from tests.chaos.evidence import Line


@dataclass
class Verdict:
    """Figures in the order in which they are shown, and complaints."""

    figures: dict[str, int] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)

    def figure(self, name: str, number: int) -> None:
        """Show a number."""
        self.figures[name] = number

    def wrong(self, message: Line | str, what: str) -> None:
        """Complain about a message."""
        name = (
            message
            if isinstance(message, str)
            else f"{message['channel']} {message['id']} {message['token']}"
        )
        self.complaints.append(f"{name}: {what}")

    def table(self) -> str:
        """For people."""
        width = max(map(len, self.figures))
        rows = [f"  {name:<{width}}  {number:>7,}" for name, number in self.figures.items()]
        return "\n".join([*rows, *(f"  WRONG: {one}" for one in self.complaints[:50])])
