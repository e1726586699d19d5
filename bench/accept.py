"""`make bench-accept`: accepted texts a second, beside the ceiling measured in the same run."""

import json
import os
import statistics

from bench.figures import figure
from bench.load import Result, request, run
from bench.product import SMS_TEMPLATE_ID, database, running, token

ROUNDS = 3
SECONDS = 6.0
CONNECTIONS = 64
PORT, CEILING_PORT = 16021, 16022


def texts() -> list[bytes]:
    """A thousand different requests, with a token that is good for the next seconds."""
    signed = token()
    return [request("POST", "/v2/notifications/sms", signed, _body(n)) for n in range(1000)]


def _body(n: int) -> bytes:
    personalisation = {"name": f"Jo {n}", "thing": "passport", "date": "3 June"}
    form = {
        "phone_number": f"0770090{1000 + n}",  # none that is accepted and dropped
        "template_id": str(SMS_TEMPLATE_ID),
        "personalisation": personalisation,
        "reference": f"r{n}",
    }
    return json.dumps(form).encode()


def measure(port: int, connections: int, seconds: float = SECONDS) -> Result:
    result = run(port, texts(), connections, seconds)
    if set(result.statuses) != {201}:
        raise SystemExit(f"not every answer was a 201: {result.statuses}")
    return result


def main() -> None:
    print(
        f"{os.cpu_count()} cores, shared by load generator, 2 API processes and PostgreSQL (durable commits)"
    )
    ours: list[Result] = []
    ceilings: list[Result] = []
    with (
        database() as (url, folder),
        running(["pillarbox", "serve", "--port", str(PORT), "--workers", "2"], url, folder, PORT),
        running(["bench.ceiling", str(CEILING_PORT), "2"], url, folder, CEILING_PORT),
    ):
        measure(PORT, CONNECTIONS, 2)
        measure(CEILING_PORT, CONNECTIONS, 2)
        for number in range(ROUNDS):
            ceilings.append(measure(CEILING_PORT, CONNECTIONS))
            ours.append(measure(PORT, CONNECTIONS))
            print(f"round {number + 1}: ceiling {ceilings[-1].rate:,.0f}/s, accepted {ours[-1].rate:,.0f}/s")
        alone = measure(PORT, 1)
        alone_ceiling = measure(CEILING_PORT, 1)
    best = statistics.median(result.rate for result in ceilings)
    figure("accept_texts_64_connections", statistics.median(r.rate for r in ours), "1/s", best)
    for percent in (50, 99):
        within, at_best = (
            statistics.median(r.percentile(percent) for r in them) for them in (ours, ceilings)
        )
        figure(f"accept_texts_p{percent}", within, "ms", at_best)
    figure("accept_one_connection_p50", alone.percentile(50), "ms", alone_ceiling.percentile(50))


if __name__ == "__main__":
    main()
