"""What the API is told by the operator."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ApiConfig:
    """Addresses that appear in answers."""

    api_url: str | None
    admin_url: str
    docs_url: str
    email_domain: str
