"""Codes with one meaning each; what is not one is refused by name."""

import pandas as pd
import pytest

from icp.errors import ConfigError, TableError
from icp.outcomes import disposition_codes, tidy
from icp.outcomes._codes import EFFECTS


def rows(*kinds):
    ids = [f"A-{i}" for i in range(len(kinds))]
    return pd.DataFrame({"account_id": ids, "at": pd.Timestamp("2026-04-01"), "kind": kinds})


def test_nobody_contacted_is_never_a_label():
    codes = disposition_codes().values()
    assert {code.label for code in codes if not code.contacted} == {None}
    assert all(code.effect in EFFECTS for code in codes)
    assert [code.code for code in codes if code.untouched] == ["not_contacted"]


def test_every_effect_the_contract_names_is_there():
    effect = {name: code.effect for name, code in disposition_codes().items()}
    wanted = {"bad_data": "fix", "wrong_fit": "candidate", "bad_timing": "snooze", "competitor": "exclude"}
    assert {name: effect[name] for name in wanted} == wanted
    assert effect["not_contacted"] == "none"


def test_unknown_codes_are_refused_together_by_name_with_the_nearest():
    with pytest.raises(TableError) as refused:
        tidy("dispositions", rows("wrong_fitt", "wrong_fitt", "Kein Bedarf", "meeting"))
    found = [(problem.code, problem.n_rows) for problem in refused.value.problems]
    assert found == [("ICP750", 2), ("ICP750", 1)]
    assert "'wrong_fitt'" in str(refused.value) and "Did you mean 'wrong_fit'?" in str(refused.value)


def test_a_crm_is_mapped_once_and_case_does_not_matter():
    made = tidy("dispositions", rows(" kein bedarf ", "Meeting", ""), ["Kein Bedarf=no_interest"])
    assert made["code"].tolist() == ["no_interest", "meeting"]


@pytest.mark.parametrize(
    ("pairs", "code"),
    [
        (["Kein Bedarf"], "ICP751"),
        (["x=no_intrest"], "ICP750"),
        (["x=meeting", "X=accepted"], "ICP751"),
        (["Not contacted=no_interest"], "ICP751"),
        (["not_contacted=not_reached"], "ICP751"),
    ],
)
def test_a_mapping_that_says_nothing_is_refused(pairs, code):
    with pytest.raises(ConfigError, match=code):
        tidy("dispositions", rows("meeting"), pairs)
