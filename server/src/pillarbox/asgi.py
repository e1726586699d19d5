"""The API for any ASGI server: `uvicorn --factory pillarbox.asgi:create`."""

import os

from starlette.applications import Starlette

from pillarbox import bootstrap, logs
from pillarbox.settings import Settings


def create() -> Starlette:
    """Return the API, with settings from the environment."""
    settings = Settings.read(os.environ)
    logs.configure(settings.log_level)
    return bootstrap.api_app(settings)
