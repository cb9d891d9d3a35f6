"""Goals or a sign-off from a stranger: a tag runs nothing, what cannot be read is refused in our words."""

from __future__ import annotations

import pandas as pd
import pytest

from icp.errors import ConfigError
from icp.labels import make_labels
from icp.options import LabelOptions
from icp.outcomes import read_goals
from icp.tables import AccountTable, Column

TEXTS = {
    "tag": "agreed: !!python/object/apply:os.mkdir [{made}]\n",
    "deep": "[" * 3_000,
    "no date": "agreed:\n  marketing: {{by: Ada, date: 2026-13-45}}\n",
}


def _sign_off(path):
    frame = pd.DataFrame({"won": ["1", "0"]}, index=pd.Index(["A", "B"], name="account_id"))
    table = AccountTable(frame, (Column("won", "label", "categorical", "asked for"),), "demo", None)
    make_labels(LabelOptions(column="won", positive=1, signoff=str(path)), table, as_of=None)


@pytest.mark.parametrize(("read", "code"), [(read_goals, "ICP753"), (_sign_off, "ICP316")], ids=["goals", "sign-off"])
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_sheet_from_a_stranger_runs_nothing_and_is_refused(tmp_path, read, code, text):
    sheet, made = tmp_path / "sheet.yaml", tmp_path / "made"
    sheet.write_text(text.format(made=made), encoding="utf-8")
    with pytest.raises(ConfigError, match=code):
        read(sheet)
    assert not made.exists()
