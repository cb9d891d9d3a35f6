"""The gate on margins: nothing better, nothing promoted; and what else can hold a version."""

import json

import numpy as np
import pytest

from icp._files import to_json
from icp.model import decide, held
from icp.model._gate import Check


def _rows(seed, n=1200, noise=(1.0, 1.0)):
    """Labels, and two calibrated scores that see the truth through noise of their own."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(-1.5, 1.2, size=n)
    y = (rng.random(n) < 1 / (1 + np.exp(-truth))).astype(float)

    def seen(own):
        keep = 1.44 / (1.44 + own**2)
        return (-1.5 + keep * (truth + 1.5 + own * rng.normal(size=n))) / np.sqrt(1 + 0.35 * 1.44 * (1 - keep))

    return y, *(seen(own) for own in noise)


def test_a_version_that_is_no_better_is_promoted_at_most_once_in_twenty():
    promoted = sum(decide(*_rows(seed), n_bootstrap=50).promotes for seed in range(120))
    assert promoted <= 10  # at most 6 are expected; 10 is the 95 % quantile of that


@pytest.mark.parametrize(("noise", "verdict"), [((2.0, 0.5), "promote"), ((0.5, 2.0), "hold")])
def test_a_better_version_is_promoted_and_a_worse_one_held(noise, verdict):
    gates = [decide(*_rows(seed, 2500, noise), n_bootstrap=50) for seed in range(10)]
    assert [gate.verdict for gate in gates] == [verdict] * 10
    worse = [check.passed for gate in gates for check in gate.checks if check.code == "ICP526"]
    assert all(passed is (verdict == "promote") for passed in worse)


def test_holding_says_what_these_rows_could_have_shown():
    gate = decide(*_rows(3, 600), n_bootstrap=50)
    assert gate.verdict == "hold"
    assert (
        f"the smallest difference in AUC these rows would show is {gate.comparison['auc'].detectable:.3f}" in gate.why
    )
    missing = gate.to_dict()["comparison"]["missing"]
    assert missing["n_more_best"] > 0 and f"{missing['n_more_best']:,} more best customers" in gate.why


def test_a_better_order_with_wrong_chances_is_held():
    y, poor, good = _rows(4, 4000, (2.0, 0.3))
    gate = decide(y, poor, good + 1.5, n_bootstrap=50)
    failed = {check.code for check in gate.checks if not check.passed}
    assert gate.verdict == "hold" and "ICP527" in failed
    assert "times as many best customers expected as came" in gate.why


def test_one_check_that_fails_holds_a_better_version():
    rows = _rows(5, 3000, (2.0, 0.3))
    assert decide(*rows, n_bootstrap=50).promotes
    kept = Check("ICP528", "leakage", False, "Kept against the leakage audit: stage.")
    gate = decide(*rows, n_bootstrap=50, checks=[kept])
    assert not gate.promotes and gate.why == "Kept against the leakage audit: stage."


def test_the_verdict_is_plain_json_and_the_same_twice():
    first, again = (decide(*_rows(6), n_bootstrap=50).to_dict() for _ in range(2))
    assert to_json(first) == to_json(again)
    assert json.loads(to_json(held("ICP531", "content", "identical").to_dict()))["verdict"] == "hold"


def test_evidence_is_one_line():
    line = decide(*_rows(7), n_bootstrap=50).evidence()
    assert line.startswith("AUC ") and "log loss" in line and "1,200 rows" in line and "\n" not in line


def test_an_improvement_that_is_shown_but_next_to_nothing_is_held():
    rng = np.random.default_rng(5)
    truth = rng.normal(size=40_000)
    y = rng.random(40_000) < 1 / (1 + np.exp(-2.0 * truth))
    gate = decide(y, 2.0 * truth + 0.1 * rng.normal(size=40_000), 2.0 * truth, n_bootstrap=200)
    assert any(gate.comparison[name].shown_better for name in ("auc", "log_loss"))
    assert gate.verdict == "hold"
    assert "too small to change everybody's scores for" in gate.why
