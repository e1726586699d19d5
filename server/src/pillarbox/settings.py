"""What the operator decides: the environment, read once into one frozen value, every mistake reported at once."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar, get_args
from urllib.parse import urlsplit

Tls = Literal["none", "starttls", "implicit"]
PrivateCallbacks = Literal["allow", "refuse"]
EmailProvider = Literal["sandbox", "smtp"]

T = TypeVar("T", bound=str)


class SettingsError(Exception):
    """The environment holds mistakes; `mistakes` names each of them in a sentence."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


@dataclass(frozen=True)
class Smtp:
    """The relay that emails are handed to."""

    host: str = "localhost"
    port: int = 25
    tls: Tls = "starttls"
    username: str | None = None
    password: str | None = None
    connections: int = 10


@dataclass(frozen=True)
class Settings:
    """One value for the whole product; `docs/reference/settings.md` describes each field."""

    data: Path
    database_url: str | None
    secret_key: bytes | None
    api_url: str | None
    admin_url: str
    docs_url: str
    email_domain: str
    providers_file: Path | None
    email_provider: EmailProvider
    smtp: Smtp
    inbox_token: str | None
    metrics_token: str | None
    private_callbacks: PrivateCallbacks
    log_level: str

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Settings":
        """Read the settings from environment variables.

        Raises:
            SettingsError: with every mistake found, each naming its variable.
        """
        reader = _Reader(environ)
        settings = cls(
            data=Path(reader.text("PILLARBOX_DATA") or ".pillarbox"),
            database_url=reader.url("DATABASE_URL", ("postgresql", "postgres")),
            secret_key=reader.key("PILLARBOX_SECRET_KEY"),
            api_url=reader.web_address("PILLARBOX_API_URL"),
            admin_url=reader.web_address("PILLARBOX_ADMIN_URL") or "http://localhost:6012",
            docs_url=reader.web_address("PILLARBOX_DOCS_URL") or "http://localhost:7001",
            email_domain=reader.domain("PILLARBOX_EMAIL_DOMAIN", "notify.localhost"),
            providers_file=reader.path("PILLARBOX_PROVIDERS_FILE"),
            email_provider=reader.choice("PILLARBOX_EMAIL_PROVIDER", get_args(EmailProvider), "sandbox"),
            smtp=_smtp(reader),
            inbox_token=reader.secret("PILLARBOX_INBOX_TOKEN"),
            metrics_token=reader.secret("PILLARBOX_METRICS_TOKEN"),
            private_callbacks=reader.choice(
                "PILLARBOX_PRIVATE_CALLBACKS", get_args(PrivateCallbacks), "refuse"
            ),
            log_level=reader.choice("PILLARBOX_LOG_LEVEL", ("debug", "info", "warning", "error"), "info"),
        )
        if settings.providers_file and reader.has_any("PILLARBOX_EMAIL_PROVIDER", "PILLARBOX_SMTP_HOST"):
            reader.mistakes.append(
                "PILLARBOX_PROVIDERS_FILE names all providers: PILLARBOX_EMAIL_PROVIDER and PILLARBOX_SMTP_… go there"
            )
        reader.unknown()
        if reader.mistakes:
            raise SettingsError(reader.mistakes)
        return settings


def _smtp(reader: "_Reader") -> Smtp:
    tls: Tls = reader.choice("PILLARBOX_SMTP_TLS", get_args(Tls), "starttls")
    smtp = Smtp(
        host=reader.text("PILLARBOX_SMTP_HOST") or "localhost",
        port=reader.number("PILLARBOX_SMTP_PORT", 25, 1, 65535),
        tls=tls,
        username=reader.text("PILLARBOX_SMTP_USERNAME"),
        password=reader.secret("PILLARBOX_SMTP_PASSWORD"),
        connections=reader.number("PILLARBOX_SMTP_CONNECTIONS", 10, 1, 100),
    )
    if (smtp.username is None) != (smtp.password is None):
        reader.mistakes.append(
            "PILLARBOX_SMTP_USERNAME and PILLARBOX_SMTP_PASSWORD go together: one is missing"
        )
    return smtp


class _Reader:
    """Reads variables one by one and remembers what was asked for and what was wrong."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._asked: set[str] = set()
        self.mistakes: list[str] = []

    def text(self, name: str) -> str | None:
        self._asked.add(name)
        return self._environ.get(name, "").strip() or None

    def path(self, name: str) -> Path | None:
        value = self.text(name)
        return None if value is None else Path(value)

    def has_any(self, *names: str) -> bool:
        return any(self.text(name) is not None for name in names)

    def secret(self, name: str) -> str | None:
        """A value that may also be kept in a file, whose path stands in `<name>_FILE`."""
        path = self.text(f"{name}_FILE")
        value = self.text(name)
        if path is None:
            return value
        if value is not None:
            self.mistakes.append(f"{name} and {name}_FILE are both set: keep one of them")
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            self.mistakes.append(f"{name}_FILE cannot be read: {error}")
            return None

    def key(self, name: str) -> bytes | None:
        value = self.secret(name)
        if value is None:
            return None
        try:
            key = base64.b64decode(value, validate=True)
        except binascii.Error:
            key = b""
        if len(key) != 32:
            self.mistakes.append(
                f"{name} must be 32 bytes in base64: make one with `openssl rand -base64 32`"
            )
            return None
        return key

    def url(self, name: str, schemes: tuple[str, ...]) -> str | None:
        value = self.text(name)
        if value is None:
            return None
        beginnings = tuple(f"{scheme}://" for scheme in schemes)
        if not value.startswith(beginnings):
            self.mistakes.append(f"{name} must begin with {' or '.join(beginnings)}")
            return None
        return value

    def web_address(self, name: str) -> str | None:
        value = self.url(name, ("http", "https"))
        try:
            if value is not None and not urlsplit(value).hostname:
                self.mistakes.append(f"{name} names no host")
        except ValueError as error:
            self.mistakes.append(f"{name} is not a URL: {error}")
        return value and value.rstrip("/")

    def domain(self, name: str, default: str) -> str:
        value = self.text(name) or default
        labels = value.split(".")
        if not all(label and label.replace("-", "").isalnum() and label.isascii() for label in labels):
            self.mistakes.append(f"{name} is {value!r} but must be a domain such as notify.example.com")
        return value

    def choice(self, name: str, options: tuple[T, ...], default: T) -> T:
        value = self.text(name)
        if value is None:
            return default
        for option in options:
            if value == option:
                return option
        self.mistakes.append(f"{name} is {value!r} but must be one of {', '.join(options)}")
        return default

    def number(self, name: str, default: int, least: int, most: int) -> int:
        value = self.text(name)
        if value is None:
            return default
        digits = value.isascii() and value.isdigit() and len(value) <= len(str(most))
        if not (digits and least <= int(value) <= most):
            self.mistakes.append(f"{name} is {value!r} but must be a whole number from {least} to {most}")
            return default
        return int(value)

    def unknown(self) -> None:
        """A misspelt variable would otherwise be silently without effect."""
        self.mistakes.extend(
            f"{name} is not a setting of Pillarbox"
            for name in sorted(self._environ)
            if name.startswith("PILLARBOX_") and name not in self._asked
        )
