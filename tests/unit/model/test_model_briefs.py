"""Briefs of a trained model: every number resolves, evidence decides what is delivered, no account is registered."""

from __future__ import annotations

import json
import re
from contextlib import closing
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import icp
from icp._briefing import messages_for_scoring
from icp._wording import percent
from icp.bundle import from_files
from icp.errors import BundleError, ConfigError
from icp.messages import Briefs, Library, Message
from icp.model._base import Base
from icp.model._briefs import examples_of, tell
from icp.model._known import know
from icp.options import MessageOptions, ProfileOptions
from icp.outcomes import Ledger
from trained_models import FLAG, inside

NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
COUNTED = ("n", "n_best", "base_n", "n_base", "share", "base_share", "index", "low", "high", "q", "woe", "information",
           "penetration")  # fmt: skip


@pytest.fixture(scope="module", params=["leads", "dated"])
def trained(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def told(trained):
    """The briefs as written, the stored counts as a table, and the profiles."""
    output = trained.folder / "out" / trained.name
    model = icp.IdealCustomerModel.load(trained.bundle)
    stored = model.index_.frame().set_index(["profile_id", "trait", "group"])
    return json.loads((output / "briefs.json").read_text("utf-8")), stored, model


def statistics_of(brief):
    """Every statistic that a brief quotes."""
    for kind in ("facts", "seldom"):
        yield from (claim["statistic"] for claim in brief[kind])
    for message in brief["messages"]:
        yield from (one for one in (message["statistic"], *message["needs"]) if one is not None)


def test_every_number_on_every_brief_resolves_to_a_stored_statistic(told):
    briefs, stored, model = told
    profiles = {profile["id"]: profile for profile in model.bundle_.card["profiles"]}
    assert [brief["profile_id"] for brief in briefs] == ["", *profiles]
    n_checked = 0
    for brief in briefs:
        card = profiles.get(brief["profile_id"], {"n": model.metrics_["n_best"], "share": 1.0})
        assert (brief["n"], brief["share"]) == (card["n"], card["share"])
        assert (brief["value"], brief["rate"]) == (card.get("value"), card.get("rate"))
        assert brief["rule"] == (card.get("rule") or {}).get("text")
        assert brief["base"] == model.bundle_.card["base"]
        for one in statistics_of(brief):
            row = stored.loc[(one["profile_id"], one["trait"], one["group"])]
            assert one["profile_id"] == brief["profile_id"]
            assert (one["base"], one["as_of"]) == (row["base"], row["as_of"]) == (brief["base"]["name"], brief["as_of"])
            for name in COUNTED:
                assert one[name] == row[name] or (one[name] is None and pd.isna(row[name])), name
            n_checked += 1
        for column in (brief["more"] or {"by": []})["by"]:
            for group in column["groups"]:
                assert group["n"] == stored.loc[(brief["profile_id"], column["trait"], group["group"]), "unworked"]
    assert n_checked > 40


def test_every_number_in_the_words_of_a_claim_is_one_of_its_statistic(told):
    briefs, stored, _ = told
    claims = [claim for brief in briefs for kind in ("facts", "seldom") for claim in brief[kind]]
    for claim in claims:
        one = claim["statistic"]
        row = stored.loc[(one["profile_id"], one["trait"], one["group"])]
        counts = {f"{row[name]:,}" for name in ("n", "n_best", "base_n", "n_base")}
        shares = {percent(row[name]) for name in ("share", "base_share")}
        bounds = {f"{row[name]:g}" for name in ("index", "low", "high")}
        evidence = claim["text"].split(". True of ")[1]
        assert set(NUMBER.findall(evidence)) <= {n for text in counts | shares | bounds for n in NUMBER.findall(text)}
        assert row["base"] in evidence


def test_drivers_of_a_profile_are_the_means_of_its_contributions(leads):
    model = icp.IdealCustomerModel.load(leads.bundle)
    briefs, accounts = model.briefs_.rows, leads.accounts.set_index("account_id")
    explained = model.explain_accounts(accounts).drop(columns=["base", "margin"])
    scores = model.score_accounts(accounts)
    best = (accounts["best"] == "yes").to_numpy()
    for brief in briefs:
        own = best & ((scores["profile_id"] == brief["profile_id"]).to_numpy() | (not brief["profile_id"]))
        mean = (explained[own].mean() - explained.mean()).sort_values(ascending=False)
        for driver, name in zip(brief["drivers"], mean.index, strict=False):
            assert driver["mean_contribution"] == pytest.approx(mean[name], abs=2e-6)
            assert driver["mean_contribution"] > 0


def test_the_files_hold_what_the_bundle_holds(told, trained):
    briefs, stored, model = told
    output = trained.folder / "out" / trained.name
    written = pd.read_csv(output / "index.csv", keep_default_na=False, na_values=[""], dtype={"group": str})
    assert len(written) == len(stored)
    np.testing.assert_allclose(written["index"].astype(float), stored["index"].astype(float))
    assert briefs == model.bundle_.card["briefs"] == model.briefs_.to_list()
    lines = pd.read_csv(output / "briefs.csv", keep_default_na=False)
    assert len(lines) == len(Briefs(tuple(briefs)).frame())


def test_examples_are_typical_best_customers_and_stay_in_the_folder(leads):
    output = leads.folder / "out" / "leads"
    examples = pd.read_csv(output / "examples.csv", dtype=str)
    scores = icp.IdealCustomerModel.load(leads.bundle).score_accounts(leads.accounts.set_index("account_id"))
    assert set(examples.groupby("profile_id").size()) == {3}
    assert (scores.loc[examples["account_id"], "profile_id"].to_numpy() == examples["profile_id"]).all()
    best = leads.accounts.set_index("account_id")["best"]
    assert set(best[examples["account_id"]]) == {"yes"}
    assert "name" not in examples
    page = (output / "report.html").read_text("utf-8")
    assert all(account in page for account in examples["account_id"])
    registered = [file for file in (leads.folder / "mlruns").rglob("*") if file.is_file() and file.suffix != ".db"]
    assert any(file.name == "briefs.json" for file in registered)
    assert [file.name for file in registered if file.name == "examples.csv"] == []
    for file in registered:
        text = file.read_bytes().decode("utf-8", errors="ignore")
        assert [account for account in examples["account_id"] if account in text] == [], file


def test_names_of_examples_are_shown_only_when_asked_for(leads):
    with inside(leads.folder):
        cfg = icp.load_config("train", [*FLAG, "tracking=none"])
        inputs = icp.read_inputs(cfg)
    known, _ = know(inputs.accounts, inputs.labels, None, None, cfg.traits)
    model = icp.IdealCustomerModel.load(leads.bundle)
    given = (known, model.profiles_, model.index_.statistics())
    plain = examples_of(*given, MessageOptions(examples=2))
    named = examples_of(*given, MessageOptions(examples=2, names=True))
    assert "name" not in plain and len(plain) == 2 * len(model.profiles_.profiles)
    names = leads.accounts.set_index("account_id")["name"]
    assert named["name"].tolist() == names[named["account_id"]].tolist()
    assert examples_of(*given, MessageOptions(examples=0)).empty
    pd.testing.assert_frame_equal(named.drop(columns="name"), plain)


def test_training_binds_its_library_and_warns_of_what_it_cannot(leads):
    known, _ = know(*inputs_of(leads))
    model = icp.IdealCustomerModel.load(leads.bundle)
    one = max((s for s in model.index_.statistics() if s.profile_id == "P1" and s.over), key=lambda s: s.information)
    library = Library(
        "messages.yaml",
        (
            Message("good", "P1", "Hello {n}.", one.trait, one.group.text),
            Message("typo", "P1", "Hello.", one.trait[:-1], one.group.text),
            Message("motive", "P2", "They may.", hypothesis=True),
        ),
    )
    base = Base("the base", known.profiled())
    definition = inputs_of(leads)[1].definition
    told = tell(
        known, model.profiles_, base, None, np.zeros_like(known.traits.values), definition, library, ProfileOptions()
    )
    assert [entry.text for entry in told.book.entries] == [f"Hello {one.n}."]
    assert [(finding.code, finding.severity) for finding in told.findings] == [("ICP655", "warning")]
    by_profile = {brief["profile_id"]: [m["status"] for m in brief["messages"]] for brief in told.briefs.rows}
    assert by_profile["P1"] == ["delivered", "unknown name"]
    assert by_profile["P2"] == ["hypothesis"]


def test_a_malformed_library_stops_training_before_a_table_is_read(leads, tmp_path, monkeypatch):
    monkeypatch.setattr("icp._inputs.read_inputs", lambda cfg: pytest.fail("read"))
    (tmp_path / "messages.yaml").write_text("messages:\n- profile: P1\n  text: Hello.\n", encoding="utf-8")
    with inside(leads.folder), pytest.raises(ConfigError, match="ICP652"):
        more = ["tracking=none", f"messages.library={tmp_path / 'messages.yaml'}", f"output={tmp_path / 'out'}"]
        icp.train.run(icp.load_config("train", [*FLAG, *more]))
    assert not (tmp_path / "out").exists()


# -- messages at scoring -----------------------------------------------------------------------------------------------


def library_for(model, folder, *more):
    """One message on the strongest telling trait of each profile, and what a test adds."""
    lines, texts = ["messages:"], {}
    for profile in model.profiles_.profiles:
        own = [one for one in model.index_.statistics() if one.profile_id == profile.id and one.over]
        one = max((one for one in own if one.group.is_telling), key=lambda one: one.information)
        texts[profile.id] = (f"Words for {profile.id}: {percent(one.share)}.", one)
        lines += [
            f"- id: for-{profile.id}",
            f"  profile: {profile.id}",
            f"  trait: {json.dumps(one.trait)}",
            f"  group: {json.dumps(one.group.text)}",
            f'  text: "Words for {profile.id}: {{share}}."',
        ]
    file = folder / "messages.yaml"
    file.write_text("\n".join([*lines, *more]) + "\n", encoding="utf-8")
    return file, texts


def score(trained, folder, *overrides):
    with inside(trained.folder):
        cfg = icp.load_config(
            "score", [*trained.reading, "accounts.path=accounts.csv", f"model={trained.bundle}", f"output={folder}",
                      "tracking=none", *overrides]
        )  # fmt: skip
        return icp.score.run(cfg)


def test_a_library_at_scoring_gives_each_account_what_its_own_traits_support(leads, tmp_path):
    model = icp.IdealCustomerModel.load(leads.bundle)
    file, texts = library_for(model, tmp_path)
    plain = score(leads, tmp_path / "plain").scores
    url = f"sqlite:///{tmp_path}/icp.db"
    result = score(leads, tmp_path / "own", f"messages.library={file}", "campaign=spring", f"ledger.url={url}")
    own = result.scores
    assert [finding.code for finding in result.findings if finding.code.startswith("ICP6")] == []
    frame = know(*inputs_of(leads))[0].traits
    columns = [list(frame.traits)[j].name for j in model.bundle_.profile_traits]
    for profile_id, (text, one) in texts.items():
        rows = (own["profile_id"] == profile_id).to_numpy()
        shows = one.group.holds(frame.values[:, [t.name for t in frame.traits].index(columns[one.column])])
        assert (own["talking_point"][rows & shows] == text).all() and (rows & shows).any()
        assert own["talking_point"][rows & ~shows].equals(plain["talking_point"][rows & ~shows])
    changed = ["talking_point"]
    pd.testing.assert_frame_equal(own.drop(columns=changed), plain.drop(columns=changed))
    assert set(own["model_version"]) == set(plain["model_version"])
    with closing(Ledger(url)) as ledger:
        entered = ledger.deliveries("spring").set_index("account_id").loc[own.index]
    given = own["talking_point"].isin([text for text, _ in texts.values()]).to_numpy()
    assert entered["message_id"].notna().to_numpy().tolist() == given.tolist()
    assert (entered["message_id"][given].to_numpy() == "for-" + own["profile_id"][given].to_numpy()).all()


def inputs_of(leads):
    with inside(leads.folder):
        cfg = icp.load_config("train", [*FLAG, "tracking=none"])
        inputs = icp.read_inputs(cfg)
    return inputs.accounts, inputs.labels, None, None, cfg.traits


def test_names_the_model_does_not_have_are_refused_and_nothing_is_written(leads, tmp_path):
    wrong = ["- profile: P1", "  trait: industri", "  group: Retail", "  text: Hello.", "- profile: P9",
             "  hypothesis: true", "  text: Hello."]  # fmt: skip
    file, _ = library_for(icp.IdealCustomerModel.load(leads.bundle), tmp_path, *wrong)
    with pytest.raises(ConfigError) as error:
        score(leads, tmp_path / "out", f"messages.library={file}")
    assert [problem.code for problem in error.value.problems] == ["ICP655", "ICP655"]
    assert "Did you mean 'industry'?" in str(error.value)
    assert not (tmp_path / "out").exists()


def test_evidence_that_is_gone_is_a_finding_and_the_message_is_not_delivered(leads, tmp_path):
    model = icp.IdealCustomerModel.load(leads.bundle)
    weak = next(one for one in model.index_.statistics() if one.profile_id == "P1" and not one.over and one.n)
    more = ["- profile: P1", f"  trait: {json.dumps(weak.trait)}", f"  group: {json.dumps(weak.group.text)}",
            "  text: Never delivered."]  # fmt: skip
    file, _ = library_for(model, tmp_path, *more)
    result = score(leads, tmp_path / "out", f"messages.library={file}")
    finding = result.findings[0]
    assert (finding.code, finding.severity) == ("ICP656", "warning")
    assert f"index {weak.index:g}" in finding.message
    assert "Never delivered." not in set(result.scores["talking_point"])
    assert json.loads((tmp_path / "out" / "findings.json").read_text("utf-8"))[0]["code"] == "ICP656"


def test_a_model_trained_with_a_library_delivers_it_until_told_otherwise(leads, tmp_path):
    model = icp.IdealCustomerModel.load(leads.bundle)
    file, _ = library_for(model, tmp_path)
    cfg = icp.load_config("score", [f"messages.library={file}"])
    book, _ = messages_for_scoring(cfg, model.bundle_)
    model.bundle_ = replace(model.bundle_, messages=book)
    model.save(tmp_path / "bundle")
    with_messages = replace(leads, folder=leads.folder)
    plain = score(leads, tmp_path / "plain").scores["talking_point"]
    own = score(leads, tmp_path / "own", f"messages.library={file}").scores["talking_point"]
    stored = score(with_messages, tmp_path / "stored", f"model={tmp_path / 'bundle'}").scores
    silent = score(with_messages, tmp_path / "silent", f"model={tmp_path / 'bundle'}", "messages.library=none").scores
    assert own.equals(stored["talking_point"])
    assert plain.equals(silent["talking_point"])
    assert not own.equals(plain)
    assert set(stored["model_version"]) != {f"leads-{icp.load_bundle(leads.bundle).content_hash[:12]}"}


def test_a_model_of_an_earlier_icp_scores_as_before_and_takes_no_library(leads, tmp_path):
    files = icp.load_bundle(leads.bundle).files()
    model = json.loads(files["model.json"])
    del model["index"], model["messages"]
    old = from_files({**files, "model.json": json.dumps(model).encode()})
    assert (old.index, old.messages) == (None, None)
    file, _ = library_for(icp.IdealCustomerModel.load(leads.bundle), tmp_path)
    with pytest.raises(BundleError, match="ICP657"):
        messages_for_scoring(icp.load_config("score", [f"messages.library={file}"]), old)
    assert messages_for_scoring(icp.load_config("score"), old) == (None, ())
