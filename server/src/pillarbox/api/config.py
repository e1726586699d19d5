"""What the API is told by the operator."""

from dataclasses import dataclass

from starlette.requests import Request


@dataclass(frozen=True)
class ApiConfig:
    """Addresses that appear in answers."""

    api_url: str | None
    admin_url: str
    docs_url: str
    email_domain: str

    def base_url(self, request: Request) -> str:
        """Return the base URL that callers know: the public one if it is set, else that of the request."""
        return self.api_url or f"{request.scope['scheme']}://{request.headers.get('host', 'localhost')}"
