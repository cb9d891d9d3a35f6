from __future__ import annotations

import pytest

from icp.checks import sufficiency
from icp.errors import NotEnoughDataError
from icp.tables import Finding


@pytest.mark.parametrize(
    ("n_best", "n_rest", "mode"),
    [
        (10, 500, "rates"),
        (39, 500, "rates"),
        (40, 500, "linear"),
        (119, 500, "linear"),
        (120, 500, "blend"),
        (500, 30, "rates"),
    ],
)
def test_the_smaller_side_decides(n_best, n_rest, mode):
    found, findings = sufficiency(n_best, n_rest)
    assert found == mode
    assert [f.code for f in findings] == ([] if mode == "blend" else ["ICP202"])
    assert all(f.severity == "warning" for f in findings)


def test_too_few_are_refused_with_both_sides_at_once():
    with pytest.raises(NotEnoughDataError) as caught:
        sufficiency(9, 3)
    assert [p.code for p in caught.value.problems] == ["ICP201", "ICP201"]
    with pytest.raises(NotEnoughDataError, match="9"):
        sufficiency(9, 5000)


def test_the_advice_points_the_way_that_helps():
    with pytest.raises(NotEnoughDataError) as caught:
        sufficiency(9, 3)
    actions = [p.action for p in caught.value.problems]
    assert actions[0].startswith("Widen")
    assert actions[1].startswith("Narrow")


def test_why_accounts_have_no_label_is_told_with_the_error():
    found = (
        Finding("ICP221", "note", "85 accounts had a win before.", n_rows=85),
        Finding("ICP226", "note", "A date."),
    )
    with pytest.raises(NotEnoughDataError) as caught:
        sufficiency(0, 4, found)
    assert [p.code for p in caught.value.problems] == ["ICP201", "ICP201", "ICP221"]
    assert "labels=revenue" in caught.value.problems[-1].action
