"""Samples of what a JSON Schema describes, and its kind in words: for readers of the reference page."""

from pillarbox.api.answers import ANSWERS, Schema

_BY_FORMAT = {
    "uuid": "740e5834-3a29-46b4-9a6f-16142fde533a",
    "uri": "https://example.com/…",
    "date-time": "2026-05-17T15:58:38.342838Z",
}
_BY_TYPE = {"string": "…", "integer": 1, "number": 0.02, "boolean": True, "null": None, "array": []}


def sample(schema: Schema) -> object:
    """Return one value that the schema allows."""
    schema = resolved(schema)
    if "examples" in schema:
        return schema["examples"][0]
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if "format" in schema:
        return _BY_FORMAT.get(schema["format"], "…")
    return _made(schema)


def _made(schema: Schema) -> object:
    if "properties" in schema:
        return {name: sample(field) for name, field in schema["properties"].items()}
    if "items" in schema:
        return [sample(schema["items"])]
    if _types(schema)[:1] == ["object"]:
        return {"name": sample(schema["additionalProperties"])} if "additionalProperties" in schema else {}
    return _BY_TYPE[_types(schema)[0]] if _types(schema) else None


def kind_of(schema: Schema) -> str:
    """Return what a value is, in a few words."""
    schema = resolved(schema)
    if "enum" in schema:
        return "one of " + ", ".join(str(option) for option in schema["enum"])
    if schema.get("items"):
        return f"list of: {kind_of(schema['items'])}"
    kinds = {"uuid": "UUID", "uri": "URL", "date-time": "date and time"}
    words = " or ".join(_types(schema)) or "any"
    kind = kinds.get(schema.get("format", ""), words.replace("string", "text").replace("array", "list"))
    most = f", up to {schema['maxLength']} characters" if "maxLength" in schema else ""
    return kind + most


def resolved(schema: Schema) -> Schema:
    """Return the schema itself, where a reference or a choice of several stood."""
    if "$ref" in schema:
        return resolved(ANSWERS[schema["$ref"].rpartition("/")[2]])
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return resolved(schema[choice][0])
    return schema


def _types(schema: Schema) -> list[str]:
    kinds = schema.get("type", [])
    return [kinds] if isinstance(kinds, str) else list(kinds)
