"""Proposals of teams: what is taken, what is refused by name."""

import pytest

from icp._proposing import answered, read_proposals
from icp.errors import ConfigError
from icp.outcomes import proposals_of


def test_a_file_and_free_names_of_columns_are_one_list_of_proposals(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "asked.csv").write_text("Column;value;Team;On\nindustry;Energy;north;2026-04-01\n;;;\n", "cp1252")
    (tmp_path / "asked.yaml").write_text("proposals:\n- {what: Größe, team: south}\n", "utf-8")
    found = read_proposals(["asked.csv", "asked.yaml", "has_data_team"])
    assert [(one.id, one.kind, one.column, one.value, one.team) for one in found] == [
        ("p1", "exclusion", "industry", "Energy", "north"),
        ("p3", "trait", "Größe", "", "south"),
        ("p4", "trait", "has_data_team", "", ""),
    ]


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"column": "size", "rep": "Ada"}, "names a person"),
        ({"column": "size", "team": "ada@firm.example"}, "has an address"),
        ({"column": "size", "colum": "x"}, "Did you mean 'column'"),
        ({"column": "size", "kind": "exclusion"}, "without a value"),
        ({"column": "size", "kind": "trate"}, "Did you mean 'trait'"),
        ({"value": "x"}, "names no column"),
        ({"column": "size", "on": "1.4.2026"}, "Write it as 2026-04-01"),
    ],
)
def test_what_cannot_be_answered_is_refused_by_name(entry, said):
    with pytest.raises(ConfigError, match=r"ICP631[\s\S]*" + said):
        proposals_of([{"column": "fine"}, entry], "asked.csv")


def test_ids_that_repeat_are_refused():
    with pytest.raises(ConfigError, match="2 proposals have the id 'a'"):
        proposals_of([{"id": "a", "column": "x"}, {"id": "a", "column": "y"}], "asked.csv")


@pytest.mark.parametrize("content", ["just words", "proposals: 3", "a: [", "proposals:\n- words\n"])
def test_a_file_without_a_list_is_refused(tmp_path, content):
    (tmp_path / "asked.yaml").write_text(content)
    with pytest.raises(ConfigError, match="ICP630"):
        read_proposals([str(tmp_path / "asked.yaml")])
    with pytest.raises(ConfigError, match="ICP630"):
        read_proposals([str(tmp_path / "gone.csv")])


def test_a_proposal_made_since_the_last_training_waits_and_is_told_once(tmp_path):
    (tmp_path / "release_note.json").write_text(
        '{"model_version": "leads-2", "proposals": [{"id": "p1", "kind": "trait", "column": "Size", "value": "", '
        '"status": "used", "answer": "Used."}]}'
    )
    note = answered(str(tmp_path), read_proposals(["size", "city"]))
    assert [(row["column"], row["status"]) for row in note["proposals"]] == [("Size", "used"), ("city", "waits")]
    with pytest.raises(ConfigError, match="ICP633"):
        answered(str(tmp_path / "gone"), ())


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("heads", ["column,value,what\n", ",,,,\n", "column,column\n"])
def test_a_sheet_of_heads_only_proposes_nothing_without_a_warning(heads, tmp_path):
    (tmp_path / "proposals.csv").write_text(heads, encoding="utf-8")
    assert read_proposals([str(tmp_path / "proposals.csv")]) == ()
