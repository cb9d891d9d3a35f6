"""Accounts that nobody worked are unlabelled, never "not best"."""

import numpy as np
import pandas as pd
import pytest

from icp.accounts import read_accounts
from icp.errors import TableError
from icp.labels import make_labels
from icp.options import AccountOptions, LabelOptions


def made(tmp_path, worked, **options):
    rows = [f"A-{i},{size},{best},{word}" for i, (size, best, word) in enumerate(worked)]
    path = tmp_path / "accounts.csv"
    path.write_text("\n".join(["id,size,best,worked", *rows]) + "\n")
    reading = AccountOptions(path=str(path), account_id="id", worked="worked", **options)
    accounts = read_accounts(reading, label_text=["best"])
    return accounts, make_labels(LabelOptions(column="best", positive="yes"), accounts, as_of=accounts.as_of)


@pytest.mark.parametrize(
    ("yes", "no"), [("yes", "no"), ("1", "0"), ("3", ""), ("2025-11-03", ""), ("Anna", ""), ("called twice", "never")]
)
def test_only_worked_accounts_have_a_label(tmp_path, yes, no):
    rows = [(i, "yes" if i % 5 == 0 else "no", yes if i % 2 else no) for i in range(60)]
    accounts, labels = made(tmp_path, rows)
    assert not accounts.column("worked").is_trait
    assert labels.label.notna().tolist() == [bool(i % 2) for i in range(60)]
    assert labels.unworked.tolist() == [not i % 2 for i in range(60)]
    assert labels.definition.n_unlabelled == 30
    codes = {finding.code: finding.n_rows for finding in labels.findings}
    assert (codes["ICP356"], codes["ICP357"]) == (30, 6)


def test_a_date_of_work_after_the_picture_is_not_hidden(tmp_path):
    rows = [(i, "no" if i % 3 else "yes", "2026-05-01" if i % 2 else "") for i in range(40)]
    path = tmp_path / "accounts.csv"
    path.write_text("\n".join(["id,size,best,worked", *(f"A-{i},{a},{b},{c}" for i, (a, b, c) in enumerate(rows))]))
    options = AccountOptions(path=str(path), account_id="id", worked="worked")
    accounts = read_accounts(options, as_of="2026-03-31", label_text=["best"])
    labels = make_labels(LabelOptions(column="best", positive="yes"), accounts, as_of=accounts.as_of)
    assert int(labels.label.notna().sum()) == 20


def test_a_column_that_says_nobody_was_worked_is_refused(tmp_path):
    with pytest.raises(TableError) as caught:
        made(tmp_path, [(i, "yes" if i % 2 else "no", "no") for i in range(20)])
    assert caught.value.problems[0].code == "ICP359"


def test_without_the_option_nothing_changes():
    frame = pd.DataFrame({"best": ["yes", "no"]}, index=pd.Index(["A", "B"], name="account_id")).astype("str")
    from icp.tables import AccountTable, Column

    accounts = AccountTable(frame, (Column("best", "label", "categorical", ""),), "demo", None)
    labels = make_labels(LabelOptions(column="best", positive="yes"), accounts, as_of=None)
    assert labels.unworked is None
    assert np.array_equal(labels.label, [1.0, 0.0])
