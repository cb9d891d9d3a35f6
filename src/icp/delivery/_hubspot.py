"""Side files for HubSpot: the properties to make once, and how the columns of each file are mapped to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from icp._files import to_json
from icp.delivery._fields import Field
from icp.delivery._targets import Target

__all__ = ["hubspot_files"]

_COMPANY = "0-2"
_TYPES = {
    "key": ("string", "text"),
    "text": ("string", "text"),
    "picklist": ("enumeration", "select"),
    "number": ("number", "number"),
    "date": ("date", "date"),
}


def hubspot_files(rules: Target, manifest: Mapping[str, Any]) -> dict[str, bytes]:
    """Group, properties and import request.

    Parameters
    ----------
    rules : Target
        Of HubSpot.
    manifest : mapping
        Of the list.

    Returns
    -------
    dict of str to bytes
        ``property_group.json``, ``properties.json`` and ``import_request.json``.
    """
    own = rules.fields[1:] if rules.record and rules.key.header == rules.record.header else rules.fields
    properties = [_property(field, i) for i, field in enumerate((*own, rules.message_used))]
    files = [_file(rules, entry) for entry in manifest["files"]]
    request = {
        "name": f"icp {manifest['run_id']}",
        "importOperations": {_COMPANY: "UPDATE"},
        "dateFormat": "YEAR_MONTH_DAY",
        "files": files,
    }
    made = {
        "property_group.json": {"name": "icp", "label": "ICP", "displayOrder": -1},
        "properties.json": {"inputs": properties},
        "import_request.json": request,
    }
    return {name: to_json(content).encode() for name, content in made.items()}


def _property(field: Field, order: int) -> dict[str, Any]:
    kind, look = _TYPES[field.kind]
    made: dict[str, Any] = {
        "groupName": "icp",
        "name": field.header,
        "label": field.label,
        "description": field.help,
        "type": kind,
        "fieldType": look,
        "displayOrder": order,
    }
    if field.kind == "key":
        made["hasUniqueValue"] = True
    if field.options:
        made["options"] = [
            {"label": option, "value": option, "displayOrder": i, "hidden": False}
            for i, option in enumerate(field.options)
        ]
    return made


def _file(rules: Target, entry: Mapping[str, Any]) -> dict[str, Any]:
    mappings = [_mapping(rules, field) for field in rules.fields if field.header in entry["columns"]]
    page = {"hasHeader": True, "columnMappings": mappings}
    return {"fileName": entry["name"], "fileFormat": "CSV", "fileImportPage": page}


def _mapping(rules: Target, field: Field) -> dict[str, Any]:
    mapped: dict[str, Any] = {"columnObjectTypeId": _COMPANY, "columnName": field.header, "propertyName": field.header}
    if field.kind != "key":
        return mapped
    if rules.record and field.header == rules.record.header:
        return {**mapped, "propertyName": None, "columnType": "HUBSPOT_OBJECT_ID"}
    return {**mapped, "columnType": "HUBSPOT_ALTERNATE_ID"}
