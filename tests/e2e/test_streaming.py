"""A file of any length: the bytes of the whole table, in memory that does not grow with the file."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
from commands import contents

from icp import _spill
from icp.accounts import _delimited, _sql
from icp.engines import AccountRows
from trained_models import inside

LISTS = ("delivery=generic", "delivery.max_rows=500", "campaign=spring")


@pytest.fixture
def small_batches(monkeypatch):
    """Limits so small that everything there is goes through many batches and many files."""
    monkeypatch.setattr(_delimited, "_BLOCK", 1 << 12)
    monkeypatch.setattr(_sql, "_ROWS_AT_A_TIME", 37)
    monkeypatch.setattr(AccountRows.cells, "__defaults__", (41, ()))
    for name, few in {"_ROWS": 100, "_FILES": 5, "_ROWS_OF_TEXT": 150}.items():
        monkeypatch.setattr(_spill, name, few)


def score(command, trained, output, *overrides):
    place = next(text for text in trained.overrides if text.startswith("accounts.path="))
    ledger = f"ledger.url=sqlite:///{output}.db"
    given = (*trained.reading, place, f"model={trained.bundle}", f"output={output}", ledger, *overrides)
    with inside(trained.folder):
        return command("score", *given, folder=trained.folder)


def same_files(one, two):
    one, two = contents(one), contents(two)
    assert set(one) == set(two)
    assert {name for name in one if one[name] != two[name]} == {"config.yaml"}


@pytest.mark.parametrize("model", ["leads", "dated", "observed"])
def test_small_batches_give_every_file_the_same_bytes(request, command, tmp_path, monkeypatch, model):
    trained = request.getfixturevalue(model)
    overrides = (*LISTS, f"compare.model={trained.bundle}")
    whole = score(command, trained, tmp_path / "whole", *overrides)
    request.getfixturevalue("small_batches")
    parts = score(command, trained, tmp_path / "parts", *overrides)
    assert whole.code == parts.code == 0, parts.err
    assert parts.out.replace("/parts", "/whole") == whole.out
    same_files(tmp_path / "whole", tmp_path / "parts")
    assert len(list((tmp_path / "parts/generic").glob("*.csv"))) == 3


def test_rows_without_ids_are_numbered_through_all_batches(command, leads, tmp_path, small_batches):
    source = ("accounts=csv", f"accounts.path={leads.folder / 'accounts.csv'}", f"model={leads.bundle}", "output=out")
    ended = command("score", *source)
    assert ended.code == 0, ended.err
    assert ended.scores("out")["account_id"].tolist() == [str(i + 1) for i in range(len(leads.accounts))]


@pytest.mark.parametrize("kind", ["parquet", "sql"])
def test_other_sources_in_small_batches_give_the_same_scores(command, leads, tmp_path, request, kind):
    whole = score(command, leads, tmp_path / "whole")
    table = leads.accounts
    if kind == "parquet":
        table.to_parquet(tmp_path / "accounts.parquet", index=False, row_group_size=100)
        source = ("accounts=parquet", f"accounts.path={tmp_path}/accounts.parquet")
    else:
        from sqlalchemy import create_engine

        engine = create_engine(f"sqlite:///{tmp_path}/crm.db")
        table.to_sql("accounts", engine, index=False)
        engine.dispose()
        source = (
            "accounts=sql",
            f"accounts.url=sqlite:///{tmp_path}/crm.db",
            "accounts.query='SELECT * FROM accounts'",
        )
    request.getfixturevalue("small_batches")
    ended = command("score", *source, *leads.reading[1:], f"model={leads.bundle}", "output=parts")
    assert (whole.code, ended.code) == (0, 0), ended.err
    assert (tmp_path / "parts/scores.csv").read_bytes() == (tmp_path / "whole/scores.csv").read_bytes()


def test_ids_that_repeat_in_batches_far_apart_are_found_as_before(command, leads, tmp_path, request):
    table = leads.accounts
    last = table.iloc[[3, 3, 700]].assign(account_id=lambda rows: [rows.iloc[0, 0], rows.iloc[0, 0], rows.iloc[2, 0]])
    pd.concat([table, last]).to_csv(tmp_path / "new.csv", index=False)
    given = (*leads.reading, "accounts.path=new.csv", f"model={leads.bundle}")
    request.getfixturevalue("small_batches")
    ended = command("score", *given, "output=out")
    assert ended.code == 3
    found = {one["code"]: one for one in json.loads((tmp_path / "out/findings.json").read_text("utf-8"))}
    first, second = table["account_id"].iloc[[3, 700]]
    assert (found["ICP104"]["n_rows"], found["ICP104"]["severity"]) == (5, "issue")
    assert found["ICP104"]["message"].endswith("repeat: 2 different ids stand in 5 rows.")
    command("score", *given, "delivery=generic", "output=list").refused("ICP603", f"(5 rows, e.g. {first}, {second})")
    command("score", *given, "campaign=spring", "output=list").refused("ICP702", f"(5 rows, e.g. {first}, {second})")
    assert not (tmp_path / "list").exists()


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        pytest.param(lambda rows: [*rows[:-5], rows[-5] + ",more", *rows[-4:]], "line 1,197", id="ragged"),
        pytest.param(
            lambda rows: [*rows[:-5], rows[-5].replace(",", ',"', 1), *rows[-4:]], "line 1,197", id="open quote"
        ),
        pytest.param(lambda rows: [rows[0].replace("industry", "industri"), *rows[1:]], "'industri'", id="column"),
    ],
)
def test_what_is_wrong_deep_in_a_file_is_told_before_anything_is_written(
    command, leads, tmp_path, small_batches, spoil, says
):
    rows = leads.accounts.to_csv(index=False).splitlines()
    (tmp_path / "new.csv").write_text("\n".join(spoil(rows)) + "\n", "utf-8")
    command("score", *leads.reading, "accounts.path=new.csv", f"model={leads.bundle}", "output=out").refused(says)
    assert not (tmp_path / "out").exists()


def many(leads, path, n_rows):
    """The accounts over and over, each time with ids of their own."""
    table = leads.accounts.drop(columns=["best"])
    with path.open("w", encoding="utf-8") as file:
        for start in range(0, n_rows, len(table)):
            part = table.assign(account_id=[f"A-{i:07d}" for i in range(start, start + len(table))])
            part.iloc[: n_rows - start].to_csv(file, index=False, header=not start)
    return (*leads.reading, f"accounts.path={path}", f"model={leads.bundle}", "delivery=generic")


@pytest.mark.slow
def test_killed_half_way_leaves_no_file_and_the_next_run_the_same_bytes(command, leads, tmp_path):
    given = many(leads, tmp_path / "many.csv", 60_000)
    run = subprocess.Popen(
        [sys.executable, "-m", "icp.score", *given, "output=out"],
        cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 240

    def begun():
        return any(file.stat().st_size > 1 << 20 for file in (tmp_path / "out").glob(".partial-*/scores.csv"))

    while not begun() and run.poll() is None and time.monotonic() < deadline:
        time.sleep(0.001)
    os.killpg(run.pid, signal.SIGKILL)
    assert run.wait(timeout=30) == -signal.SIGKILL
    assert [name for name in contents(tmp_path / "out") if not name.startswith(".partial-")] == []
    for output in ("out", "undisturbed"):
        assert command("score", *given, f"output={output}").code == 0
    left = contents(tmp_path / "out")
    for name in [name for name in left if name.startswith(".partial-")]:
        del left[name]
    undisturbed = contents(tmp_path / "undisturbed")
    assert set(left) == set(undisturbed)
    assert {name for name in left if left[name] != undisturbed[name]} == {"config.yaml"}


@pytest.mark.slow
def test_memory_does_not_grow_with_the_file(leads, tmp_path):
    """Eight times the rows: in memory their scores alone would be 350,000 rows of 700 bytes, or 233 MB.

    What a run has in memory at once differs by up to 120 MB from run to run, with batches of 10,000 rows by more.
    """
    peak = []
    for n_rows in (50_000, 400_000):
        given = many(leads, tmp_path / f"{n_rows}.csv", n_rows)
        program = (
            "import sys; from icp import _command; from icp.engines import AccountRows\n"
            "AccountRows.cells.__defaults__ = (2_000, ())\n"
            "try: _command.main('score', sys.argv[1:])\n"
            "finally: print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0], file=sys.stderr)"
        )
        done = subprocess.run(
            [sys.executable, "-c", program, *given, f"output={tmp_path}/{n_rows}"],
            cwd=tmp_path, capture_output=True, text=True, check=True,
        )  # fmt: skip
        peak.append(int(done.stderr.split()[-1]) / 1024)
        assert len(pd.read_csv(tmp_path / f"{n_rows}/scores.csv", usecols=["account_id"])) == n_rows
    assert np.diff(peak)[0] < 140, peak
