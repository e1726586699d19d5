"""`make vectors DIR=…`: passes by file, and what differs."""

import sys
from collections import Counter
from pathlib import Path

from tests.vectors.cases import DATA, difference, read


def main(folder: Path) -> int:
    passed: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for case in read(folder):
        total[case.topic] += 1
        found = difference(case)
        passed[case.topic] += found is None
        if found is not None:
            print(f"{case.id} ({case.op}, {case.why}): {found}")
    for topic in total:
        print(f"{topic:24} {passed[topic]:5} of {total[topic]}")
    print(f"{'all':24} {passed.total():5} of {total.total()}")
    return 0 if total and passed == total else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA))
