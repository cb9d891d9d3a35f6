"""A definition counts as signed when both teams named a person and a date, under this very definition."""

from __future__ import annotations

import json

import pandas as pd
import pytest
import yaml

from icp.config import config_dir
from icp.errors import ConfigError
from icp.labels import definition_sha, is_filled_in, make_labels, sheet_line, signoff_template
from icp.options import LabelOptions
from icp.tables import AccountTable, Column

BOTH = {"marketing": {"name": "Ada M.", "date": "2026-03-02"}, "sales": {"name": "Bo S.", "date": "2026-03-03"}}


@pytest.fixture
def accounts():
    index = pd.Index([f"A-{i}" for i in range(4)], name="account_id")
    frame = pd.DataFrame({"won": pd.array(["1", "0", "1", "0"], dtype="str")}, index=index)
    return AccountTable(frame, (Column("won", "label", "categorical", "asked for"),), "demo", None)


@pytest.fixture
def sheet(accounts, tmp_path):
    """Write a sheet for a definition, filled in as told; its path."""

    def write(entries=BOTH, options=None, **definition):
        options = options or LabelOptions(column="won", positive=1)
        content = yaml.safe_load(signoff_template(make_labels(options, accounts, as_of=None).definition)) | entries
        if definition:
            content["definition"] = definition
        path = tmp_path / "signoff.yaml"
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
        return str(path)

    return write


def labels(accounts, path, **options):
    return make_labels(LabelOptions(column="won", positive=1, signoff=path, **options), accounts, as_of=None)


def test_without_a_file_nobody_signed_and_nothing_is_wrong(accounts):
    made = labels(accounts, None)
    assert made.definition.signoff == {"signed": False, "marketing": None, "sales": None}
    assert made.findings == () and len(made.definition.sha256) == 64


def test_both_teams_make_a_signed_definition_without_names_or_paths(accounts, sheet):
    made = labels(accounts, sheet())
    assert made.definition.signoff == {"signed": True, "marketing": "2026-03-02", "sales": "2026-03-03"}
    assert made.findings == ()
    kept = json.dumps(made.definition.to_dict())
    assert not [word for word in ("Ada", "Bo S.", "signoff.yaml") if word in kept]


@pytest.mark.parametrize("lacking", [{"name": "", "date": "2026-03-02"}, {"name": "Ada M.", "date": None}, None])
def test_a_name_and_a_date_are_needed_of_each(accounts, sheet, lacking):
    made = labels(accounts, sheet({**BOTH, "marketing": lacking}))
    assert not made.definition.signoff["signed"] and made.definition.signoff["sales"] == "2026-03-03"
    assert [(finding.code, finding.severity) for finding in made.findings] == [("ICP317", "note")]
    assert "marketing" in made.findings[0].message and "sales" not in made.findings[0].message


def test_another_definition_is_not_the_one_that_was_signed(accounts, sheet):
    made = labels(accounts, sheet(), definition_version="2")
    assert made.definition.signoff == {"signed": False, "marketing": None, "sales": None}
    assert [(finding.code, finding.severity) for finding in made.findings] == [("ICP317", "warning")]


def test_a_sheet_may_name_version_and_text_whatever_the_dates_in_it(accounts, sheet):
    assert labels(accounts, sheet(version="1", text="won is 1")).definition.signoff["signed"]
    assert not labels(accounts, sheet(version="1", text="won is 2")).definition.signoff["signed"]
    assert not labels(accounts, sheet(version="2", text="won is 1")).definition.signoff["signed"]


def test_the_fingerprint_does_not_know_the_sign_off():
    base = LabelOptions(recipe="won", positive=["Won"], window="180d")
    assert definition_sha(base) == definition_sha(LabelOptions(**{**base.__dict__, "signoff": "x.yaml"}))
    others = ({"window": "90d"}, {"positive": ["Won", "Renewed"]}, {"definition_version": "2"}, {"recipe": "rfm"})
    assert len({definition_sha(LabelOptions(**{**base.__dict__, **other})) for other in others}) == 4


@pytest.mark.parametrize(
    "text",
    ["a: [", "- a list", "definition: x", "definition: x\nmarketing: Ada\nsales: Bo\n", "\x00"],
)
def test_a_file_that_is_no_sign_off_is_refused_in_one_block(accounts, tmp_path, text, sheet):
    path = tmp_path / "own.yaml"
    path.write_text(text.replace("definition: x\nm", f"definition: {definition_sha(OPTIONS)}\nm"), encoding="utf-8")
    with pytest.raises(ConfigError, match="ICP316"):
        labels(accounts, str(path))


OPTIONS = LabelOptions(column="won", positive=1)


def test_a_date_that_is_none_and_a_file_that_is_not_there_are_refused(accounts, sheet):
    with pytest.raises(ConfigError, match="2026-03-31"):
        labels(accounts, sheet({**BOTH, "sales": {"name": "Bo", "date": "next week"}}))
    with pytest.raises(ConfigError, match="cannot be read"):
        labels(accounts, "/nowhere/signoff.yaml")


def test_an_empty_sheet_may_be_replaced_and_a_filled_one_not(sheet, tmp_path):
    nobody = {team: {"name": "", "date": ""} for team in BOTH}
    assert not is_filled_in(tmp_path / "signoff.yaml")
    assert not is_filled_in(sheet(nobody))
    assert is_filled_in(sheet({**nobody, "sales": {"name": "Bo", "date": ""}}))
    (tmp_path / "signoff.yaml").write_text("my own notes", encoding="utf-8")
    assert is_filled_in(tmp_path / "signoff.yaml")


def test_a_sheet_that_is_kept_says_whether_it_is_of_this_definition(accounts, sheet, tmp_path):
    path = tmp_path / "signoff.yaml"
    this = make_labels(LabelOptions(column="won", positive=1), accounts, as_of=None).definition
    other = make_labels(LabelOptions(column="won", positive=0), accounts, as_of=None).definition
    assert sheet_line(path, this) == f"to be signed by both teams: {path}"
    sheet()
    assert sheet_line(path, this) == f"kept, as somebody filled it in: {path}"
    assert sheet_line(path, other).endswith("of this definition: move it away, and the next run writes a new one")
    path.write_text("my own notes", encoding="utf-8")
    assert "not of this definition" in sheet_line(path, this)


@pytest.mark.parametrize("group", ["labels", "versus"])
def test_every_recipe_shows_the_key_that_names_the_sheet(group):
    recipes = [file for file in (config_dir() / group).glob("*.yaml") if file.stem not in ("auto", "none")]
    assert len(recipes) == 5
    for file in recipes:
        assert yaml.safe_load(file.read_text("utf-8"))["signoff"] is None
