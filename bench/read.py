"""`make bench-read`: pages of 250 notifications a second, beside the ceiling measured in the same run."""

import os
import statistics

import psycopg

from bench.figures import figure
from bench.load import Result, request, run
from bench.product import SERVICE_ID, SMS_TEMPLATE_ID, database, running, token

ROUNDS = 3
SECONDS = 5.0
CONNECTIONS = 8
ROWS = 50_000
PORT, CEILING_PORT = 16023, 16024

_FILL = """
insert into notification (id, created_at, service_id, channel, key_type, template_id, template_version, recipient,
    personalisation, reference, status, sender, phone_prefix, rate_multiplier, billable_units, sent_at, updated_at)
select gen_random_uuid(), now() - n * interval '1 second', %s, 'sms', 'normal', %s, 1, '07700900123',
    json_build_object('name', 'Jo ' || n, 'thing', 'passport', 'date', '3 June'), 'r' || n, 'delivered', 'BENCH', '44',
    1, 1, now(), now()
from generate_series(1, %s) as n
"""


def measure(port: int, seconds: float = SECONDS) -> Result:
    result = run(port, [request("GET", "/v2/notifications", token())], CONNECTIONS, seconds)
    if set(result.statuses) != {200}:
        raise SystemExit(f"not every answer was a 200: {result.statuses}")
    return result


def main() -> None:
    print(
        f"{os.cpu_count()} cores, shared by load generator, 2 API processes and PostgreSQL; {ROWS:,} texts stored"
    )
    ours: list[Result] = []
    ceilings: list[Result] = []
    with (
        database() as (url, folder),
        running(["pillarbox", "serve", "--port", str(PORT), "--workers", "2"], url, folder, PORT),
        running(["bench.ceiling", str(CEILING_PORT), "2"], url, folder, CEILING_PORT),
    ):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(_FILL, [SERVICE_ID, SMS_TEMPLATE_ID, ROWS])
            connection.execute("vacuum analyze notification")
        measure(PORT, 2)
        measure(CEILING_PORT, 2)
        for number in range(ROUNDS):
            ceilings.append(measure(CEILING_PORT))
            ours.append(measure(PORT))
            print(f"round {number + 1}: ceiling {ceilings[-1].rate:,.0f}/s, pages {ours[-1].rate:,.0f}/s")
    best = statistics.median(result.rate for result in ceilings)
    figure("pages_of_250", statistics.median(r.rate for r in ours), "1/s", best)
    figure("pages_of_250_p99", statistics.median(r.percentile(99) for r in ours), "ms")


if __name__ == "__main__":
    main()
