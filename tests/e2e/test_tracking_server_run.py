"""The whole job against a real MLflow server on loopback, and the registered model through MLflow's own tools."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pandas as pd
import pytest
from commands import contents

from mlflow_server import running_server
from trained_models import QUICK

PREDICT = """
import json, sys, warnings
warnings.simplefilter("ignore")
import mlflow, pandas as pd
mlflow.set_tracking_uri(sys.argv[1])
mlflow.set_registry_uri(sys.argv[1])
model = mlflow.pyfunc.load_model("models:/leads@champion")
frame = pd.read_csv(sys.argv[2]).head(50)
known = [column.name for column in model.metadata.get_input_schema()]
frame["revenue_growth"] = frame["revenue_growth"].str.rstrip("%").astype(float)
frame = frame[known].astype({name: float for name in frame[known].select_dtypes("number").columns})
answer = model.predict(frame.drop(columns=[known[0]]))
full = model.predict(frame)
print(json.dumps({"columns": list(full.columns), "propensity": full["propensity"].tolist(), "less": len(answer)}))
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running_server(tmp_path_factory.mktemp("server")) as uri:
        yield uri


@pytest.mark.slow
def test_train_score_promote_and_predict_through_a_server(command, leads, server, tmp_path):
    where = ("tracking=server", f"tracking.uri={server}")
    accounts = f"accounts.path={leads.folder / 'accounts.csv'}"
    trained = command("train", *leads.overrides, accounts, *QUICK, *where)
    assert trained.code == 0, trained.err
    assert "it is the champion" in trained.out
    assert contents(tmp_path / "out/train/bundle") == contents(leads.bundle), "the store is no part of the model"
    scored = command("score", *leads.reading, accounts, "model=models:/leads@champion", *where)
    assert scored.code == 0, scored.err
    local = command("score", *leads.reading, accounts, f"model={leads.bundle}", "output=local")
    assert contents(tmp_path / "out/score")["scores.csv"] == contents(local.folder / "local")["scores.csv"]
    shown = command("promote", "action=show", "name=leads", *where)
    assert "version 1" in shown.out
    command("score", *leads.reading, accounts, "model=models:/leads/9", *where).refused("Its versions: 1 (champion).")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["local", "out"]
    answer = through_mlflow(server, leads.folder / "accounts.csv", tmp_path)
    expected = pd.read_csv(tmp_path / "local/scores.csv").head(50)["propensity"]
    assert answer["columns"][:4] == ["propensity", "percentile", "tier", "profile"]
    assert answer["propensity"] == expected.tolist()
    assert answer["less"] == 50


def through_mlflow(server, file, folder):
    env = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true", "HOME": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", PREDICT, server, str(file)],
        cwd=folder, env=env, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.strip().splitlines()[-1])
