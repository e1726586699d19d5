"""GET /docs: the OpenAPI document as a page for people, with nothing from elsewhere and no scripts."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from django.template import Context, Engine
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from pillarbox.api.answers import Schema
from pillarbox.api.openapi import document
from pillarbox.api.samples import kind_of, sample
from pillarbox.api.state import base_url

_FOLDER = Path(__file__).parent / "assets"
_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_VERBS = ("get", "post")


async def get_docs(request: Request) -> Response:
    """Show the page."""
    page = _page(base_url(request))
    return HTMLResponse(page, headers={"Content-Security-Policy": _POLICY})


async def get_style(_request: Request) -> Response:
    """Show the page's style sheet."""
    return Response((_FOLDER / "docs.css").read_bytes(), media_type="text/css")


def _page(base: str) -> str:
    described = document()
    operations = [
        _operation(path, verb, item)
        for path, item in described["paths"].items()
        for verb in _VERBS
        if verb in item
    ]
    values = {
        "title": described["info"]["title"],
        "version": described["info"]["version"],
        "about": described["info"]["description"].replace("`", "").split("\n\n"),
        "base": base,
        "groups": [
            {"name": tag["name"], "operations": [one for one in operations if one["tag"] == tag["name"]]}
            for tag in described["tags"]
        ],
    }
    context = Context(
        values, use_l10n=False, use_tz=False
    )  # else Django asks for settings, which are not there
    return _engine().get_template("docs.html").render(context)


def _operation(path: str, verb: str, item: Schema) -> dict[str, Any]:
    operation = item[verb]
    body = operation.get("requestBody")
    parameters = [*item.get("parameters", []), *operation.get("parameters", [])]
    return {
        "id": operation["operationId"],
        "tag": operation["tags"][0],
        "verb": verb.upper(),
        "path": path,
        "summary": operation["summary"],
        "open": operation.get("security") == [],
        "parameters": [_parameter(one) for one in parameters],
        "fields": _fields(_schema_of(body)) if body else [],
        "sample": _sample(_schema_of(body)) if body else "",
        "answers": [_answer(status, answer) for status, answer in operation["responses"].items()],
    }


def _parameter(parameter: Schema) -> dict[str, Any]:
    return {
        "name": parameter["name"],
        "place": parameter["in"],
        "kind": kind_of(parameter["schema"]),
        "required": parameter.get("required", False),
        "description": parameter.get("description", ""),
    }


def _fields(schema: Schema) -> list[dict[str, Any]]:
    return [
        {"name": name, "kind": kind_of(field), "required": name in schema.get("required", ())}
        for name, field in schema.get("properties", {}).items()
    ]


def _answer(status: str, answer: Schema) -> dict[str, Any]:
    lines = [line.removeprefix("- ") for line in answer["description"].splitlines()]
    succeeds = status.startswith("2")
    return {
        "status": status,
        "lines": [line.replace("`", "") for line in lines],
        "sample": _sample(_schema_of(answer)) if succeeds else "",
    }


def _schema_of(container: Schema) -> Schema:
    schema: Schema = container["content"].get("application/json", {}).get("schema", {})
    return schema


def _sample(schema: Schema) -> str:
    return json.dumps(sample(schema), indent=2, ensure_ascii=False) if schema else ""


@cache
def _engine() -> Engine:
    return Engine(dirs=[str(_FOLDER)], autoescape=True)
