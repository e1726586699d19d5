"""Structured logs: one JSON object a line on standard error, or words on a terminal. Never a recipient or a secret."""

import logging
import sys

import msgspec
import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import Processor


def configure(level: str) -> None:
    """Set up logging for this process, for the libraries in it too, of which only warnings are of interest."""
    number = logging.getLevelNamesMapping()[level.upper()]
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    shape = _shape()
    structlog.configure(
        processors=[*before, shape],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,  # a line below the level must cost next to nothing
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=before, processors=[ProcessorFormatter.remove_processors_meta, shape]
        )
    )
    logging.basicConfig(handlers=[handler], level=max(number, logging.WARNING), force=True)


def _json(line: object, **_: object) -> str:
    return msgspec.json.encode(line, enc_hook=repr).decode()


def _shape() -> Processor:
    return (
        structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer(_json)
    )
