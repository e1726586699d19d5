"""Structured logs: one JSON object a line on standard error, or words on a terminal. Never a recipient or a secret."""

import logging
import sys
import traceback

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


def described(error: BaseException) -> dict[str, list[str]]:
    """Return the classes of an error and its causes, and the lines that led to it, outermost first.

    Never the texts of errors: they quote what people wrote, and whom they wrote to.
    """
    classes: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(classes) < 10:
        classes.append(f"{type(cause).__module__}.{type(cause).__qualname__}")
        cause = cause.__cause__ or cause.__context__
    frames = traceback.extract_tb(error.__traceback__)[-30:]
    return {"error": classes, "traceback": [f"{f.filename}:{f.lineno} {f.name}" for f in frames]}
