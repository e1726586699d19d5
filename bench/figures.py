"""Figures as benchmarks end with them: one line of JSON each."""

import json


def figure(name: str, value: float, unit: str, ceiling: float | None = None) -> None:
    """Print a figure; with a ceiling measured in the same run, also their ratio."""
    ratio = round(value / ceiling, 3) if ceiling else None
    line = {
        "name": name,
        "value": round(value, 2),
        "unit": unit,
        "ceiling": ceiling and round(ceiling, 1),
        "ratio": ratio,
    }
    print(json.dumps(line))
