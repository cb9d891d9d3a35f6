"""What the index compares with: parts of the accounts, the window before, a market file; each named."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import icp
from icp.errors import ConfigError, TableError
from icp.model._base import _idle_name, choose_base, unworked_pool
from icp.model._known import know
from icp.profiles import index_profile
from icp.tables import OTHER_LEVEL
from trained_models import DATED, FLAG, inside


def read(trained, overrides, *more):
    with inside(trained.folder):
        cfg = icp.load_config("train", [*overrides, "tracking=none", *more])
        return cfg, icp.read_inputs(cfg)


def based(trained, overrides, choice, *more):
    """The base, and the index over it."""
    cfg, inputs = read(trained, overrides, f"profiles.base='{choice}'", *more)
    known, _ = know(inputs.accounts, inputs.labels, inputs.events, inputs.outcomes, cfg.traits)
    tables = (known, inputs.accounts, inputs.labels, inputs.events, inputs.outcomes)
    base = choose_base(*tables, cfg.profiles.base, inputs.base)
    frame = index_profile(known.profiled().rows(known.y == 1), base.table, base_name=base.name).frame()
    return inputs, base, frame.set_index(["trait", "group"]), unworked_pool(*tables)


@pytest.fixture(scope="module")
def market(dated, tmp_path_factory):
    """800 other companies: no CRM column, a sector that no account has, sizes with a decimal comma."""
    rows = pd.read_csv(dated.folder / "dated.csv", dtype=str, keep_default_na=False)
    rows = rows.sample(800, random_state=1).drop(columns=["crm_system", "account_id"])
    rows.loc[rows.index[:200], "industry"] = "Mining"
    rows["Umsatz je Kopf (€)"] = rows["Umsatz je Kopf (€)"].str.replace(".", ",", regex=False)
    file = tmp_path_factory.mktemp("market") / "market.csv"
    rows.to_csv(file, index=False, sep=";")
    return file


def test_the_default_is_every_account_with_a_known_outcome(dated):
    inputs, base, _, _ = based(dated, DATED, "known")
    assert base.name == "all accounts with a known outcome"
    assert len(base.table.values) == inputs.labels.label.notna().sum()
    assert inputs.base is None


def test_eligible_accounts_are_a_base_of_their_own(dated):
    inputs, base, frame, _ = based(dated, DATED, "eligible")
    assert base.name == "all eligible accounts"
    assert len(base.table.values) == inputs.labels.definition.n_eligible > inputs.labels.label.notna().sum()
    assert frame["n_base"].iloc[0] == inputs.labels.definition.n_eligible


def test_worked_accounts_are_those_the_column_names_and_the_others_are_where_more_can_be_found(dated, tmp_path):
    rows = pd.read_csv(dated.folder / "dated.csv", dtype=str, keep_default_na=False)
    rows["worked"] = np.where(np.arange(len(rows)) % 3 == 0, "no", "yes")
    rows.to_csv(tmp_path / "worked.csv", index=False)
    more = (f"accounts.path={tmp_path / 'worked.csv'}", "accounts.worked=worked")
    inputs, base, _, pool = based(dated, DATED, "worked", *more)
    assert base.name == "accounts that sales worked"
    assert len(base.table.values) == (rows["worked"] == "yes").sum()
    assert pool.name == "accounts that nobody worked"
    nobody = inputs.labels.eligible & (inputs.accounts.frame["worked"] == "no")
    assert len(pool.table.values) == nobody.sum() > 0


def test_without_a_word_on_who_was_worked_more_can_be_found_where_the_outcome_is_open(dated):
    inputs, _, _, pool = based(dated, DATED, "known")
    assert pool.name == "accounts without a known outcome"
    open_deals = inputs.labels.eligible & inputs.labels.label.isna()
    assert len(pool.table.values) == open_deals.sum() > 0


@pytest.mark.parametrize(
    ("recipe", "role", "says"),
    [
        ("revenue", "trait", "accounts that ordered nothing in the window"),
        ("revenue", "worked", "accounts that nobody worked"),
        ("won", "trait", "accounts that nobody worked"),
    ],
)
def test_customers_of_a_shop_are_not_called_unworked_unless_a_column_says_so(recipe, role, says):
    accounts = SimpleNamespace(columns=[SimpleNamespace(role=role)])
    labels = SimpleNamespace(definition=SimpleNamespace(recipe=recipe))
    assert _idle_name(accounts, labels) == says


def test_the_window_before_has_best_customers_by_the_same_definition(dated):
    inputs, base, frame, _ = based(dated, DATED, "previous")
    assert base.name == "the best customers of the 180 days before"
    outcomes = inputs.outcomes.frame
    then = pd.Timestamp("2026-03-31") - pd.Timedelta(days=180)
    won = outcomes[outcomes["kind"] == "Won"].groupby("account_id")["at"].min()
    first = won[(won > then) & (won <= pd.Timestamp("2026-03-31"))]
    assert set(base.table.account_id) == set(first.index)
    assert frame["penetration"].isna().all()  # whoever won before is not eligible now


def test_a_market_file_is_read_as_the_accounts_are(dated, market):
    _, base, frame, _ = based(dated, DATED, market)
    assert base.name == "the accounts of market.csv"
    assert set(frame["base"]) == {base.name}
    assert frame["n_base"].iloc[0] == 800
    (finding,) = base.findings
    assert (finding.code, finding.evidence["columns"]) == ("ICP244", ["crm_system"])
    assert "crm_system" not in frame.index.get_level_values("trait")
    assert frame.loc[("industry", OTHER_LEVEL), "base_n"] == 200
    figures = frame.loc["Umsatz je Kopf (€)"]
    assert figures.drop(index="not known", errors="ignore")["base_n"].sum() == 800


def test_changing_the_base_visibly_changes_the_answer(dated, market):
    indexes = {name: based(dated, DATED, name)[2]["index"] for name in ("known", "eligible", market)}
    retail = {name: float(index.loc[("industry", "Retail")]) for name, index in indexes.items()}
    assert len(set(retail.values())) == 3
    assert retail[market] > retail["known"] + 20


def test_parquet_is_a_market_too_and_its_ids_are_matched(dated, tmp_path):
    rows = pd.read_csv(dated.folder / "dated.csv", dtype=str, keep_default_na=False)
    rows.to_parquet(tmp_path / "market.parquet")
    _, base, frame, _ = based(dated, DATED, tmp_path / "market.parquet")
    assert frame["penetration"].notna().sum() > 0
    assert len(base.table.values) == len(rows)


@pytest.mark.parametrize(
    ("choice", "overrides", "code", "says"),
    [
        ("elligible", DATED, "ICP241", "Did you mean 'eligible'?"),
        ("market.csv", DATED, "ICP241", "there is no such file"),
        ("worked", FLAG, "ICP242", "accounts.worked="),
        ("previous", FLAG, "ICP242", "dated outcomes"),
    ],
)
def test_a_base_that_cannot_be_had_is_refused_before_a_table_is_read(dated, choice, overrides, code, says, monkeypatch):
    monkeypatch.setattr("icp._inputs.read_accounts", lambda *a, **k: pytest.fail("read"))
    with pytest.raises(ConfigError) as error:
        read(dated, overrides, f"profiles.base={choice}")
    (problem,) = error.value.problems
    assert problem.code == code
    assert says in str(problem)


def test_a_market_without_a_column_of_the_accounts_or_of_a_few_rows_is_refused(dated, tmp_path):
    (tmp_path / "other.csv").write_text("a,b\n" + "1,2\n" * 40)
    with pytest.raises(TableError, match=r"ICP243.*has no column"):
        read(dated, DATED, f"profiles.base={tmp_path / 'other.csv'}")
    (tmp_path / "few.csv").write_text("industry\n" + "Retail\n" * 9)
    with pytest.raises(TableError, match=r"ICP243.*holds 9 accounts"):
        read(dated, DATED, f"profiles.base={tmp_path / 'few.csv'}")


def test_a_window_without_outcomes_is_refused_in_its_own_words(dated):
    with pytest.raises(TableError, match=r"ICP243.*nothing is known of the 180 days before 2024"):
        read(dated, DATED, "profiles.base=previous", "as_of=2024-04-10")


def test_in_python_a_base_that_was_read_must_be_given(dated, market):
    cfg, inputs = read(dated, DATED, f"profiles.base={market}")
    known, _ = know(inputs.accounts, inputs.labels, inputs.events, inputs.outcomes, cfg.traits)
    with pytest.raises(ConfigError, match="ICP242"):
        choose_base(known, inputs.accounts, inputs.labels, None, None, cfg.profiles.base, None)
