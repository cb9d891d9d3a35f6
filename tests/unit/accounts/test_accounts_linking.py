"""Leads matched by Splink: found, never picked where it is not clear, the same again, and nothing reaches outside."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest

import icp
from icp.accounts import match_accounts
from icp.accounts._linking import _SETTINGS
from icp.errors import ConfigError, TableError

KNOWN, STRANGE = 300, 150
CITIES = [f"City {i}" for i in range(40)]


@pytest.fixture(scope="module")
def made():
    """5,000 accounts, leads with a typo each, and leads of nobody; the last accounts are twins in two cities."""
    rng = np.random.default_rng(7)
    parts = "alb bor cen dur ell fjo gra hol ivo kas lum mon nor ost pel ros".split()  # noqa: SIM905
    kinds = ["Tools", "Shipping", "Energy", "Foods", "Systems", "Logistics"]
    word = lambda: "".join(rng.choice(parts, 3)).capitalize()  # noqa: E731
    names = list(dict.fromkeys(f"{word()} {word()} {rng.choice(kinds)}" for _ in range(6000)))
    own, strange = names[:4990], names[4990 : 4990 + STRANGE]
    twins = [name for name in names[5400:5405] for _ in range(2)]
    accounts = pd.DataFrame({"name": [f"{name} GmbH" for name in [*own, *twins]], "domain": "", "parent_id": ""})
    accounts["account_id"] = [f"A-{i}" for i in range(len(accounts))]
    accounts["city"] = rng.choice(CITIES, len(accounts))
    accounts.loc[4990:, "city"] = ["City 1", "City 2"] * 5
    truth = rng.permutation(4990)[:KNOWN]
    cities = [*accounts["city"].iloc[truth], *rng.choice(CITIES, STRANGE), *["city 2"] * 5]
    leads = [*(typo(own[i], rng).upper() for i in truth), *strange, *(typo(name, rng) for name in twins[::2])]
    return pd.DataFrame({"name": leads, "domain": "", "city": cities}), accounts, [f"A-{i}" for i in truth]


def typo(text, rng):
    """One letter left out."""
    i = int(rng.integers(1, len(text) - 1))
    return text[:i] + text[i + 1 :]


@pytest.fixture(scope="module")
def found(made):
    return match_accounts(made[0], made[1], method="splink")


def test_planted_leads_are_found_and_none_is_given_a_wrong_account(made, found):
    known, strange = found.iloc[:KNOWN], found.iloc[KNOWN : KNOWN + STRANGE]
    right = known["account_id"].to_numpy() == np.array(made[2])
    assert right.mean() >= 0.95
    assert ((known["outcome"] == "matched") & ~right).sum() == 0
    assert (strange["outcome"] == "matched").sum() <= 1
    assert (known["by"][right] == "splink").all() and known["confidence"][right].between(0.95, 1).all()


def test_twins_are_ambiguous_until_a_further_column_tells_them_apart(made, found):
    twins = found.iloc[-5:]
    assert (twins["outcome"] == "ambiguous").all() and twins["account_id"].isna().all()
    assert twins["candidates"].tolist() == [f"A-{i} A-{i + 1}" for i in range(4990, 5000, 2)]
    told = match_accounts(made[0], made[1], method="splink", compare=["city"])
    assert told["account_id"].iloc[-5:].tolist() == [f"A-{i}" for i in range(4991, 5001, 2)]
    assert (told["account_id"].iloc[:KNOWN].to_numpy() == np.array(made[2])).mean() >= 0.95


def test_a_name_never_wins_over_another_domain(made, found):
    leads, accounts = made[0].iloc[:220].copy(), made[1].copy()
    leads["domain"], accounts["domain"] = "lead.example", "account.example"
    assert (match_accounts(leads, accounts, method="splink")["outcome"] == "none").all()
    assert (found["outcome"].iloc[:220] == "matched").any()


def test_order_plays_no_part_and_what_domain_and_name_say_stays(made, found):
    more = pd.DataFrame({"name": [made[1]["name"][0], ""], "domain": ""})
    leads = pd.concat([made[0], more], ignore_index=True)
    later = match_accounts(leads, made[1].iloc[::-1], method="splink")
    assert later["by"].iloc[-2] == "name" and later["account_id"].iloc[-2] == "A-0"
    assert later["outcome"].iloc[-1] == "none"
    pd.testing.assert_frame_equal(later.iloc[:-2], found)


@pytest.mark.parametrize("package", ["splink", "duckdb"])
def test_without_the_extra_it_says_what_to_install(made, package, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ConfigError, match=rf"ICP748.*{package}") as refused:
        match_accounts(made[0], made[1], method="splink")
    assert "icp[match]" in str(refused.value)
    assert match_accounts(made[0].iloc[:3], made[1])["outcome"].tolist() == ["matched"] * 3


def test_what_it_cannot_do_is_refused(made):
    leads, accounts, _ = made
    with pytest.raises(ConfigError, match=r"ICP746.*only 50 leads"):
        match_accounts(leads.iloc[:50], accounts, method="splink")
    with pytest.raises(ConfigError, match="ICP747"):
        match_accounts(leads, accounts, method="spark")
    with pytest.raises(ConfigError, match="ICP747"):
        match_accounts(leads, accounts, compare=["city"])
    with pytest.raises(TableError, match="'town' is missing"):
        match_accounts(leads, accounts, method="splink", compare=["town"])


@pytest.mark.parametrize(
    "asked",
    [
        "INSTALL httpfs",
        "LOAD httpfs",
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM read_csv('https://127.0.0.1:9/x.csv')",
        "COPY (SELECT 1) TO 'x.csv'",
    ],
)
def test_the_database_reaches_no_file_and_no_network(asked, tmp_path, monkeypatch):
    import duckdb

    monkeypatch.chdir(tmp_path)
    database = duckdb.connect(":memory:")
    for setting in _SETTINGS:
        database.execute(setting)
    with pytest.raises(duckdb.PermissionException):
        database.execute(asked)
    with pytest.raises(duckdb.InvalidInputException):
        database.execute("SET enable_external_access = true")
    assert not list(tmp_path.iterdir())


def test_the_command_takes_the_method_and_the_columns(made, tmp_path, capsys):
    leads, accounts, truth = made
    leads.rename(columns={"city": "Town"}).to_csv(tmp_path / "fair.csv", index=False)
    accounts.to_csv(tmp_path / "crm.csv", index=False)
    more = ["leads.method=splink", 'leads.compare=["Town=city"]', f"leads.path={tmp_path / 'fair.csv'}"]
    read = ["accounts=csv", f"accounts.path={tmp_path / 'crm.csv'}", "accounts.account_id=account_id"]
    settings = [*read, *more, "accounts.name_column=name", f"output={tmp_path / 'out'}"]
    result = icp.match.run(icp.load_config("match", settings))
    written = pd.read_csv(tmp_path / "out" / "leads.csv", dtype=str, keep_default_na=False)
    assert (written["account_id"][:KNOWN].to_numpy() == np.array(truth)).mean() >= 0.95
    assert result.counts["matched"] == (written["outcome"] == "matched").sum() >= KNOWN * 0.95
    assert "splink" not in capsys.readouterr().err.lower()
