"""A model folder whose hashes fit and whose content is nonsense is refused when it is loaded, not at an account."""

from __future__ import annotations

import copy
import json
import warnings

import pandas as pd
import pytest

from icp.bundle import from_files, read
from icp.errors import BundleError
from tests.forged_models import forge

NUMERIC = "the first trait that is a number"
NAN, INFINITE = float("nan"), float("inf")

FORGED = {
    "number/cut-offs that are none": (("reference", "cutoffs"), [NAN] * 3),
    "number/intercept that is none": (("score", "intercept"), NAN),
    "number/infinite intercept": (("score", "intercept"), INFINITE),
    "number/negative weight": (("score", "linear_weight"), -1.0),
    "number/intercept too large to add up": (("score", "intercept"), 1e308),
    "number/curve too large to add up": (("score", "linear", "curves", 0, "missing"), 1e300),
    "number/rate above 1": (("base_rate",), 1.5),
    "number/whole number of 300 digits": (("watch", "n"), 10**300),
    "number/negative count": (("watch", "traits", 0, "n_missing"), -1),
    "number/spread of nothing": (("familiarity", "usual", 0, "spread"), 0.0),
    "kind/text for a number": (("reference", "percentiles", 0), "1"),
    "kind/word that Python reads as a number": (("score", "intercept"), "NaN"),
    "kind/truth for a number": (("base_rate",), True),
    "kind/number for a text": (("name",), 7),
    "kind/text for a truth": (("signal",), "yes"),
    "kind/nothing for a list": (("missing_values",), [None]),
    "kind/half a character": (("traits", 0, "label"), "\ud800"),
    "kind/nothing among centres": (("profiles", "centres", 0, 0), None),
    "size/no forests": (("n_forests",), 0),
    "size/fewer forests than none": (("n_forests",), -1),
    "size/no columns": (("columns",), []),
    "size/no margins": (("reference", "margins"), []),
    "size/no percentile": (("fit_reference", "percentiles"), []),
    "size/one cut-off": (("reference", "cutoffs"), [0.0]),
    "size/no curves": (("score", "linear", "curves"), []),
    "size/curve without values": (("score", "linear", "curves", 0, "values"), None),
    "size/no reasons": (("reasons", "traits"), []),
    "size/groups without sentences": (("reasons", "traits", 0, "in_favour"), []),
    "size/no importance": (("importance",), []),
    "size/nothing usual": (("familiarity", "usual"), []),
    "size/nothing watched": (("watch", "traits"), []),
    "size/five tenths": (("watch", "tenths"), [1] * 5),
    "size/trait without a source": (("traits", 0, "sources"), []),
    "size/no axes": (("profiles", "space", "axes"), []),
    "size/index of no groups": (("index", "groups"), []),
    "place/trait of profiles beyond the last": (("profile_traits", 0), 10_000),
    "place/trait of profiles before the first": (("profile_traits", 0), -1),
    "place/profile told by no trait": (("profiles", "overall", 0, "column"), 10_000),
    "place/index of no trait": (("index", "groups", 0, 0), 10_000),
    "place/partner that is none": (("familiarity", "usual", NUMERIC, "partner"), 10_000),
    "order/tiers of more than the whole": (("reference", "tiers"), [0.5, 0.5, 0.5]),
    "order/cut-offs from the least up": (("reference", "cutoffs"), [-3.0, -2.0, -1.0]),
    "order/edges": (("watch", "traits", NUMERIC, "edges"), [3.0, 2.0]),
    "word/decimal mark": (("columns", 0, "decimal"), "x"),
    "word/date format": (("columns", 0, "date_format"), "%Q"),
    "word/kind of a column": (("columns", 0, "kind"), "sound"),
    "word/role of a column": (("columns", 0, "role"), "king"),
    "word/kind of a trait": (("traits", 0, "kind"), "sound"),
    "word/side of a trait": (("traits", 0, "side"), "left"),
    "word/rule of a trait": (("traits", 0, "rule"), "events:often"),
    "word/rule without days": (("traits", 0, "rule"), "events:count:many"),
    "word/kind of a curve": (("score", "linear", "curves", 0, "kind"), "circle"),
    "word/kind of an axis": (("profiles", "space", "axes", 0, "kind"), "circle"),
    "word/kind of a group": (("index", "groups", 0, 3, "kind"), "circle"),
    "word/kind of a model": (("mode",), "magic"),
    "word/date of the picture": (("as_of",), "banana"),
    "word/another spelling of a date": (("as_of",), "20260331"),
}


def set_at(model, place, value):
    """The model with another value at a place."""
    changed = copy.deepcopy(model)
    numeric = [trait["kind"] for trait in model["traits"]].index("numeric")
    *way, last = (numeric if key == NUMERIC else key for key in place)
    part = changed
    for key in way:
        part = part[key]
    if isinstance(part, dict):
        assert last in part
    part[last] = value
    return changed


def model_of(folder):
    return json.loads((folder / "model.json").read_text("utf-8"))


@pytest.mark.parametrize("name", FORGED)
def test_forged_content_is_refused_when_it_is_loaded(leads, tmp_path, name):
    place, value = FORGED[name]
    folder = forge(leads.bundle, tmp_path / "forged", set_at(model_of(leads.bundle), place, value))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(BundleError, match="ICP514"):
            read(folder)


@pytest.mark.parametrize("part", ["reference", "fit_reference", "engagement_reference"])
def test_margins_that_cannot_be_searched_are_refused(leads, tmp_path, part):
    model = model_of(leads.bundle)
    model[part]["margins"].reverse()
    with pytest.raises(BundleError, match="ICP514"):
        read(forge(leads.bundle, tmp_path / "forged", model))


def test_a_model_of_fewer_traits_than_its_score_is_refused(leads, tmp_path):
    model = model_of(leads.bundle)
    del model["traits"][3:]
    with pytest.raises(BundleError, match="ICP514"):
        read(forge(leads.bundle, tmp_path / "forged", model))


def test_a_column_of_another_kind_than_its_trait_is_refused(leads, tmp_path):
    model = model_of(leads.bundle)
    numeric = next(column for column in model["columns"] if column["kind"] == "numeric")
    numeric["kind"] = "text"
    with pytest.raises(BundleError, match="ICP514"):
        read(forge(leads.bundle, tmp_path / "forged", model))


def test_what_is_true_of_every_model_is_not_asked_of_another(leads, dated, observed):
    """The checks above refuse what is forged, so they must not refuse what was written."""
    for trained in (leads, dated, observed):
        assert read(trained.bundle).traits


@pytest.mark.parametrize("rule", ["events:count:90", "outcomes:decayed:45.5", "events:kind:45:a: b", "events:recency"])
def test_rules_that_traits_are_made_by_are_known(rule):
    from icp.traits import check_rule

    check_rule(rule)
    table, _, rest = rule.partition(":")
    for wrong in (f"visits:{rest}", f"{table}:more:{rest}", table, f"{table}:kind:45:", f"{table}:recency:"):
        with pytest.raises(ValueError, match="rule"):
            check_rule(wrong)


def test_a_model_made_before_parts_were_kept_is_read(leads):
    files = read(leads.bundle).files()
    model = json.loads(files["model.json"])
    for part in ("watch", "familiarity", "amount_model", "worked_region", "recipe", "index", "messages"):
        model.pop(part, None)
    del model["reference"]["cutoffs"]
    old = from_files({**files, "model.json": json.dumps(model).encode()})
    assert old.watch is None and old.reference.cutoffs == read(leads.bundle).reference.cutoffs
    assert pd.notna(old.base_rate)
