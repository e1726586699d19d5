"""Send texts, emails and letters through Pillarbox or GOV.UK Notify.

`NotificationsAPIClient` is the client, `AsyncNotificationsAPIClient` the same for asyncio. Names are loaded
when they are first asked for, so that a program (or pytest, which loads our plugin) pays for what it uses.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from notifications_python_client._version import __version__

if TYPE_CHECKING:
    from notifications_python_client.asynchronous import (
        AsyncNotificationsAPIClient as AsyncNotificationsAPIClient,
    )
    from notifications_python_client.errors import REQUEST_ERROR_MESSAGE, REQUEST_ERROR_STATUS_CODE
    from notifications_python_client.notifications import NotificationsAPIClient
    from notifications_python_client.retries import Retries
    from notifications_python_client.utils import prepare_upload

# Without the asyncio client, which needs an extra: `import *` must work without it.
__all__ = [
    "REQUEST_ERROR_MESSAGE",
    "REQUEST_ERROR_STATUS_CODE",
    "NotificationsAPIClient",
    "Retries",
    "__version__",
    "prepare_upload",
]

_HOMES = {
    "REQUEST_ERROR_MESSAGE": "errors",
    "REQUEST_ERROR_STATUS_CODE": "errors",
    "AsyncNotificationsAPIClient": "asynchronous",
    "NotificationsAPIClient": "notifications",
    "Retries": "retries",
    "prepare_upload": "utils",
}
# Programs written for the published client reach these as attributes after importing the package alone.
_MODULES = ("authentication", "base", "errors", "notifications", "utils")


def __getattr__(name: str) -> Any:
    """Load a public name, or a module of the published package, when it is first used."""
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
