"""The command ``icp.simulate``."""

import pytest

from icp import simulate
from icp.config import load_config
from icp.errors import ConfigError


def test_command_writes_the_tables_and_says_where(tmp_path):
    output = tmp_path / "crm"
    result = simulate.run(load_config("simulate", ["simulation.n_accounts=200", "seed=3", f"output={output}"]))
    assert sorted(path.name for path in output.iterdir()) == [
        "README.md", "accounts.csv", "events.csv", "outcomes.csv", "reps.csv", "truth.csv",
    ]  # fmt: skip
    assert len((output / "accounts.csv").read_text(encoding="utf-8").splitlines()) == 201
    assert result.findings == ()
    assert "200 accounts" in result.summary()
    assert str(output) in result.summary()


def test_default_configuration_makes_the_built_in_sample():
    from icp.config import resolve
    from icp.options import SimulationOptions

    config = resolve(load_config("simulate", []))
    assert config.simulation == SimulationOptions()
    assert config.seed == 0


def test_a_wrong_option_leaves_nothing_behind(tmp_path):
    output = tmp_path / "crm"
    with pytest.raises(ConfigError, match="ICP802"):
        simulate.run(load_config("simulate", ["simulation.leaks=[statsu]", f"output={output}"]))
    assert not output.exists()
