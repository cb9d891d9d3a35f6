"""Known customers against an unlabelled base: who is base, who is left out, and what is said."""

import numpy as np
import pandas as pd
import pytest

from icp.errors import ConfigError
from icp.labels import make_labels
from icp.options import LabelOptions
from icp.tables import AccountTable, Column


def table(values):
    index = pd.Index([f"A-{i}" for i in range(len(values))], name="account_id")
    frame = pd.DataFrame({"kind": pd.Series(values, index, dtype="str")}, index=index)
    return AccountTable(frame, (Column("kind", "label", "categorical", "asked for"),), "demo", None)


def labels(values, **options):
    return make_labels(LabelOptions(recipe="customers", column="kind", **options), table(values), as_of=None)


def test_everyone_else_is_base_and_nobody_is_said_not_to_be_best():
    made = labels(["gold", "", "prospect", "gold", np.nan], positive="gold")
    assert made.label.tolist() == [1.0, 0.0, 0.0, 1.0, 0.0]
    counts = made.definition
    assert (counts.n_eligible, counts.n_attained, counts.n_attrited, counts.n_unlabelled) == (5, 2, 0, 3)
    assert counts.unlabelled_base
    assert "known customers" in counts.text


def test_the_only_value_of_a_column_is_the_customers():
    assert labels(["x", "", "x", ""]).label.tolist() == [1.0, 0.0, 1.0, 0.0]


def test_a_base_of_some_values_leaves_the_others_out():
    made = labels(["gold", "", "prospect", "silver"], positive="gold", negative=["prospect", ""])
    assert made.label.tolist()[:3] == [1.0, 0.0, 0.0]
    assert np.isnan(made.label.iloc[3])


def test_customers_of_another_kind_in_the_base_are_named():
    values = ["gold customer", "silver customer", "prospect", "not a customer", ""]
    found = labels(values, positive="gold customer").findings
    assert [(finding.code, finding.n_rows) for finding in found] == [("ICP239", 1)]
    assert "silver customer" in found[0].message
    assert not labels(values, positive="gold customer", negative=["prospect", ""]).findings


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"positive": "bronze"}, "ICP214"),
        ({}, "ICP213"),
        ({"positive": "gold", "negative": ["gold"]}, "ICP215"),
    ],
)
def test_a_definition_that_cannot_be_used_is_refused(options, code):
    with pytest.raises(ConfigError) as caught:
        labels(["gold", "silver", "bronzed"], **options)
    assert caught.value.problems[0].code == code
