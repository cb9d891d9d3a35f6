"""Write what is made from the code: ``make docs``, or ``python docs/generate.py``.

``docs/reference/config.md`` comes from the files of ``conf/``, ``docs/reference/crm.md`` from the rules of each CRM,
``docs/reference/api.md`` from ``icp.__all__`` and the first line of each docstring, ``docs/reference/modules.md`` from
the import rules and the first line of each module, each notebook from its script, the
numbers in ``README.md`` from the pages of ``docs/benchmarks``. Tests make them again and compare.
"""

from __future__ import annotations

import ast
import inspect
import re
import tomllib
from pathlib import Path
from typing import Any

import icp
from icp.config import commands, config_dir
from icp.delivery import target, target_names

README = Path(__file__).parents[1] / "README.md"
BENCHMARKS = Path(__file__).parent / "benchmarks"
REFERENCE = Path(__file__).parent / "reference"
NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
MORE = re.compile(r"^ {8,}# (.*)$")
"""A comment that goes on below its key."""
KEY = re.compile(r"^( *)(\w+): *(.*?)(?: +# (.*))?$")

CONFIG_HEAD = """\
# Configuration

<!-- made by docs/generate.py from conf/; do not edit -->

Every key with its default. A key is set on the command line as `key=value`, a part is chosen as `group=option`:

```
python -m icp.train accounts=csv accounts.path=leads.csv labels.column=Converted seed=1
```

Names with anything but ASCII letters, digits, `_`, `-`, `.` are quoted twice, for the shell and for Hydra:
`'accounts.account_id="Prospect ID"'`. A list is written `'accounts.ignore=["Lead Number","Region"]'`. `null` means
"not given". In Python the same texts go into `icp.load_config("train", [...])`.
`python -m icp.train --help` says the same for one command.
"""

API_HEAD = """\
# Python interface

<!-- made by docs/generate.py from the docstrings; do not edit -->

Everything that `import icp` offers. Importing loads nothing; each name is loaded when it is first used.
`help(icp.IdealCustomerModel)` shows parameters, what is raised, and an example. Each command is also a module with a
function `run`: `icp.train.run(icp.load_config("train"))`; so are `icp.backtest`, `icp.score`, `icp.scorecard`,
`icp.feedback`, `icp.match`, `icp.validate`, `icp.report`, `icp.promote` and `icp.simulate`.
"""

API_GROUPS = {
    "The whole": ("IdealCustomerModel", "load_bundle"),
    "Configuration and reading": ("load_config", "config_dir", "read_inputs", "read_accounts", "read_dated"),
    "The stages, as scikit-learn estimators": (
        "BestCustomerLabeler",
        "TraitEncoder",
        "ProfileClusterer",
        "PropensityClassifier",
        "TierAssigner",
        "ReasonExtractor",
    ),
    "Functions": (
        "compare_definitions",
        "evaluate",
        "trait_index",
        "distinctive_traits",
        "index_profile",
        "explain_change",
        "match_accounts",
        "simulate_crm",
    ),
    "Other": ("ICPError", "__version__"),
}


def config_page() -> str:
    """Every key of every file of ``conf/``, as Markdown."""
    folder = config_dir()
    parts = [CONFIG_HEAD]
    groups: list[str] = []
    for command in commands():
        text = (folder / f"{command}.yaml").read_text("utf-8")
        used = re.findall(r"^  - (\w+): (\w+)", text.split("defaults:")[1], re.M)
        groups += [group for group, _ in used if group not in groups]
        parts.append(f"## {command}\n\n{_purpose(text)}\n")
        if used:
            chosen = ", ".join(f"[`{group}={option}`](#{group})" for group, option in used)
            parts.append(f"Parts it starts with: {chosen}.\n")
        parts.append(_table(_rows(text.split("\n\n", 1)[1].split("\nhydra:")[0])))
    for group in groups:
        parts.append(f"## {group}\n")
        for file in sorted((folder / group).glob("*.yaml")):
            text = file.read_text("utf-8")
            rows = [row for row in _rows(text, f"{group}.") if row[0] not in CHOOSERS]
            parts.append(f"### {group}={file.stem}\n\n{_purpose(text)}\n")
            parts += [_table(rows)] if rows else []
    return "\n".join(parts).rstrip() + "\n"


CHOOSERS = {
    f"{group}.{key}"
    for group, key in {
        "accounts": "source",
        "events": "source",
        "outcomes": "source",
        "activities": "source",
        "dispositions": "source",
        "labels": "recipe",
        "versus": "recipe",
        "delivery": "target",
        "tracking": "store",
    }.items()
}


def _purpose(text: str) -> str:
    return text.splitlines()[0].removeprefix("# ")


def _rows(text: str, prefix: str = "") -> list[tuple[str, str, str]]:
    rows, section = [], ""
    for line in text.splitlines():
        match = KEY.match(line)
        more = MORE.match(line)
        if more and rows:
            key, value, comment = rows[-1]
            rows[-1] = (key, value, f"{comment} {more[1]}")
        if match is None or line.startswith("#"):
            continue
        indent, key, value, comment = match.groups()
        if not value:
            section = f"{key}."
            continue
        rows.append((f"{prefix}{section if indent else ''}{key}", value, comment or ""))
    return rows


def _table(rows: list[tuple[str, str, str]]) -> str:
    lines = ["| key | default | meaning |", "| --- | --- | --- |"]
    for key, value, comment in rows:
        cells = (f"`{key}`", f"`{value}`", comment.replace("|", "\\|"))
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def api_page() -> str:
    """Every public name with its call and its first line, as Markdown."""
    parts = [API_HEAD]
    for title, names in API_GROUPS.items():
        parts.append(f"## {title}\n")
        parts += [_entry(name) for name in names]
    return "\n".join(parts)


def _entry(name: str) -> str:
    thing = getattr(icp, name)
    if name == "__version__":
        return "### `icp.__version__`\n\nVersion of the package.\n"
    lines = [f"### `icp.{name}`", "", inspect.getdoc(thing).splitlines()[0], ""]
    if not (inspect.isclass(thing) and issubclass(thing, Exception)):
        lines += [f"Takes {_parameters(thing)}.", ""]
    methods = [
        f"| `{member}` | {inspect.getdoc(value).splitlines()[0]} |"
        for member, value in _members(thing)
        if not member.startswith("_") and (inspect.isfunction(value) or isinstance(value, classmethod | property))
    ]
    if methods:
        lines += ["| member | what it does |", "| --- | --- |", *methods, ""]
    return "\n".join(lines)


def _members(thing: object) -> list[tuple[str, object]]:
    """What a class defines, with what it has from bases that are no public name of their own."""
    if not inspect.isclass(thing):
        return []
    public = {getattr(icp, name) for name in icp.__all__ if name != "__version__"}
    own = [
        base for base in thing.__mro__ if base.__module__.startswith("icp.") and (base is thing or base not in public)
    ]
    return list({name: value for base in reversed(own) for name, value in vars(base).items()}.items())


def _parameters(thing: object) -> str:
    shown = []
    for parameter in inspect.signature(thing).parameters.values():
        default = "" if parameter.default is parameter.empty else f"={parameter.default!r}"
        shown.append(f"`{parameter.name}{default}`")
    return ", ".join(shown) or "nothing"


def notebook(script: Path) -> Any:
    """The notebook of a script, without outputs; cells are numbered, so the same script gives the same file."""
    import jupytext

    made = jupytext.read(script)
    for number, cell in enumerate(made.cells):
        cell["id"] = f"cell-{number:02d}"
    return made


CRM_HEAD = """\
# Lists for CRMs: columns, empty cells, limits

<!-- made by docs/generate.py from the rules of each target; do not edit -->

What `delivery=` writes, and how the columns of `scores.csv` are called there. A list is written to the documented rules
of each system; tests load a real Tryton 8.2 and read it back ([decision](../design/0025-lists-for-crms.md)). Limits
move, so each has its source and date. Names, labels and further columns can be set
([how-to](../how-to/crm-columns.md)).
"""


def crm_page() -> str:
    """Columns, empty cells and limits of each target, as Markdown."""
    targets = [target(name) for name in ("generic", *(name for name in target_names() if name != "generic"))]
    lines = [CRM_HEAD, "## Columns\n"]
    lines += ["| from scores.csv | canonical column | type | rule |", "| --- | --- | --- | --- |"]
    for field in (*targets[0].fields, targets[0].message_used):
        source = ", ".join(f"`{name}`" for name in field.source)
        lines.append(f"| {source} | `{field.name}` | {_kind(field)} | {field.rule} |")
    lines += ["\n## Column heads\n", "| canonical | " + " | ".join(one.name for one in targets[1:]) + " |"]
    lines.append("| --- " * len(targets) + "|")
    for i, field in enumerate(targets[0].fields):
        lines.append(f"| `{field.name}` | " + " | ".join(f"`{one.headers[i]}`" for one in targets[1:]) + " |")
    used = " | ".join(f"`{one.message_used.header}`" for one in targets[1:])
    lines += [f"| `{targets[0].message_used.name}` (for reps) | {used} |", "\n## Empty cells and record ids\n"]
    lines += ["| target | empty cells | `delivery.key=record` |", "| --- | --- | --- |"]
    for one in targets:
        record = f"{one.record.words}, in `{one.record.header}`" if one.record else ""
        lines.append(f"| {one.name} | {one.empty.words} | {record} |")
    lines += ["\n## Limits\n", "| target | of | kept to | the vendor's | read in | on | evidence |", "| --- " * 7 + "|"]
    for one in targets:
        for limit in one.limits:
            told = (one.name, limit.kind, f"{limit.ours:,}", limit.vendor, limit.source, limit.date, limit.evidence)
            lines.append("| " + " | ".join(told) + " |")
    return "\n".join(lines) + "\n"


def _kind(field: object) -> str:
    if field.kind == "number":
        return f"number, {field.decimals} decimals, {field.low:g} to {field.high:g}"
    if field.kind == "picklist":
        return "picklist: " + ", ".join(f"`{option}`" for option in field.options)
    return f"{field.kind}, {field.length} characters" if field.kind in ("key", "text") else field.kind


NUMBERS = re.compile(r"(?<=<!-- made by docs/generate.py from docs/benchmarks -->\n\n).*?(?=\n\n)", re.S)
"""The table of the README that is made."""


def numbers() -> str:
    """What the pages of ``docs/benchmarks`` say, in five rows."""
    quality, speed, profiles, claims = (
        (BENCHMARKS / f"{name}.md").read_text("utf-8") for name in ("quality", "speed", "profiles", "claims")
    )
    ranks = _cells(quality.split("## Over all sets")[1].split("\n## ")[0], "")
    order = [row[0] for row in ranks]
    first, own = next(row for row in ranks if row[0] != "icp"), ranks[order.index("icp")]
    sets = len(set(re.findall(r"^## (\w+)$", quality, re.M)))
    faster = {row[1]: row[3] for row in _cells(speed, "300 x 31")[:5]}
    million = next(row for row in _cells(speed, "default") if row[1] == "1,000,000" and len(row) == 6)
    found = _cells(profiles.split("## Planted profiles")[1], "icp")[0]
    met, missed = claims.count("| yes |\n"), claims.count("| **no** |\n")
    place = f"place {order.index('icp') + 1} of {len(ranks)} (best other: {first[0]}, {first[1]})"
    rows = [
        ("what", "measured", "page and program"),
        ("---", "---", "---"),
        (
            f"quality on {sets} public sets beside {len(ranks) - 1} peers, nobody tuned",
            f"mean rank {own[1]}, {place}; mean distance to the best peer of each set: AUC {own[6]}, log loss {own[7]} "
            "(above 0 is worse than that peer, below 0 better)",
            "[quality](docs/benchmarks/quality.md), `benchmarks.quality`",
        ),
        (
            "reasons for one account, 300 trees of 31 leaves",
            f"{faster['pred_contrib']} times as fast as LightGBM's own, {faster['shap.TreeExplainer']} times `shap`",
            "[speed](docs/benchmarks/speed.md), `benchmarks.speed`",
        ),
        (
            f"CSV in, list with reasons out: {million[1]} accounts, 60 columns, two cores",
            f"{million[2]} s, {million[5]} MB of memory at most",
            "the same",
        ),
        (
            "planted profiles found again",
            f"mean adjusted Rand index {found[1].split()[0]}; right number: {found[2]}",
            "[profiles](docs/benchmarks/profiles.md), `benchmarks.profile_quality`",
        ),
        (
            "statistical claims: intervals, calibration, leakage, drift, hold-out and more",
            f"{met} targets met, {missed} missed, each told",
            "[claims](docs/benchmarks/claims.md), `benchmarks.claims`",
        ),
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cells(page: str, first: str) -> list[list[str]]:
    """Rows of tables whose first cell is ``first``, or all below a heading, as texts."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line.startswith("|")]
    return [row for row in rows if row[0] == first] if first else rows[2:]


MODULES_HEAD = """\
# Modules, from the top down

<!-- made by docs/generate.py from the import rules and the docstrings; do not edit -->

Every module and package directly below `icp`, with the first line of its docstring, in the order of the import rules: a
module imports from rows below, never from above, and never from its own row ([decision](../design/0001-layers.md)).
The [newcomer's map](../README.md#a-newcomers-map-of-the-code) says what to read first.
"""


def modules_page() -> str:
    """Every module below ``icp`` by its layer, as Markdown."""
    rules = tomllib.loads((README.parent / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(rule["layers"] for rule in rules if rule["id"] == "layers")
    lines = [MODULES_HEAD, "| module | what it is |", "| --- | --- |"]
    for layer in layers:
        places = {name: README.parent / "src" / name.replace(".", "/") for name in sorted(layer.split(" | "))}
        lines += [f"| `{name}` | {_first_line(place)} |" for name, place in places.items()]
        lines.append("| | |")
    return "\n".join(lines[:-1]) + "\n"


def _first_line(place: Path) -> str:
    file = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
    said = ast.get_docstring(ast.parse(file.read_text("utf-8"))) or ""
    return " ".join(said.split("\n\n")[0].split()).replace("|", "\\|").replace("``", "`")


PAGES = {"config.md": config_page, "api.md": api_page, "crm.md": crm_page, "modules.md": modules_page}

if __name__ == "__main__":
    import nbformat

    for name, page in PAGES.items():
        (REFERENCE / name).write_text(page(), encoding="utf-8")
    README.write_text(NUMBERS.sub(lambda _: numbers(), README.read_text("utf-8")), encoding="utf-8")
    for script in sorted(NOTEBOOKS.glob("*.py")):
        nbformat.write(notebook(script), script.with_suffix(".ipynb"))
