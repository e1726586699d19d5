"""GET /_status: whether the API and its database answer."""

from starlette.requests import Request
from starlette.responses import Response

from pillarbox import __version__
from pillarbox.api.responses import json_response
from pillarbox.api.state import store_of


async def get_status(request: Request) -> Response:
    """Say that all is well; unless asked simply, with the database's part in it."""
    if "simple" in request.query_params:
        return json_response({"status": "ok"})
    async with store_of(request).pool.connection() as connection:
        cursor = await connection.execute(
            "select max(name) from django_migrations where app = 'notifications'"
        )
        row = await cursor.fetchone()
    return json_response(
        {
            "status": "ok",
            "git_commit": None,
            "build_time": None,
            "version": __version__,
            "db_version": row[0] if row else None,
            "db_bulk_version": row[0] if row else None,
        }
    )


async def get_documents_status(_request: Request) -> Response:
    """Say that the documents API is there, as its callers ask for it."""
    return json_response({"status": "ok"})
