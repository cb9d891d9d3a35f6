"""Values that Python code puts into a configuration are held to the types of their keys."""

from pathlib import Path

import numpy as np
import pytest

from icp.config import load_config, resolve
from icp.config._schema import RunConfig
from icp.errors import ConfigError


@pytest.mark.parametrize(
    ("section", "key", "value", "wanted"),
    [
        ("scoring", "max_trees", "many", "a whole number"),
        ("scoring", "max_trees", True, "a whole number"),
        ("scoring", "tiers", ["a", "b", "c"], "a list, each a number"),
        ("holdout", "share", "0.1", "a number"),
        ("accounts", "path", 7, "a text"),
        ("accounts", "missing_values", "Select", "a list, each a text"),
        ("", "name", None, "a text"),
        ("", "output", ["out"], "a text"),
    ],
)
def test_a_value_of_another_type_is_refused_in_words(section, key, value, wanted):
    config = RunConfig()
    setattr(getattr(config, section) if section else config, key, value)
    with pytest.raises(ConfigError) as told:
        resolve(config)
    (problem,) = told.value.problems
    assert problem.code == "ICP003"
    assert f"{section}.{key}".lstrip(".") in str(problem) and f"must be {wanted}." in str(problem)


def test_paths_and_numbers_of_numpy_are_taken():
    config = RunConfig()
    config.accounts.path, config.seed = Path("accounts.csv"), np.int64(3)
    config.scoring.learning_rate, config.scoring.tiers = np.float64(0.1), (0.1, 0.2, 0.3)
    assert resolve(config).seed == 3


def test_every_command_has_values_of_its_own_types():
    for command in ("train", "score", "report", "promote", "feedback", "scorecard", "match", "validate", "backtest"):
        load_config(command)
