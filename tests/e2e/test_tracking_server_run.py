"""The whole job against a team's MLflow server: records in a real PostgreSQL, files served by the server, both on
loopback, set up as the page on it says; and the registered model through MLflow's own tools."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa
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


PAGE = Path(__file__).parents[2] / "docs/how-to/team-mlflow.md"
VERSION = re.compile(r"leads-[0-9a-f]{12}")
pytestmark = [pytest.mark.slow, pytest.mark.postgres]


@pytest.fixture(scope="module")
def database(postgres_url):
    """Address of the database that the page makes, for the role that it makes."""
    engine = sa.create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    (text,) = re.findall(r"^```sql\n(.*?)^```", PAGE.read_text("utf-8"), re.M | re.S)
    with engine.connect() as connection:
        for statement in filter(str.strip, text.split(";")):
            connection.execute(sa.text(statement))
    engine.dispose()
    return postgres_url.replace("//icp@", "//mlflow@").rsplit("/", 1)[0] + "/mlflow"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Folder in which the server keeps its files."""
    return tmp_path_factory.mktemp("server")


@pytest.fixture(scope="module")
def server(place, database):
    with running_server(place, database) as uri:
        yield uri


def champion(database):
    """Number of the champion, as PostgreSQL has it."""
    engine = sa.create_engine(database)
    with engine.connect() as connection:
        found = connection.execute(sa.text("SELECT name, alias, version FROM registered_model_aliases")).all()
    engine.dispose()
    return {(name, alias): int(version) for name, alias, version in found}["leads", "champion"]


def test_train_promote_score_roll_back_and_report_on_a_teams_server(
    command, leads, server, database, place, tmp_path, monkeypatch
):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server)
    accounts = f"accounts.path={leads.folder / 'accounts.csv'}"

    def done(name, *line):
        ended = command(name, *line, "tracking=server")
        assert ended.code == 0, ended.err
        return ended

    def score(output):
        done("score", *leads.reading, accounts, "model=models:/leads@champion", f"output={output}")
        return contents(tmp_path / output)["scores.csv"]

    assert "it is the champion" in done("train", *leads.overrides, accounts, *QUICK).out
    assert contents(tmp_path / "out/train/bundle") == contents(leads.bundle), "the store is no part of the model"
    command("score", *leads.reading, accounts, f"model={leads.bundle}", "output=local")
    local = contents(tmp_path / "local")["scores.csv"]
    assert score("first") == local
    assert "version 1" in done("promote", "action=show", "name=leads").out
    wrong = command("score", *leads.reading, accounts, "model=models:/leads/9", "tracking=server")
    wrong.refused("Its versions: 1 (champion).")

    done("train", *leads.overrides, accounts, *QUICK, "scoring.max_trees=40", "promotion=never", "output=out/other")
    assert (champion(database), score("still")) == (1, local)
    moved = done("promote", "model=models:/leads/2", "reason='fewer trees'", "who=ann")
    assert "fewer trees" in moved.out and champion(database) == 2
    second = score("second")
    assert second != local
    command("score", *leads.reading, accounts, "model=out/other", "output=of_folder")
    assert second == contents(tmp_path / "of_folder")["scores.csv"]
    back = done("promote", "action=rollback", "name=leads", "reason='reasons read oddly'", "who=ben")
    assert "ben" in back.out and (champion(database), score("back")) == (1, local)
    done("report", "model=models:/leads@champion", "report.compare=models:/leads/2", "report.scores=back")
    page = (tmp_path / "out/report/report.html").read_text("utf-8")
    listed, other = (pd.read_csv(tmp_path / name / "scores.csv") for name in ("back", "second"))
    assert listed.sort_values("percentile", ascending=False)["account_id"].iloc[0] in page
    assert {*listed["model_version"], *other["model_version"]} == set(VERSION.findall(page))

    assert not (tmp_path / "mlruns").exists(), "nothing is kept beside the server"
    assert len(list((place / "files").rglob("bundle/model.json"))) == 2, "the server keeps the files of both versions"
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
