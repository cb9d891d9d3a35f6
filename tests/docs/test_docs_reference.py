"""The reference pages say what the code does: every key, column and name, and nothing that is not there."""

from __future__ import annotations

import dataclasses
import json
import re
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import icp
from icp.config import RunConfig
from icp.config._schema import CHOICES
from icp.delivery import target, target_names
from icp.engines import SCORE_COLUMNS

DOCS = Path(__file__).parents[2] / "docs"
REFERENCE = DOCS / "reference"
GENERATE = runpy.run_path(str(DOCS / "generate.py"))


def names_in_first_column(page: str) -> list[str]:
    return [name for line in page.splitlines() if line.startswith("| `") for name in in_ticks(line.split(" | ")[0])]


def in_ticks(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


@pytest.mark.parametrize("name", sorted(GENERATE["PAGES"]))
def test_generated_pages_are_those_of_the_code(name):
    assert (REFERENCE / name).read_text("utf-8") == GENERATE["PAGES"][name](), "run: make docs"


def test_the_numbers_of_the_readme_are_those_of_the_benchmarks():
    told = GENERATE["NUMBERS"].search((DOCS.parent / "README.md").read_text("utf-8"))
    assert told is not None
    assert told[0] == GENERATE["numbers"](), "run: make docs"


def test_every_key_of_the_configuration_has_a_line():
    keys = {
        f"{part.name}.{key}" if dataclasses.is_dataclass(value) else part.name
        for part in dataclasses.fields(RunConfig)
        for value in [getattr(RunConfig(), part.name)]
        for key in (dataclasses.asdict(value) if dataclasses.is_dataclass(value) else [""])
    }
    chosen_by_group = {"accounts.source", "events.source", "outcomes.source", "labels.recipe", "delivery.target",
                       "versus.recipe", "activities.source", "dispositions.source"}  # fmt: skip
    listed = names_in_first_column((REFERENCE / "config.md").read_text("utf-8"))
    assert keys - chosen_by_group - {"tracking.store"} == set(listed)


def test_every_public_name_has_one_heading():
    headings = re.findall(r"^### `icp\.(\w+)`$", (REFERENCE / "api.md").read_text("utf-8"), re.M)
    assert sorted(headings) == sorted(icp.__all__)


def test_the_map_names_every_package_and_nothing_that_is_gone():
    page = (DOCS / "README.md").read_text("utf-8").split("## A newcomer's map of the code")[1]
    code = DOCS.parent / "src" / "icp"
    named = set(in_ticks(page))
    gone = [name for name in named if name.startswith("src/icp") and not (DOCS.parent / name).exists()]
    assert gone == []
    folders = {path.parent.name for path in code.glob("*/__init__.py")}
    told = {name.removeprefix("src/icp/").split("/")[0] for name in named}
    assert sorted(folders - told) == []
    modules = {path.stem for path in code.glob("[!_]*.py")} | {path.stem for path in code.glob("_[!_]*.py")} | folders
    listed = names_in_first_column((REFERENCE / "modules.md").read_text("utf-8"))
    assert sorted({f"icp.{name}" for name in modules} - set(listed)) == []


def test_scores_csv_is_described_column_by_column():
    page = (REFERENCE / "csv.md").read_text("utf-8").split("## The list for a CRM")[0]
    assert names_in_first_column(page) == list(SCORE_COLUMNS)


def test_the_page_of_crms_has_every_target_field_and_limit():
    page = (REFERENCE / "crm.md").read_text("utf-8")
    columns, heads = page.split("## Column heads")
    sources = {name for line in columns.splitlines() if line.startswith("|") for name in in_ticks(line.split(" | ")[0])}
    assert sources <= set(SCORE_COLUMNS)
    assert set(CHOICES["delivery.target"]) == {"none", *target_names()}
    for name in target_names():
        rules = target(name)
        assert all(f"`{head}`" in (columns if name == "generic" else heads) for head in rules.headers)
        assert all(limit.source in heads and limit.date in heads and limit.evidence for limit in rules.limits)
        assert {"rows", "bytes"} <= {limit.kind for limit in rules.limits}


def keys_of(value: Any, path: str = "") -> Iterator[str]:
    """Every leaf of the card, ``[]`` for a list; the free parts as one."""
    if path in ("definition.parameters", "findings[].evidence") or path.startswith("gain[]"):
        yield path.replace("[][]", "[]")
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from keys_of(part, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        yield from (key for part in value for key in keys_of(part, f"{path}[]")) if value else [f"{path}[]"]
    else:
        yield path


def test_every_key_of_a_card_is_explained(leads, dated):
    explained = set(names_in_first_column((REFERENCE / "card.md").read_text("utf-8")))
    found = {
        key for model in (leads, dated) for key in keys_of(json.loads((model.bundle / "card.json").read_text("utf-8")))
    }
    assert {key for key in found - explained if not empty_list(key, explained)} == set()
    sometimes = (
        "profiles[]",
        "metrics.value_capture_at_10",
        "metrics.selection_ratio_min",
        "findings[]",
        "quarantined[]",
        "brought_back[]",
        "selection[]",
        "briefs[].messages[]",
        "samples[]",
        "unlabelled_base.",
        "worked.",
        "reasons_view.",
    )
    assert {key for key in explained - found if not key.startswith(sometimes)} == set()


def empty_list(key: str, explained: set[str]) -> bool:
    return key.endswith("[]") and any(name.startswith(f"{key}.") for name in explained)
