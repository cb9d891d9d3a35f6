"""The page on PostgreSQL, done from the page alone: its roles, its files, its commands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from icp import simulate_crm
from icp.options import SimulationOptions

ROOT = Path(__file__).parents[2]
QUICK = "scoring.max_trees=40 profiles.n_resamples=6 backtest.order=rows"


def blocks(language):
    page = (ROOT / "docs/how-to/postgresql.md").read_text("utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.M | re.S)


def run_sql(address, *statements):
    engine = sa.create_engine(address, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(sa.text(statement))
    finally:
        engine.dispose()


@pytest.mark.slow
@pytest.mark.postgres
def test_the_page_on_postgresql_works_as_told(postgres_url, tmp_path):
    server, place = postgres_url.rsplit("/", 1)[0], postgres_url.rsplit("@", 1)[1].split("/")[0]
    run_sql(postgres_url, "CREATE DATABASE crm")
    crm = simulate_crm(SimulationOptions(n_accounts=700, base_rate=0.3), seed=0)
    engine = sa.create_engine(f"{server}/crm")
    for name in ("accounts", "events", "outcomes"):
        frame = getattr(crm, name)
        frame.assign(**{key: pd.to_datetime(frame[key]) for key in ("at",) if key in frame}).to_sql(
            name, engine, index=False
        )
    engine.dispose()
    run_sql(f"{server}/crm", *(line for text in blocks("sql") for line in text.split(";") if line.strip()))
    for text in blocks("yaml"):
        file = tmp_path / text.split("\n")[0].removeprefix("# ")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace("db.example:5432", place), encoding="utf-8")
    passwords = tmp_path / "passwords"
    passwords.write_text(blocks("text")[0].replace("db.example:5432", place), encoding="utf-8")
    passwords.chmod(0o600)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT / "src"), "PGPASSFILE": str(passwords)}
    told = ""
    for text in blocks("bash"):
        lines = text.replace("db.example:5432", place).replace("name=crm", f"name=crm {QUICK}")
        done = subprocess.run(
            ["bash", "-euc", lines], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=600, check=False
        )
        assert done.returncode == 0, done.stderr[-3000:]
        told += done.stdout + done.stderr
    assert "ledger: campaign 'spring' entered" in told
    assert (tmp_path / "out/scorecard/meeting.html").is_file()
    engine = sa.create_engine(f"{server}/icp")
    assert pd.read_sql("select count(*) as n from icp_outcomes", engine)["n"][0] == len(crm.outcomes)
    assert set(pd.read_sql("select arm from icp_deliveries", engine)["arm"]) >= {"treated", "held_out"}
    engine.dispose()
    written = told + "".join(file.read_text("utf-8", errors="ignore") for file in (tmp_path / "out").rglob("*.*"))
    assert "choose-" not in written
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
        run_sql(f"{server.replace('//icp@', '//icp_reader@')}/crm", "DELETE FROM accounts")
