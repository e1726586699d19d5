"""Settings: read from the environment at once, every mistake named, every variable documented."""

import base64
import re
from pathlib import Path

import pytest

from pillarbox.settings import Settings, SettingsError, Smtp

KEY = base64.b64encode(b"k" * 32).decode()
REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "settings.md"


def mistakes(**environ):
    with pytest.raises(SettingsError) as raised:
        Settings.read(environ)
    return raised.value.mistakes


class Remembering(dict):
    """An empty environment that remembers what was looked for."""

    def __init__(self):
        super().__init__()
        self.names = set()

    def get(self, name, default=None):
        self.names.add(name)
        return default


def names():
    environ = Remembering()
    Settings.read(environ)
    return environ.names


def test_nothing_needs_to_be_set():
    settings = Settings.read({})
    assert settings.data == Path(".pillarbox")
    assert settings.database_url is None
    assert settings.email_provider == "sandbox"
    assert settings.smtp == Smtp()
    assert settings.private_callbacks == "refuse"


@pytest.mark.parametrize(
    ("environ", "field", "value"),
    [
        ({"PILLARBOX_DATA": "/srv/pillarbox"}, "data", Path("/srv/pillarbox")),
        ({"DATABASE_URL": "postgres://a,b/x"}, "database_url", "postgres://a,b/x"),
        ({"DATABASE_URL": "postgresql:///x?host=/run/"}, "database_url", "postgresql:///x?host=/run/"),
        ({"PILLARBOX_SECRET_KEY": KEY}, "secret_key", b"k" * 32),
        ({"PILLARBOX_API_URL": "https://notify.example.com/"}, "api_url", "https://notify.example.com"),
        ({"PILLARBOX_API_URL": " "}, "api_url", None),
        ({"PILLARBOX_EMAIL_DOMAIN": "example.com"}, "email_domain", "example.com"),
        ({"PILLARBOX_EMAIL_PROVIDER": "smtp"}, "email_provider", "smtp"),
        ({"PILLARBOX_INBOX_TOKEN": " abc "}, "inbox_token", "abc"),
        ({"PILLARBOX_LOG_LEVEL": "debug"}, "log_level", "debug"),
        ({"HOME": "/root", "PATH": ""}, "log_level", "info"),
    ],
)
def test_a_variable_sets_a_field(environ, field, value):
    assert getattr(Settings.read(environ), field) == value


def test_the_relay_has_variables_of_its_own():
    environ = {
        "PILLARBOX_SMTP_HOST": "mail.example.com",
        "PILLARBOX_SMTP_PORT": "587",
        "PILLARBOX_SMTP_TLS": "implicit",
        "PILLARBOX_SMTP_USERNAME": "me",
        "PILLARBOX_SMTP_PASSWORD": "secret",
        "PILLARBOX_SMTP_CONNECTIONS": "8",
    }
    assert Settings.read(environ).smtp == Smtp("mail.example.com", 587, "implicit", "me", "secret", 8)


@pytest.mark.parametrize(
    ("name", "value", "mistake"),
    [
        ("DATABASE_URL", "mysql://x", "must begin with postgresql:// or postgres://"),
        ("PILLARBOX_API_URL", "notify.example.com", "must begin with http:// or https://"),
        ("PILLARBOX_API_URL", "https://", "names no host"),
        ("PILLARBOX_API_URL", "https://[", "is not a URL: Invalid IPv6 URL"),
        ("PILLARBOX_SECRET_KEY", "abc", "must be 32 bytes in base64: make one with `openssl rand -base64 32`"),
        ("PILLARBOX_EMAIL_DOMAIN", "a b", "is 'a b' but must be a domain such as notify.example.com"),
        ("PILLARBOX_EMAIL_DOMAIN", "me@x", "is 'me@x' but must be a domain such as notify.example.com"),
        ("PILLARBOX_EMAIL_PROVIDER", "ses", "is 'ses' but must be one of sandbox, smtp"),
        ("PILLARBOX_SMTP_PORT", "0", "is '0' but must be a whole number from 1 to 65535"),
        ("PILLARBOX_SMTP_PORT", "9" * 5, "is '99999' but must be a whole number from 1 to 65535"),
        ("PILLARBOX_SMTP_PORT", "x", "is 'x' but must be a whole number from 1 to 65535"),
        ("PILLARBOX_SMTP_TLS", "yes", "is 'yes' but must be one of none, starttls, implicit"),
        ("PILLARBOX_SMTP_USERNAME", "me", "and PILLARBOX_SMTP_PASSWORD go together: one is missing"),
        ("PILLARBOX_PRIVATE_CALLBACKS", "no", "is 'no' but must be one of allow, refuse"),
        ("PILLARBOX_LOG_LEVEL", "loud", "is 'loud' but must be one of debug, info, warning, error"),
        ("PILLARBOX_SMTP_HOTS", "x", "is not a setting of Pillarbox"),
    ],
)  # fmt: skip
def test_a_mistake_names_its_variable(name, value, mistake):
    assert mistakes(**{name: value}) == [f"{name} {mistake}"]


def test_a_number_of_any_length_is_only_too_large():
    assert len(mistakes(PILLARBOX_SMTP_PORT="9" * 10_000)) == 1


def test_all_mistakes_are_reported_at_once():
    found = mistakes(
        PILLARBOX_SMTP_PORT="x", DATABASE_URL="x", PILLARBOX_LOG_LEVEL="x", PILLARBOX_NONSENSE="x"
    )
    assert [mistake.split()[0] for mistake in found] == [
        "DATABASE_URL",
        "PILLARBOX_SMTP_PORT",
        "PILLARBOX_LOG_LEVEL",
        "PILLARBOX_NONSENSE",
    ]


@pytest.mark.parametrize("name", ["PILLARBOX_SECRET_KEY", "PILLARBOX_INBOX_TOKEN", "PILLARBOX_SMTP_PASSWORD"])
class TestSecretsFromFiles:
    def environ(self, name, value):
        return {name: value, "PILLARBOX_SMTP_USERNAME": "me"} if "SMTP" in name else {name: value}

    def test_a_secret_may_stand_in_a_file(self, name, tmp_path):
        path = tmp_path / "secret"
        path.write_text(f"{KEY}\n")
        settings = Settings.read(self.environ(f"{name}_FILE", str(path)))
        assert KEY in {settings.inbox_token, settings.smtp.password} or settings.secret_key == b"k" * 32

    def test_a_file_that_is_not_there_is_a_mistake(self, name, tmp_path):
        found = mistakes(**self.environ(f"{name}_FILE", str(tmp_path / "nothing")))
        assert found[0].startswith(f"{name}_FILE cannot be read: ")

    def test_one_of_the_two_is_enough(self, name, tmp_path):
        path = tmp_path / "secret"
        path.write_text(KEY)
        found = mistakes(**self.environ(f"{name}_FILE", str(path)), **{name: KEY})
        assert found == [f"{name} and {name}_FILE are both set: keep one of them"]

    def test_a_mistake_never_shows_the_secret(self, name, tmp_path):
        path = tmp_path / "secret"
        path.write_text("hush")
        environ = self.environ(f"{name}_FILE", str(path)) | {"PILLARBOX_LOG_LEVEL": "x", name: "hush"}
        assert "hush" not in "\n".join(mistakes(**environ))


def test_every_setting_is_documented_and_nothing_else_is():
    documented = set(re.findall(r"^### `(\w+)`", REFERENCE.read_text(), re.MULTILINE))
    assert documented == {name for name in names() if name.removesuffix("_FILE") not in names() - {name}}


def test_the_reference_says_which_settings_may_stand_in_a_file():
    text = REFERENCE.read_text()
    for name in names():
        if name.endswith("_FILE"):
            assert f"`{name}`" in text
