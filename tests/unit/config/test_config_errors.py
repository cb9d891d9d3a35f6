"""Every mistake is named in our words, all at once, with what to do."""

from __future__ import annotations

import os

import pytest

from icp.config import commands, load_config, mask_secrets, resolve
from icp.config._schema import FILES
from icp.errors import ConfigError


def problems(overrides, command="train", **more):
    with pytest.raises(ConfigError) as error:
        load_config(command, overrides, **more)
    text = str(error.value)
    for foreign in ("hydra", "Hydra", "omegaconf", "OmegaConf", "struct", "HYDRA", "+x"):
        assert foreign not in text.replace("hydra.searchpath", "")
    return [(problem.code, f"{problem.message} {problem.action}") for problem in error.value.problems]


@pytest.mark.parametrize(
    ("override", "code", "says"),
    [
        ("labels.colum=x", "ICP001", "'labels.column'"),
        ("ID", "ICP004", 'key="two words"'),
        ("sede=1", "ICP001", "'seed'"),
        ("campaign=x", "ICP001", "train does not use 'campaign'"),
        ("scoring=fast", "ICP001", "is a section"),
        ("+scoring.new=1", "ICP001", "no key 'scoring.new'"),
        ("accounts=xls", "ICP002", "Allowed: csv, derived, parquet, sample, sql"),
        ("labels=flags", "ICP002", "Did you mean 'flag'"),
        ("delivery=generic", "ICP002", "train does not use 'delivery'"),
        ("versus=rfm", "ICP002", "train does not use 'versus'"),
        ("labels=none", "ICP002", "no 'labels=none'"),
        ("labels.recipe=none", "ICP003", "'labels.recipe' is 'none'"),
        ("acounts/x=csv", "ICP002", "no group"),
        ("seed=many", "ICP003", "a whole number from 0 to 4294967295"),
        ("profiles.n_profiles=many", "ICP003", "a whole number from 1 to 50"),
        ("labels.top_share=big", "ICP003", "a number from 1e-06 to 0.999999"),
        ("messages.names=maybe", "ICP003", "true or false"),
        ("scoring.cutoffs=kep", "ICP003", "Did you mean 'keep'"),
        ("accounts.ignore=Region", "ICP003", """It must be a list.  Write 'accounts.ignore=["Region"]'."""),
        ("accounts.ignore='the \"old\" one'", "ICP003", """Write 'accounts.ignore=["first","second"]'."""),
        ("backtest.test_share=half", "ICP003", "a number"),
        ("promotion=now", "ICP003", "gate, always, never"),
        ("as_of=31.03.2026", "ICP003", "2026-03-31"),
        ("name=a/b", "ICP003", "letters, digits"),
        ("scoring.tiers=[0.5,0.6,0.1]", "ICP003", "together below 1"),
        ("scoring.n_folds=1", "ICP003", "from 2 to 50"),
        ("train", "ICP004", "key=value"),
        ("accounts.separator=;", "ICP004", "'accounts.separator=\";\"'"),
        ("accounts.account_id=Größe", "ICP004", "'accounts.account_id=\"Größe\"'"),
        ("accounts.path=a,b.csv", "ICP004", "several values"),
        ("Prospect ID=1", "ICP004", "cannot be a key"),
        ("~events", "ICP004", "events=none"),
        ("+a._target_=os.system", "ICP007", "never code"),
        ("labels.positive={_target_:os.system}", "ICP007", "never code"),
        ("hydra.launcher._target_=os.system", "ICP007", "never code"),
        ("hydra.searchpath=[file:///tmp]", "ICP007", "--config-dir"),
    ],
)
def test_one_mistake_gives_one_problem_that_helps(override, code, says):
    (found,) = problems([override])
    assert found[0] == code
    assert says in found[1]


def test_all_mistakes_are_told_at_once():
    codes = [code for code, _ in problems(["accounts=xls", "sede=1", "seed=x", "a"])]
    assert codes == ["ICP002", "ICP001", "ICP003", "ICP004"]


def test_missing_values_are_told_at_once():
    told = problems(["accounts=csv", "events=sql"])
    assert [code for code, _ in told] == ["ICP008"] * 5
    assert "accounts.path" in told[0][1]


def test_derived_accounts_need_history():
    assert problems(["accounts=derived"])[0][0] == "ICP008"


def test_unknown_command_and_overrides_as_one_text():
    ((code, says),) = problems([], command="trian")
    assert code == "ICP012"
    assert f"Did you mean 'train'?  There are: {', '.join(commands())}." in says
    assert problems("seed=1")[0][0] == "ICP004"


def test_own_folder_that_is_not_there(tmp_path):
    assert problems([], extra_dir=tmp_path / "no")[0][0] == "ICP006"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("# @package _global_\naccounts:\n  pat: x\n", "ICP009"),
        ("# @package _global_\nseed: many\n", "ICP009"),
        ("# @package _global_\nseed: [1\n", "ICP009"),
        ("# @package _global_\nlabels:\n  positive:\n    _target_: os.system\n", "ICP007"),
        ("# @package _global_\nhydra:\n  launcher:\n    _target_: os.system\n", "ICP007"),
    ],
)
def test_a_wrong_file_of_ones_own(tmp_path, text, code):
    (tmp_path / "exp").mkdir()
    (tmp_path / "exp" / "acme.yaml").write_text(text, "utf-8")
    assert [found for found, _ in problems(["+exp=acme"], extra_dir=tmp_path)] == [code]


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("postgresql+psycopg://me:pa:ss@db/x", "pa:ss"),
        ("token=abc123", "abc123"),
        ("api_key: abc123", "abc123"),
        ("https://db/x?password=abc123&y=1", "abc123"),
    ],
)
def test_secrets_are_masked_in_text(text, hidden):
    assert hidden not in mask_secrets(text)


def test_plain_text_is_not_masked():
    text = "column 'Password strength' of sqlite:///x.db at 12:30"
    assert mask_secrets(text) == text


@pytest.mark.parametrize(
    ("override", "code", "says"),
    [
        ("tracking=nowhere", "ICP002", "Allowed: local, none, server"),
        ("profiles.min_sze=5", "ICP001", "Did you mean 'profiles.min_size'"),
        ("profiles.min_size=many", "ICP003", "a whole number"),
        ("campaign=x", "ICP001", "backtest does not use 'campaign'"),
        ("delivery=generic", "ICP002", "backtest does not use 'delivery'"),
    ],
)
def test_what_backtest_takes_from_training_without_using_it_is_checked_all_the_same(override, code, says):
    ((found, told),) = problems([override], command="backtest")
    assert found == code and says in told


def test_keys_of_a_second_definition_that_nobody_chose_are_told():
    found = problems(["versus.window=365d", "versus.column=paid"], command="backtest")
    assert [code for code, _ in found] == ["ICP008", "ICP008"]
    assert "'versus.window' is set, and versus=none" in found[1][1] and "versus=rfm" in found[1][1]


def test_keys_of_a_list_for_a_crm_without_one_are_told():
    found = problems(["delivery.since=out/week14", "delivery.known_keys=keys.csv"], command="score")
    assert [code for code, _ in found] == ["ICP008", "ICP008"]
    assert "'delivery.since' is set, and delivery=none" in found[0][1] and "delivery=salesforce" in found[0][1]


@pytest.mark.parametrize(
    ("text", "says"),
    [("profiles:\n  n_profile: 3\n", "'profiles.n_profiles'"), ("sede: 3\n", "'seed'")],
)
def test_a_key_that_is_not_known_in_a_file_of_ones_own_gets_the_nearest(tmp_path, text, says):
    (tmp_path / "job").mkdir()
    (tmp_path / "job" / "own.yaml").write_text(f"# @package _global_\n{text}", "utf-8")
    with pytest.raises(ConfigError, match=f"ICP009.*Did you mean {says}"):
        load_config("train", ["+job=own"], extra_dir=tmp_path)


@pytest.mark.parametrize("key", FILES)
def test_a_pipe_is_refused_before_anything_is_opened(tmp_path, key):
    os.mkfifo(tmp_path / "pipe.csv")
    cfg = load_config("score")
    pipe = str(tmp_path / "pipe.csv")
    section, _, name = key.rpartition(".")
    part = getattr(cfg, section) if section else cfg
    setattr(part, name, ["a.csv", pipe] if isinstance(getattr(part, name), list) else pipe)
    with pytest.raises(ConfigError, match=rf"'{pipe}' is a pipe, not a file.*Write it to a file first.*{key}=") as told:
        resolve(cfg)
    assert "ICP100" in {problem.code for problem in told.value.problems}
