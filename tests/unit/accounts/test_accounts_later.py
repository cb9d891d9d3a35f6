from __future__ import annotations

import pytest

from icp.accounts import read_accounts
from icp.errors import ConfigError, TableError
from icp.options import AccountOptions

SNAPSHOT = "id,size,stage,seen\nA,1,new,2026-01-05\nB,2,new,2026-02-01\nC,3,warm,2026-03-01\nD,4,warm,2026-03-02\n"


def read(tmp_path, later, **more):
    (tmp_path / "now.csv").write_text(SNAPSHOT)
    (tmp_path / "later.csv").write_text(later)
    options = AccountOptions(
        path=str(tmp_path / "now.csv"), later_path=str(tmp_path / "later.csv"), **{"account_id": "id", **more}
    )
    return read_accounts(options, as_of="2026-03-31")


def test_the_later_cells_stand_on_the_rows_of_the_snapshot_whatever_their_order(tmp_path):
    later = read(tmp_path, "id;size;stage;new\nC;3;won;x\nA;1,5;new;y\nZ;9;new;y\n").later
    assert later["size"].tolist() == [1.5, 2, 3, 4]
    assert later["stage"].tolist() == ["new", "new", "won", "warm"]
    assert list(later) == ["size", "stage"]


def test_later_dates_are_read_as_they_are(tmp_path):
    later = read(tmp_path, "id,seen\nA,2026-09-09\nB,\n").later
    assert later["seen"].dt.strftime("%m-%d").fillna("").tolist() == ["09-09", "", "03-01", "03-02"]


def test_without_a_later_table_there_is_none(tmp_path):
    (tmp_path / "now.csv").write_text(SNAPSHOT)
    assert read_accounts(AccountOptions(path=str(tmp_path / "now.csv"), account_id="id")).later is None


def test_a_later_table_of_other_accounts_is_refused(tmp_path):
    with pytest.raises(TableError, match="ICP125"):
        read(tmp_path, "id,size\nX,1\nY,2\n")


def test_a_later_table_needs_ids(tmp_path):
    with pytest.raises(ConfigError, match="ICP014"):
        read(tmp_path, "id,size\nA,1\n", account_id=None)


def test_a_later_export_that_is_not_there_is_named_by_its_own_option(tmp_path):
    (tmp_path / "a.csv").write_text("id,seats\nA,1\nB,2\n")
    options = AccountOptions(path=str(tmp_path / "a.csv"), account_id="id", later_path=str(tmp_path / "nowhere.csv"))
    with pytest.raises(TableError, match=r"accounts\.later_path"):
        read_accounts(options)
