"""The state that cases expect: what to provision a server from, and the keys that cases sign with."""

import json
from dataclasses import dataclass
from pathlib import Path

from tests.contract.cases_file import CASES, Json
from tests.contract.variables import Variables

FIXTURE = CASES / "fixture.json"

# The service that `live`, `team` and `test` alone stand for.
_MAIN = "main"
_IN_CONFIG = {
    "ADMIN": "admin_base_url",
    "EMAIL_DOMAIN": "email_domain",
    "DOCS_API": "docs_api_base_url",
    "DOCS_FRONTEND": "docs_frontend_base_url",
}


@dataclass(frozen=True)
class Key:
    service_id: str
    secret: str


class Fixture:
    """A fixture file, read once."""

    def __init__(self, path: Path = FIXTURE) -> None:
        self._content: dict[str, Json] = json.loads(path.read_text(encoding="utf-8"))
        self._keys = {
            key["ref"]: Key(service["id"], key["secret"])
            for service in self._content["services"]
            for key in service["api_keys"]
        }

    @property
    def defaults(self) -> dict[str, str]:
        """The values that variables have unless somebody sets others."""
        return dict(self._content.get("config", {}).get("defaults", {}))

    @property
    def settled(self) -> dict[str, str]:
        """The values of variables that the file has already filled in, the API's own address aside."""
        config = self._content.get("config", {})
        written = {name: config.get(field, "${") for name, field in _IN_CONFIG.items()}
        return {name: value for name, value in written.items() if "${" not in value}

    def key(self, ref: str) -> Key:
        """The key that an `auth` field names.

        Raises:
            KeyError: the fixture has no such key.
        """
        return self._keys[ref if "." in ref else f"{_MAIN}.{ref}"]

    def write_filled(self, path: Path, variables: Variables) -> None:
        """Write the fixture with all variables replaced: that is what a server is provisioned from."""
        path.write_text(json.dumps(variables.fill(self._content)), encoding="utf-8")
