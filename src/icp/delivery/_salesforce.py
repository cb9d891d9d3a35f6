"""Side files for Salesforce: the mapping and the definition of each field, from the same schema as the list."""

from __future__ import annotations

from xml.sax.saxutils import escape

from icp.delivery._targets import FIELDS, Field, Target

__all__ = ["salesforce_files"]

_NAMESPACE = 'xmlns="http://soap.sforce.com/2006/04/metadata"'
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def salesforce_files(rules: Target) -> dict[str, bytes]:
    """Mapping, field definitions and package file.

    Parameters
    ----------
    rules : Target
        Of Salesforce.

    Returns
    -------
    dict of str to bytes
        ``mapping.sdl``, ``package.xml`` and one file per field under ``fields/``.
    """
    mapping = "# Source=Destination\n" + "".join(f"{header}={header}\n" for header in rules.headers)
    members = "".join(f"    <members>Account.{header}</members>\n" for header in sorted(rules.headers))
    package = (
        f"{_HEAD}<Package {_NAMESPACE}>\n  <types>\n{members}    <name>CustomField</name>\n  </types>\n"
        "  <version>62.0</version>\n</Package>\n"
    )
    files = {"mapping.sdl": mapping.encode(), "package.xml": package.encode()}
    for field, header in zip(FIELDS, rules.headers, strict=True):
        files[f"fields/{header}.field-meta.xml"] = _definition(field, header).encode()
    return files


def _definition(field: Field, header: str) -> str:
    lines = [f"<fullName>{header}</fullName>", f"<label>{escape(field.label)}</label>"]
    if field.help:
        lines.append(f"<inlineHelpText>{escape(field.help)}</inlineHelpText>")
    lines += _type_lines(field)
    body = "".join(f"  {line}\n" for line in lines)
    return f"{_HEAD}<CustomField {_NAMESPACE}>\n{body}</CustomField>\n"


def _type_lines(field: Field) -> list[str]:
    if field.kind == "key":
        unique = ["<externalId>true</externalId>", "<unique>true</unique>", "<caseSensitive>false</caseSensitive>"]
        return ["<type>Text</type>", f"<length>{field.length}</length>", *unique]
    if field.kind == "text":
        return ["<type>Text</type>", f"<length>{field.length}</length>"]
    if field.kind == "number":
        return ["<type>Number</type>", "<precision>5</precision>", "<scale>2</scale>"]
    if field.kind == "date":
        return ["<type>Date</type>"]
    values = [
        f"<value><fullName>{option}</fullName><default>false</default><label>{option}</label></value>"
        for option in field.options
    ]
    inner = "".join(["<restricted>true</restricted><valueSetDefinition><sorted>false</sorted>", *values])
    return ["<type>Picklist</type>", f"<valueSet>{inner}</valueSetDefinition></valueSet>"]
