"""Profiles keep their ids and names over training runs, through the commands."""

from __future__ import annotations

import json
import shutil
import sqlite3
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import icp
from icp.bundle import read
from icp.errors import ConfigError
from planted_customers import ALL, KINDS, customers, train
from trained_models import inside, without_examples


def output(folder, name):
    return folder / "out" / name


def events(folder, name):
    table = pd.read_csv(output(folder, name) / "profile_changes.csv", keep_default_na=False)
    return table.set_index("event")


def profiles(result):
    return {profile.id: profile for profile in result.model.profiles_.profiles}


def kind_of(result, table):
    """The kind that most best customers of each profile are of, by profile id."""
    found = result.model.score_accounts(table.set_index("account_id"))
    best = (table["best"] == "yes").to_numpy()
    kinds = pd.Series(table["kind"].to_numpy()[best]).groupby(found["profile_id"].to_numpy()[best])
    return {key: kind for key, kind in kinds.agg(lambda part: part.mode()[0]).items() if key}


def codes(result):
    return {finding.code: finding for finding in result.findings if finding.code.startswith("ICP25")}


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    folder = tmp_path_factory.mktemp("identity")
    table = customers(1)
    return folder, table, train(folder, table, "one")


@pytest.fixture
def work(first, tmp_path):
    """A copy of the working directory after the first training."""
    shutil.copytree(first[0], tmp_path / "work")
    return tmp_path / "work"


def test_the_first_version_counts_from_p1_and_tells_of_no_change(first):
    folder, _, result = first
    assert [profile.id for profile in result.model.profiles_.profiles] == ["P1", "P2", "P3"]
    assert result.model.profiles_.used_ids == ("P1", "P2", "P3")
    assert events(folder, "one").empty and not codes(result)
    assert "Since the version before" not in (output(folder, "one") / "report.html").read_text("utf-8")


def test_a_bootstrap_without_any_id_keeps_ids_names_and_nearly_all_accounts(first, work):
    _, table, before = first
    rng = np.random.default_rng(7)
    again = table.iloc[rng.integers(0, len(table), len(table))].drop(columns="account_id")
    after = train(work, again, "two")
    assert kind_of(after, table) == kind_of(before, table)
    assert {key: one.name for key, one in profiles(after).items()} == {k: p.name for k, p in profiles(before).items()}
    found = events(work, "two")
    assert set(found.index) == {"kept"} and (found["id"] == found["id_before"]).all()
    old, new = (result.model.score_accounts(table)["profile_id"] for result in (before, after))
    same, best = (old.fillna("") == new.fillna("")).to_numpy(), (table["best"] == "yes").to_numpy()
    assert same[best].mean() > 0.95
    assert codes(after)["ICP250"].evidence["share_kept"] > 0.95 and "ICP252" not in codes(after)


def test_the_same_table_gives_the_same_bytes_and_says_that_all_are_kept(first, work):
    _, table, before = first
    after = train(work, table, "two")
    assert after.model.bundle_.content_hash == before.model.bundle_.content_hash
    assert codes(after)["ICP250"].evidence["share_kept"] == 1.0
    migration = pd.read_csv(output(work, "two") / "profile_migration.csv")
    assert (migration["id_before"] == migration["id"]).all() and migration["n"].sum() == (table["best"] == "yes").sum()


def test_a_new_kind_is_born_with_a_new_id_and_the_version_after_it_knows_it(first, work):
    _, table, before = first
    wider = customers(2, {**ALL, "software": 70})
    after = train(work, wider, "two")
    found = events(work, "two")
    assert sorted(found.index) == ["born", "kept", "kept", "kept"]
    assert found.loc["born", "id"] == "P4" and kind_of(after, wider)["P4"] == "software"
    assert {k: v for k, v in kind_of(after, wider).items() if k != "P4"} == kind_of(before, table)
    assert "P4" in codes(after)["ICP251"].message and "is new" in codes(after)["ICP251"].message
    third = train(work, customers(3, {**ALL, "software": 75}), "three")  # the champion is still the first version
    assert after.version.alias == "challenger" and kind_of(third, wider)["P4"] == "software"


def test_a_retired_id_is_never_given_again(first, work):
    _, table, before = first
    gone = next(key for key, kind in kind_of(before, table).items() if kind == "clinic")
    narrower = customers(4, {"exporter": 80, "shop": 80})
    second = train(work, narrower, "two", "promotion=always")
    assert events(work, "two").loc["retired", "id_before"] == gone
    assert gone not in profiles(second) and gone in second.model.profiles_.used_ids
    third = train(work, customers(5), "three", "promotion=always")
    born = events(work, "three").loc["born", "id"]
    assert born == "P4" and kind_of(third, customers(5))["P4"] == "clinic"


def test_names_set_by_a_person_and_messages_that_use_them_survive(first, work):
    _, table, _ = first
    second = train(work, table, "two", 'profiles.names=["P2=Export hunters"]', "promotion=always")
    assert (profiles(second)["P2"].name, profiles(second)["P2"].named_by) == ("Export hunters", "person")
    made, kind = profiles(second)["P1"].name, kind_of(second, table)["P2"]
    (work / "messages.yaml").write_text(MESSAGES.format(group=KINDS[kind]["region"]))
    third = train(work, customers(6), "three", "messages.library=messages.yaml", "promotion=always")
    assert profiles(third)["P2"].name == "Export hunters" and profiles(third)["P1"].name == made
    assert kind_of(third, table)["P2"] == kind
    briefs = json.loads((output(work, "three") / "briefs.json").read_text("utf-8"))
    said = {one["text"]: one["status"] for brief in briefs for one in brief["messages"]}
    assert said == {"by name": "delivered", "by id": "delivered"}
    renamed = train(work, table, "four", "messages.library=messages.yaml", 'profiles.names=["P2=Hunters"]')
    assert profiles(renamed)["P2"].former_names[0] == "Export hunters"
    assert "ICP655" not in {finding.code for finding in renamed.findings}
    back = train(work, table, "five", 'profiles.names=["P2=auto"]')
    assert profiles(back)["P2"].name == profiles(train(work, table, "six", "tracking=none"))["P2"].name


MESSAGES = """\
messages:
- {{id: a, profile: Export hunters, trait: region, group: {group}, text: by name}}
- {{id: b, profile: P2, trait: region, group: {group}, text: by id}}
"""


def test_a_name_for_a_profile_that_there_is_not_is_told_and_one_that_cannot_be_read_stops_the_run(first, work):
    _, table, _ = first
    result = train(work, table, "two", 'profiles.names=["P9=Nobody","P1=Somebody"]')
    assert "there is no P9" in codes(result)["ICP254"].message and profiles(result)["P1"].name == "Somebody"
    with pytest.raises(ConfigError, match=r"'Nobody' is not an id and a name"):
        train(work, table, "three", "profiles.names=[Nobody]")
    assert not output(work, "three").exists()


def test_columns_that_are_gone_or_all_other_columns_are_no_reason_to_mix_ids_up(first, work):
    _, table, before = first
    fewer = train(work, table.drop(columns=["contract"]), "two")
    assert kind_of(fewer, table.drop(columns=["contract"])) == kind_of(before, table)
    other = table.rename(columns={name: f"{name}_new" for name in table.columns[1:-2]})
    changed = train(work, other, "three")
    assert set(profiles(changed)) == {"P4", "P5", "P6"}
    assert "no column that the profiles were made of is left" in codes(changed)["ICP253"].message
    assert sorted(events(work, "three").index) == ["born"] * 3 + ["retired"] * 3


def test_the_report_says_what_changed_and_is_drawn_again_the_same(first, work):
    train(work, customers(2, {**ALL, "software": 70}), "two")
    page = (output(work, "two") / "report.html").read_text("utf-8")
    assert "Since the version before" in page and "keep their profile" in page and "ICP251" in page
    with inside(work):
        icp.report.run(icp.load_config("report", ["model=models:/planted/2", "output=again"]))
    assert (work / "again" / "report.html").read_text("utf-8") == without_examples(page)


def test_a_model_made_before_ids_were_remembered_is_followed_all_the_same(first, work):
    _, table, before = first
    with inside(work):
        folder = icp.tracking.find_bundle("models:/planted@champion", icp.options.TrackingOptions())
    files = read(folder).files()
    model = json.loads(files["model.json"])
    del model["profiles"]["used_ids"]
    for profile in model["profiles"]["profiles"]:
        del profile["named_by"], profile["former_names"]
    old = icp.bundle.from_files({**files, "model.json": json.dumps(model).encode()})
    assert old.profiles.used_ids == ("P1", "P2", "P3")
    without_counts = replace(old, index=None)
    shutil.rmtree(folder)
    without_counts.write(folder)
    after = train(work, customers(8), "two")
    assert kind_of(after, table) == kind_of(before, table)


def test_the_rules_are_written_as_sql_that_finds_their_accounts(first):
    folder, table, result = first
    rules = json.loads((output(folder, "one") / "profile_rules.json").read_text("utf-8"))
    statements = (output(folder, "one") / "profile_rules.sql").read_text("utf-8")
    assert [rule["id"] for rule in rules] == ["P1", "P2", "P3"] and any(rule["where"] for rule in rules)
    with sqlite3.connect(":memory:") as base:
        table.to_sql("accounts", base, index=False)
        for rule, profile in zip(rules, result.model.profiles_.profiles, strict=True):
            if rule["where"] is None:
                assert rule["text"] == "no short rule" and profile.rule is None
                continue
            (statement,) = [line for line in statements.splitlines() if line.endswith(f"WHERE {rule['where']};")]
            found = {row[0] for row in base.execute(statement)}
            model = result.model
            values = icp.engines.traits_frame(model.bundle_, table.set_index("account_id"))
            holds = profile.rule.holds(values[:, list(model.bundle_.profile_traits)])
            assert found == set(table["account_id"][holds]) and found
