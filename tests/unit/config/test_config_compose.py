"""Every file of conf/ composes, keeps the defaults of the code, and the contract's overrides work."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from icp.config import RunConfig, commands, config_dir, help_text, load_config, resolve, resolved_yaml
from icp.config._folder import groups, options, sections
from icp.config._resolve import SAMPLE_COLUMNS
from icp.config._schema import CHOICES, GROUPS, RANGES
from icp.errors import ConfigError

ALL = ("backtest", "feedback", "match", "promote", "report", "score", "scorecard", "simulate", "train", "validate")


def test_there_is_one_file_per_command():
    assert commands() == ALL


@pytest.mark.parametrize("command", ALL)
def test_every_command_composes_without_overrides(command):
    config = load_config(command)
    assert isinstance(config, RunConfig)
    assert resolve(config) == config


@pytest.mark.parametrize("command", ALL)
def test_a_command_composes_the_same_with_all_sections_there_are(command, tmp_path):
    given = ["output=elsewhere"] if "output" in sections(command) else []
    assert load_config(command, given, extra_dir=tmp_path) == load_config(command, given)


@pytest.mark.parametrize("command", ALL)
def test_resolving_does_not_change_what_it_was_given(command):
    config = RunConfig()
    resolve(config)
    assert config == RunConfig()


NEEDED = {
    "csv": {"path": "x.csv"},
    "parquet": {"path": "x.parquet"},
    "sql": {"url": "sqlite:///x.db", "query": "SELECT 1"},
}


def overrides_for(group: str, option: str) -> list[str]:
    extra = dict(NEEDED.get(option, {}))
    if group in ("events", "outcomes", "activities", "dispositions") and extra:
        extra |= {"account_id": "id", "at": "day"}
    result = [f"{group}={option}", *(f"{group}.{key}={value}" for key, value in extra.items())]
    return [*result, "outcomes=sample"] if option == "derived" else result


@pytest.mark.parametrize(
    ("command", "group", "option"),
    [
        (command, group, option)
        for command in ALL
        for group in groups(command)
        for option in options(group)
        if option != "derived" or "outcomes" in groups(command)  # made from outcomes
    ],
)
def test_every_option_of_every_group_composes(command, group, option):
    load_config(command, overrides_for(group, option))


def flat(value: dict, prefix: str = "") -> dict:
    return {
        key: item
        for name, part in value.items()
        for key, item in (
            flat(part, f"{prefix}{name}.") if isinstance(part, dict) else {f"{prefix}{name}": part}
        ).items()
    }


@pytest.mark.parametrize("file", sorted(config_dir().glob("*.yaml")), ids=lambda file: file.stem)
def test_root_files_repeat_the_defaults_of_the_code(file):
    told = flat(
        {k: v for k, v in OmegaConf.to_container(OmegaConf.load(file)).items() if k not in ("defaults", "hydra")}
    )
    coded = flat(dataclasses.asdict(RunConfig()))
    assert set(told) <= set(coded)
    own = {"output", "model", "labels.recipe", "action"}
    assert {key: value for key, value in told.items() if key not in own} == {
        key: coded[key] for key in told if key not in own
    }


@pytest.mark.parametrize(
    "file", sorted(config_dir().glob("*/*.yaml")), ids=lambda file: f"{file.parent.name}/{file.stem}"
)
def test_group_files_repeat_the_defaults_of_the_code(file):
    group, option = file.parent.name, file.stem
    coded = dataclasses.asdict(getattr(RunConfig(), group))
    told = OmegaConf.to_container(OmegaConf.load(file))
    chooser = next(key for key in ("source", "recipe", "target", "store") if key in told)
    assert told.pop(chooser) == option
    if option == "sample" and group in SAMPLE_COLUMNS:
        assert told == SAMPLE_COLUMNS[group]
    elif option != "sample":
        assert told == {key: coded[key] for key in told}


def test_a_second_definition_is_chosen_among_the_files_of_the_first():
    text = {group: {file.stem: file.read_text("utf-8") for file in (config_dir() / group).glob("*.yaml")}
            for group in ("labels", "versus")}  # fmt: skip
    del text["labels"]["auto"], text["versus"]["none"]
    assert text["versus"] == text["labels"]
    assert set(CHOICES["versus.recipe"]) == set(CHOICES["labels.recipe"]) - {"auto"} | {"none"}
    assert RANGES["versus.top_share"] == RANGES["labels.top_share"]
    config = load_config("backtest", ["versus=rfm", "versus.window=365d"])
    assert (config.labels.recipe, config.labels.window) == ("won", "180d")
    assert (config.versus.recipe, config.versus.window) == ("rfm", "365d")
    assert load_config("backtest").versus.recipe == "none"


def test_no_file_names_code():
    for file in config_dir().rglob("*.yaml"):
        assert "_target_" not in file.read_text("utf-8")


def test_every_key_of_every_file_has_a_comment():
    for file in config_dir().rglob("*.yaml"):
        body = file.read_text("utf-8").split("\nhydra:\n")[0]
        assert body.startswith("# "), file
        for line in body.splitlines():
            key, _, rest = line.partition(":")
            plain = key.strip() not in ("source", "recipe", "target", "store", "defaults") and not line.startswith("#")
            if plain and rest.strip() and not line.strip().startswith("- "):
                assert " # " in line, f"{file.name}: {line}"


def test_choices_and_ranges_name_real_keys_and_admit_the_defaults():
    values = flat(dataclasses.asdict(RunConfig()))
    assert set(CHOICES) <= set(values) and set(RANGES) <= set(values)
    for key, allowed in CHOICES.items():
        assert values[key] is None or values[key] in allowed
    for group in GROUPS:
        key = next(
            name for name in CHOICES if name in {f"{group}.{k}" for k in ("source", "recipe", "target", "store")}
        )
        assert set(options(group)) == set(CHOICES[key])


def test_the_train_command_of_the_contract():
    line = ["accounts=csv", "accounts.path=leads.csv", 'accounts.account_id="Prospect ID"', "labels=flag"]
    config = load_config(
        "train", [*line, "labels.column=Converted", "labels.positive=1", "name=leads", "output=out/train"]
    )
    assert (config.accounts.source, config.accounts.path, config.accounts.account_id) == (
        "csv",
        "leads.csv",
        "Prospect ID",
    )
    assert (config.labels.recipe, config.labels.column, config.labels.positive) == ("flag", "Converted", 1)
    assert (config.events.source, config.outcomes.source, config.as_of) == ("none", "none", None)


@pytest.mark.parametrize("command", ["backtest", "validate"])
def test_the_overrides_of_training_fit_the_commands_that_come_before_it(command):
    shared = ["accounts=csv", "accounts.path=leads.csv", "labels=flag", "labels.column=won", "traits.min_level=20"]
    training = ["profiles.n_resamples=5", "reasons.verify=all", "promotion=never", "tracking=none"]
    config = load_config(command, [*shared, *training])
    assert config == load_config(command, shared)
    load_config("train", [*shared, *training])


def test_the_score_command_of_the_contract():
    line = [
        "accounts=csv",
        "accounts.path=new.csv",
        'accounts.account_id="Prospect ID"',
        "model=models:/leads@champion",
    ]
    config = load_config("score", [*line, "output=out/score", "delivery=salesforce"])
    assert (config.model, config.delivery.target, config.output) == (
        "models:/leads@champion",
        "salesforce",
        "out/score",
    )


def test_the_sample_brings_its_events_outcomes_and_labels():
    config = load_config("train")
    assert (config.accounts.source, config.events.source, config.outcomes.source) == ("sample", "sample", "sample")
    assert (config.labels.recipe, config.labels.positive, config.as_of) == ("won", "Won", "2026-03-31")


def test_parts_of_the_sample_can_be_overridden():
    config = load_config("train", ["events=none", "labels=revenue", "labels.window=90d", "as_of=2026-01-31"])
    assert (config.events.source, config.labels.recipe, config.as_of) == ("none", "revenue", "2026-01-31")
    assert config.labels.window == "90d"


def test_another_table_brings_none_of_the_sample():
    config = load_config("train", ["accounts=csv", "accounts.path=a.csv", "labels.column=best"])
    assert (config.events.source, config.outcomes.source, config.labels.recipe) == ("none", "none", "flag")


def test_model_follows_the_name():
    assert load_config("score", ["name=leads"]).model == "models:/leads@champion"
    assert load_config("promote", ["name=leads"]).model == "models:/leads@challenger"


@pytest.mark.parametrize("written", ["tab", "\\t", '"\t"'])
def test_tab_has_three_spellings(written):
    config = load_config("train", ["accounts=csv", "accounts.path=a.csv", f"accounts.separator={written}"])
    assert config.accounts.separator == "\t"


def test_names_with_any_letter_in_lists():
    config = load_config("train", ["accounts=csv", "accounts.path=a", 'accounts.ignore=["Lead Number","Größe (cm)"]'])
    assert config.accounts.ignore == ["Lead Number", "Größe (cm)"]


def test_values_set_by_hand_are_checked_as_well():
    config = load_config("train")
    config.promotion = "sometimes"
    config.backtest.test_share = 2.0
    with pytest.raises(ConfigError) as error:
        resolve(config)
    assert [problem.code for problem in error.value.problems] == ["ICP003", "ICP003"]


def test_what_was_composed_is_typed_and_holds_no_code_with_and_without_the_schema():
    values = {"labels": {"positive": {"_target_": "os.system"}}}
    for composed in (OmegaConf.create(values), OmegaConf.merge(OmegaConf.structured(RunConfig), values)):
        with pytest.raises(ConfigError) as error:
            resolve(composed)
        assert [problem.code for problem in error.value.problems] == ["ICP007"]
    assert resolve(OmegaConf.create({"seed": "3"})).seed == 3


def test_secrets_are_masked_in_the_written_configuration():
    url = "postgresql://reader:hunter2@host/crm?sslpassword=hunter3"
    line = ["accounts=sql", f'accounts.url="{url}"', "accounts.query=SELECT 1", "ledger.url=sqlite:///x.db"]
    text = resolved_yaml(load_config("score", line))
    assert "hunter" not in text and "reader:***@host" in text
    assert "sqlite:///x.db" in text


def test_written_configuration_is_the_same_twice():
    assert resolved_yaml(load_config("train")) == resolved_yaml(load_config("train"))


def test_own_folder_of_configurations(tmp_path):
    (tmp_path / "exp").mkdir()
    (tmp_path / "exp" / "acme.yaml").write_text("# @package _global_\nname: acme\nbacktest:\n  order: rows\n", "utf-8")
    config = load_config("train", ["+exp=acme"], extra_dir=tmp_path)
    assert (config.name, config.backtest.order) == ("acme", "rows")


def test_help_names_every_key_and_group_of_every_command():
    for command in ALL:
        text = help_text(command)
        assert f"python -m icp.{command}" in text
        for group in groups(command):
            assert all(f"    {option}" in text for option in options(group))
        told = flat(OmegaConf.to_container(OmegaConf.load(config_dir() / f"{command}.yaml")))
        keys = [key for key in told if not key.startswith(("hydra", "defaults"))]
        assert all(f"  {key}=" in text for key in keys)


def test_composing_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    load_config("train")
    assert list(Path().iterdir()) == []
