"""Side files for Salesforce: the mapping and the definition of each field, from the same object as the list."""

from __future__ import annotations

from xml.sax.saxutils import escape

from icp.delivery._fields import Field
from icp.delivery._targets import Target

__all__ = ["salesforce_files"]

_NAMESPACE = 'xmlns="http://soap.sforce.com/2006/04/metadata"'
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_OWN = "__c"


def salesforce_files(rules: Target) -> dict[str, bytes]:
    """Mapping, field definitions and package file.

    Parameters
    ----------
    rules : Target
        Of Salesforce.

    Returns
    -------
    dict of str to bytes
        ``mapping.sdl``, and the folder ``deploy`` as the Metadata API takes it: ``package.xml`` and
        ``objects/Account.object`` with every field of one's own.
    """
    mapping = "# Source=Destination\n" + "".join(f"{header}={header}\n" for header in rules.headers)
    defined = [field for field in (*rules.fields, rules.message_used) if field.header.endswith(_OWN)]
    names = sorted(field.header for field in defined)
    members = "".join(f"    <members>Account.{header}</members>\n" for header in names)
    package = (
        f"{_HEAD}<Package {_NAMESPACE}>\n  <types>\n{members}    <name>CustomField</name>\n  </types>\n"
        "  <version>62.0</version>\n</Package>\n"
    )
    fields = "".join(_definition(field) for field in sorted(defined, key=lambda field: field.header))
    account = f"{_HEAD}<CustomObject {_NAMESPACE}>\n{fields}</CustomObject>\n"
    return {
        "mapping.sdl": mapping.encode(),
        "deploy/package.xml": package.encode(),
        "deploy/objects/Account.object": account.encode(),
    }


def _definition(field: Field) -> str:
    lines = [f"<fullName>{field.header}</fullName>", f"<label>{escape(field.label)}</label>"]
    if field.help:
        lines.append(f"<inlineHelpText>{escape(field.help)}</inlineHelpText>")
    lines += _type_lines(field)
    body = "".join(f"    {line}\n" for line in lines)
    return f"  <fields>\n{body}  </fields>\n"


def _type_lines(field: Field) -> list[str]:
    free = "<required>false</required>"
    if field.kind == "key":
        unique = ["<externalId>true</externalId>", "<unique>true</unique>", "<caseSensitive>false</caseSensitive>"]
        return ["<type>Text</type>", "<length>80</length>", free, *unique]
    if field.kind == "text":
        return ["<type>Text</type>", f"<length>{field.length}</length>", free]
    if field.kind == "number":
        precision = field.digits + field.decimals
        return ["<type>Number</type>", f"<precision>{precision}</precision>", f"<scale>{field.decimals}</scale>", free]
    if field.kind == "date":
        return ["<type>Date</type>", free]
    values = [
        f"<value><fullName>{option}</fullName><default>false</default><label>{option}</label></value>"
        for option in field.options
    ]
    inner = "".join(["<restricted>true</restricted><valueSetDefinition><sorted>false</sorted>", *values])
    return ["<type>Picklist</type>", free, f"<valueSet>{inner}</valueSetDefinition></valueSet>"]
