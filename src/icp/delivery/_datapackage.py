"""``datapackage.json``: the files of a list as a Frictionless data package, which independent tools check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from icp.delivery._fields import Field
from icp.delivery._targets import Target

__all__ = ["data_package", "table_schemas"]

_DATE = {"type": "date", "format": "default"}


def table_schemas(rules: Target, files: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """A table schema for each set of columns that files have.

    Parameters
    ----------
    rules : Target
        Of the system.
    files : sequence of mapping
        As in the manifest.

    Returns
    -------
    dict of str to dict
        By the name of the file the schema goes to.
    """
    return {name: _schema(rules, columns) for name, columns in _kinds(files).items()}


def data_package(rules: Target, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The package.

    Parameters
    ----------
    rules : Target
        Of the system.
    manifest : mapping
        Of the list.

    Returns
    -------
    dict
        Each file as a resource with hash, bytes and schema.
    """
    kinds = {tuple(columns): name for name, columns in _kinds(manifest["files"]).items()}
    line_end = {"LF": "\n", "CRLF": "\r\n"}[manifest["line_ending"]]
    resources = [
        {
            "name": f"list-{i:04d}",
            "path": entry["name"],
            "profile": "tabular-data-resource",
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": manifest["encoding"],
            "dialect": {"csv": {"delimiter": ",", "lineTerminator": line_end, "quoteChar": '"', "doubleQuote": True}},
            "bytes": entry["bytes"],
            "hash": f"sha256:{entry['sha256']}",
            "schema": kinds[tuple(entry["columns"])],
        }
        for i, entry in enumerate(manifest["files"], start=1)
    ]
    return {"name": f"icp-{rules.name}", "profile": "tabular-data-package", "resources": resources}


def _kinds(files: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    kinds: dict[str, list[str]] = {}
    for entry in files:
        if entry["columns"] not in kinds.values():
            kinds[f"schema-{len(kinds) + 1}.json"] = entry["columns"]
    return kinds


def _schema(rules: Target, columns: Sequence[str]) -> dict[str, Any]:
    fields = [field for field in rules.fields if field.header in columns]
    return {
        "fields": [_field(rules, field) for field in fields],
        "missingValues": [rules.empty.token],
        "primaryKey": [rules.key.header],
    }


def _field(rules: Target, field: Field) -> dict[str, Any]:
    told: dict[str, Any] = {"name": field.header, "title": field.label, "description": field.help or field.label}
    if field.kind == "number":
        told |= {"type": "number", "decimalChar": "."}
        limits: dict[str, Any] = {"minimum": field.low, "maximum": field.high}
    elif field.kind == "date":
        told |= _DATE
        limits = {}
    else:
        told |= {"type": "string"}
        limits = {"enum": list(field.options)} if field.kind == "picklist" else {"maxLength": _length(rules, field)}
    if field.kind in ("key", "text") and not rules.view_only:
        limits["pattern"] = r"[A-Za-z0-9][A-Za-z0-9_.:-]*" if field.kind == "key" else r"[^=+@\-'\s][^\"|<>\r\n]*"
    if field.required:
        limits["required"] = True
    if field.kind == "key":
        limits["unique"] = True
    return {**told, "constraints": limits}


def _length(rules: Target, field: Field) -> int:
    return field.length + 1 if rules.view_only else field.length
