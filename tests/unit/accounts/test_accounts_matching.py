"""Leads and accounts: found by domain, name and near name; never picked where it is not clear; rolled up to parents."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from icp.accounts import match_accounts, root_accounts
from icp.accounts._names import company_domain, company_name
from icp.errors import TableError

ACCOUNTS = pd.DataFrame(
    [
        ("A-1", "Müller & Söhne GmbH", "https://www.mueller-soehne.de/", ""),
        ("A-2", "Acme Tools Inc.", "acme.com", ""),
        ("A-3", "Acme Europe BV", "acme.com", "A-2"),
        ("A-4", "Northern Light Shipping", "", ""),
        ("A-5", "Delta Electric", "delta-e.com", ""),
        ("A-6", "Delta Electric", "", ""),
        ("A-7", "Pacific Timber Trading Company", "", "A-8"),
        ("A-8", "Pacific Holding", "pacific.example", ""),
    ],
    columns=["account_id", "name", "domain", "parent_id"],
)


def one(name="", domain=""):
    return match_accounts(pd.DataFrame([{"name": name, "domain": domain}]), ACCOUNTS).iloc[0]


@pytest.mark.parametrize(
    ("name", "domain", "account", "by"),
    [
        ("whatever", "info@Mueller-Soehne.de", "A-1", "domain"),
        ("ACME EUROPE", "sales@acme.com", "A-3", "domain and name"),
        ("Müller and Söhne G.m.b.H.", "", "A-1", "name"),
        ("northern light shipping ltd", "x@gmail.com", "A-4", "name"),
        ("Northern Ligth Shipping", "", "A-4", "near name"),
        ("Pacific Timber Tradings", "", "A-7", "near name"),
    ],
)
def test_a_lead_is_found(name, domain, account, by):
    found = one(name, domain)
    assert (found["outcome"], found["account_id"], found["by"]) == ("matched", account, by)


@pytest.mark.parametrize(
    ("name", "domain", "candidates"),
    [("Acme", "acme.com", "A-2 A-3"), ("Delta Electric", "", "A-5 A-6"), ("Delta Electrics", "", "A-5 A-6")],
)
def test_what_is_not_clear_is_never_picked(name, domain, candidates):
    found = one(name, domain)
    assert found["outcome"] == "ambiguous" and pd.isna(found["account_id"])
    assert found["candidates"] == candidates


def test_candidates_of_one_family_have_a_root_and_others_have_none():
    assert one("Acme", "acme.com")["root_id"] == "A-2"
    assert pd.isna(one("Delta Electric")["root_id"])
    assert one("Pacific Timber Trading")["root_id"] == "A-8"


def test_a_name_never_wins_over_another_domain():
    assert one("Müller & Söhne GmbH", "other.de")["outcome"] == "none"
    assert one("Delta Electric", "other.de")["account_id"] == "A-6"  # the one whose domain is not known


def test_nothing_like_it_and_empty_leads_are_none():
    assert one("Completely Different Firm")["outcome"] == "none"
    found = match_accounts(pd.DataFrame({"name": [None, ""], "domain": ["", None]}), ACCOUNTS)
    assert found["outcome"].tolist() == ["none", "none"] and found["confidence"].isna().all()


def test_confidence_falls_from_domain_to_near_name():
    domain, name, near = one("x", "acme.com"), one("Northern Light Shipping"), one("Northern Ligth Shipping")
    assert domain["confidence"] == 1.0 > name["confidence"] == 0.95 > near["confidence"] >= 0.87


def typo(text, rng):
    """One letter left out, doubled or exchanged with the next."""
    i = int(rng.integers(1, len(text) - 1))
    return [text[:i] + text[i + 1 :], text[:i] + text[i] + text[i:], text[:i] + text[i + 1] + text[i] + text[i + 2 :]][
        int(rng.integers(0, 3))
    ]


def test_planted_leads_are_found_and_hardly_ever_wrong():
    """4,000 accounts of invented names, many alike; leads with typos and other legal forms, half of them of nobody."""
    rng = np.random.default_rng(4)
    parts = "alb bor cen dur ell fjo gra hol ivo kas lum mon nor ost pel ros".split()  # noqa: SIM905
    word = lambda: "".join(rng.choice(parts, 3)).capitalize()  # noqa: E731
    kinds = ["Tools", "Shipping", "Energy", "Foods", "Systems", "Logistics"]
    names = list(dict.fromkeys(f"{word()} {word()} {rng.choice(kinds)}" for _ in range(8000)))
    accounts = pd.DataFrame(
        {"account_id": [f"A-{i}" for i in range(4000)], "name": [f"{one} GmbH" for one in names[:4000]]}
    )
    truth = rng.permutation(4000)[:500]
    leads = [typo(names[i], rng).upper() + " Ltd." for i in truth] + [names[i] for i in range(4000, 4500)]
    found = match_accounts(pd.DataFrame({"name": leads}), accounts)
    known, strange = found.iloc[:500], found.iloc[500:]
    right = known["account_id"].to_numpy() == np.array([f"A-{i}" for i in truth])
    assert right.mean() >= 0.9
    assert (right | (known["outcome"] == "ambiguous")).mean() >= 0.99
    assert ((known["outcome"] == "matched") & ~right).sum() == 0
    assert (strange["outcome"] == "matched").mean() <= 0.01


@given(st.dictionaries(st.sampled_from("ABCDEFGH"), st.sampled_from(["", *"ABCDEFGHXY"])))
def test_roots_have_no_parent_or_lie_in_a_circle(parents):
    roots = root_accounts(parents)
    assert set(roots) == set(parents)
    for name, root in roots.items():
        path, at = [name], name
        above = {one: "" if parent == one else parent for one, parent in parents.items()}
        while above.get(at) and above[at] not in path:
            at = above[at]
            path.append(at)
        in_circle = bool(above.get(at))
        assert root == (name if in_circle else at)


def test_order_of_the_accounts_plays_no_part():
    leads = pd.DataFrame({"name": ["Acme", "Delta Electrics", "Pacific Timber"], "domain": ["acme.com", "", ""]})
    turned = match_accounts(leads, ACCOUNTS.iloc[::-1])
    pd.testing.assert_frame_equal(turned, match_accounts(leads, ACCOUNTS))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("The Big Co., Ltd.", "big"),
        ("Łódź Sp. z o.o.", "lodz sp z oo"),
        ("SE", "se"),
        ("", ""),
        ("L'Oréal S.A.", "loreal"),
    ],
)
def test_names_are_made_the_same(text, name):
    assert company_name(text) == name


@pytest.mark.parametrize("text", ["", "none", "a b.com", "ann@gmail.com", "http://", "-"])
def test_what_is_no_domain_of_a_company_is_empty(text):
    assert company_domain(text) == ""


def test_missing_columns_and_repeated_ids_are_told():
    with pytest.raises(TableError, match="ICP102") as refused:
        match_accounts(pd.DataFrame({"Name": []}), pd.DataFrame({"id": []}))
    assert len(refused.value.problems) == 3
    with pytest.raises(TableError, match="ICP104"):
        match_accounts(pd.DataFrame({"name": ["x"]}), pd.concat([ACCOUNTS, ACCOUNTS.iloc[:1]]))
