"""How the recorded cases for dates are asked of `messages`. Recorded moments without a zone are in UTC."""

from datetime import UTC, date, datetime
from typing import Any

from pillarbox.messages import daily_limits, letter_times, london, print_files
from tests.vectors.cases import Op


def _utc(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _iso(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat()


def _timings(given: dict[str, Any]) -> dict[str, str]:
    times = letter_times.letter_times(_utc(given["created_at"]), given["postage"])
    return {
        "printed_by": london.api_time(times.printed_by),
        "earliest_delivery": london.api_time(times.earliest_delivery),
        "estimated_delivery": london.api_time(times.latest_delivery),
    }


def _file_name(given: dict[str, Any]) -> str:
    created_at = _utc(given["created_at"])
    folder = "" if given["ignore_folder"] else print_files.folder(created_at)
    return folder + print_files.file_name(given["reference"], created_at, given["postage"])


OPS: dict[str, Op] = {
    "csv_report_time": lambda given: london.report_time(_utc(given["utc"])),
    "daily_limit_key": lambda given: daily_limits.daily_limit_key(
        "SERVICE", given["notification_type"], given["key_type"], _utc(given["now"])
    ),
    "financial_year": lambda given: [_iso(moment) for moment in london.financial_year(given["year"])],
    "financial_year_of": lambda given: london.financial_year_of(_utc(given["utc"])),
    "letter_can_be_cancelled": lambda given: letter_times.can_be_cancelled(
        given["status"], _utc(given["created_at"]), _utc(given["now"])
    ),
    "letter_filename": _file_name,
    "letter_folder": lambda given: print_files.folder(_utc(given["created_at"])),
    "letter_print_day_text": lambda given: letter_times.print_day_text(
        _utc(given["created_at"]), _utc(given["now"])
    ),
    "letter_sheets": lambda given: print_files.sheets(given["page_count"]),
    "letter_timings": _timings,
    "london_midnight_in_utc": lambda given: _iso(london.midnight(date.fromisoformat(given["date"]))),
    "london_to_utc": lambda given: _iso(london.from_london(datetime.fromisoformat(given["london"]))),
    "midnight_n_days_ago": lambda given: _iso(london.midnight_days_ago(_utc(given["now"]), given["days"])),
    "utc_to_london": lambda given: _iso(london.to_london(_utc(given["utc"]))),
}
