"""engine=spark on a real local Spark: every row, finding and file is that of the local engine, or nothing is there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from commands import contents

import icp
from icp.accounts import parse_column
from icp.engines import _spark, _spark_look

pytestmark = [
    pytest.mark.spark,
    pytest.mark.skipif(shutil.which("java") is None, reason="no Java on this machine (tests/services.sh installs it)"),
]
pytest.importorskip("pyspark", reason="pyspark is not installed (icp[test])")

PIECES = "spark.sql.files.maxPartitionBytes"
FORGETFUL = """
import shutil, sys
from icp import bundle
read = bundle.read

def read_and_remove(folder):
    found = read(folder)
    shutil.rmtree(folder)
    return found

bundle.read = read_and_remove
from icp._command import main
main("score", sys.argv[1:])
"""


@pytest.fixture(scope="module")
def spark(tmp_path_factory):
    """A session of two cores, reached from this machine only; commands of this process use it."""
    from pyspark.sql import SparkSession

    place = tmp_path_factory.mktemp("spark")
    settings = {
        "spark.ui.enabled": "false", "spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1",
        "spark.sql.warehouse.dir": str(place / "tables"), "spark.sql.shuffle.partitions": "3",
        "spark.log.level": "ERROR", "spark.driver.memory": "1g", "spark.ui.showConsoleProgress": "false",
    }  # fmt: skip
    builder = SparkSession.builder.master("local[2]").appName("tests")
    for key, value in settings.items():
        builder = builder.config(key, value)
    before = os.environ.get("PYSPARK_PYTHON")
    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = builder.getOrCreate()
    yield session
    session.stop()
    if before is None:
        del os.environ["PYSPARK_PYTHON"]


@pytest.fixture
def both(command, spark, monkeypatch):
    """Run a score with both engines, Spark's in small pieces; both end alike and leave the same files."""
    monkeypatch.setattr(_spark, "_LEAST_BYTES", 20_000)

    def call(*arguments, code=0):
        local = command("score", *arguments, "output=local")
        ended = command("score", *arguments, "engine=spark", "output=spark")
        assert (local.code, ended.code) == (code, code), (local.err, ended.err)
        left, right = (contents(one.folder / name) for one, name in ((local, "local"), (ended, "spark")))
        assert left.keys() == right.keys()
        assert [name for name in left if left[name] != right[name] and name != "config.yaml"] == []
        known = ended.out.replace("spark/", "local/").replace("had this list already", "entered")
        assert known == local.out
        return ended

    return call


def score_of(trained, file=None):
    return (*trained.reading, f"accounts.path={file or trained.folder / 'accounts.csv'}", f"model={trained.bundle}")


def test_scores_findings_lists_and_ledger_are_those_of_the_local_engine(both, leads, tmp_path):
    ended = both(*score_of(leads), "delivery=generic", "campaign=spring", "ledger.url='sqlite:///ledger.db'")
    assert len(ended.scores("spark")) == len(leads.accounts)
    assert "campaign 'spring' had this list already" in ended.out


def test_arms_and_call_lists_are_those_of_the_local_engine(command, spark, leads, tmp_path):
    (tmp_path / "reps.csv").write_text("rep,slots\nAnn,20\nBob,10\n", "utf-8")
    leads.accounts[["account_id"]].iloc[:40].to_csv(tmp_path / "customers.csv", index=False)
    lists = ("call_list.reps=reps.csv", "call_list.explore=0.1", "rules.exclude=[customers.csv]", "holdout.share=0.2")
    for engine in ("local", "spark"):  # each with a ledger of its own: no engine knows the arms of the other
        own = (f"engine={engine}", f"output={engine}", f"ledger.url='sqlite:///{engine}.db'")
        ended = command("score", *score_of(leads), *lists, "campaign=spring", "delivery=generic", *own)
        assert ended.code == 0, ended.err
    local, other = contents(tmp_path / "local"), contents(tmp_path / "spark")
    assert {"analyst/holdout.csv", "lists/call_list.csv", "lists/left_off.csv"} < local.keys() == other.keys()
    assert [name for name in local if local[name] != other[name] and name != "config.yaml"] == []


LISTED = ("delivery=suitecrm", "delivery.more=[city,expected_value]")


def test_lists_with_columns_of_the_accounts_are_those_of_the_local_engine(both, leads, tmp_path):
    leads.accounts[["account_id"]].iloc[50:].to_csv(tmp_path / "known.csv", index=False)
    known = ("delivery.known_keys=known.csv", "delivery.known_column=account_id")
    assert "50 not in the CRM" in both(*score_of(leads), *LISTED, *known).out


def test_columns_of_a_list_are_not_in_parquet_files_of_scores(command, spark, leads, tmp_path):
    for more in (("engine=spark", "output=spark"), ("output=local",)):
        ended = command("score", *score_of(leads), *LISTED, "format=parquet", *more)
        assert ended.code == 0, ended.err
    assert contents(tmp_path / "spark/suitecrm") == contents(tmp_path / "local/suitecrm")
    scores = [pd.read_parquet(tmp_path / name / "scores.parquet") for name in ("spark", "local")]
    pd.testing.assert_frame_equal(*scores, check_exact=True)


def test_messages_of_ones_own_are_the_same_in_both_engines(both, leads, tmp_path):
    model = icp.IdealCustomerModel.load(leads.bundle)
    one = next(s for s in model.index_.statistics() if s.profile_id == "P1" and s.over and s.group.is_telling)
    lines = ["messages:", "- profile: P1", f"  trait: {one.trait}", f"  group: {one.group.text}", "  text: Ask {n}."]
    (tmp_path / "messages.yaml").write_text("\n".join(lines), encoding="utf-8")
    ended = both(*score_of(leads), f"messages.library={tmp_path / 'messages.yaml'}")
    assert (ended.scores("spark")["talking_point"] == f"Ask {one.n}.").sum() > 10


def skewed(trained, folder):
    """The accounts as a folder of files: large, tiny and empty ones, in the order of their names."""
    lines = (trained.folder / "accounts.csv").read_text("utf-8").splitlines(keepends=True)
    folder.mkdir()
    for i, (start, stop) in enumerate([(1, 4), (4, 5), (5, 1100), (1100, 1100), (1100, len(lines))]):
        (folder / f"{i}.csv").write_text("".join([lines[0], *lines[start:stop]]), "utf-8")
    return folder


def test_a_skewed_folder_of_files_keeps_their_order(command, spark, leads, tmp_path, monkeypatch):
    monkeypatch.setattr(_spark, "_LEAST_BYTES", 20_000)
    whole = command("score", *score_of(leads), "output=local")
    ended = command("score", *score_of(leads, skewed(leads, tmp_path / "parts")), "engine=spark", "output=spark")
    assert ended.code == whole.code == 0, ended.err
    left, right = (contents(tmp_path / name) for name in ("local", "spark"))
    assert left["scores.csv"] == right["scores.csv"]
    assert left["drift.csv"] == right["drift.csv"]


@pytest.mark.slow
def test_two_executors_of_their_own_share_the_work_and_need_no_folder_of_the_model(command, leads, tmp_path):
    """The model is gone from the disk before Spark starts: executors have it from the driver alone."""
    import pyspark

    assert command("score", *score_of(leads), "output=local").code == 0
    model = shutil.copytree(leads.bundle, tmp_path / "model")
    (tmp_path / "log").mkdir()
    log = [
        "spark.eventLog.enabled=true", f"spark.eventLog.dir=file://{tmp_path}/log", "spark.eventLog.compress=false",
        "spark.eventLog.rolling.enabled=false",
    ]  # fmt: skip
    given = (
        *leads.reading, f"accounts.path={skewed(leads, tmp_path / 'parts')}", f"model={model}", "engine=spark",
        "spark.master='local-cluster[2,1,1024]'", f"spark.settings={json.dumps(log)}", "output=spark",
    )  # fmt: skip
    try:
        done = subprocess.run(
            [sys.executable, "-c", FORGETFUL, *given],
            cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
    finally:
        shutil.rmtree(Path(pyspark.__file__).parent / "work", ignore_errors=True)  # where this master keeps its logs
    assert done.returncode == 0, done.stderr
    assert not model.exists()
    assert (tmp_path / "spark/scores.csv").read_bytes() == (tmp_path / "local/scores.csv").read_bytes()
    events = [
        json.loads(line) for file in (tmp_path / "log").iterdir() for line in file.read_text("utf-8").splitlines()
    ]
    ran = {event["Task Info"]["Executor ID"] for event in events if event["Event"] == "SparkListenerTaskEnd"}
    assert len(ran) == 2


def test_files_of_a_folder_with_other_headers_are_refused(command, spark, leads, tmp_path):
    lines = (leads.folder / "accounts.csv").read_text("utf-8").splitlines(keepends=True)
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts/a.csv").write_text("".join(lines[:300]), "utf-8")
    (tmp_path / "parts/b.csv").write_text("".join([lines[0].upper(), *lines[300:400]]), "utf-8")
    ended = command("score", *score_of(leads, tmp_path / "parts"), "engine=spark")
    ended.refused("ICP107", "b.csv")
    assert not (tmp_path / "out").exists()


def test_parquet_in_and_out_with_types_of_its_own(command, spark, leads, tmp_path):
    typed = leads.accounts.drop(columns=["best"])
    typed["employees"] = pd.to_numeric(typed["employees"]).where(np.arange(len(typed)) % 7 > 0)
    typed["Umsatz je Kopf (€)"] = pd.to_numeric(typed["Umsatz je Kopf (€)"])
    (tmp_path / "typed").mkdir()
    for i, rows in enumerate((slice(0, 900), slice(900, 905), slice(905, None))):
        typed.iloc[rows].to_parquet(tmp_path / f"typed/{i}.parquet", index=False)
    reading = (
        "accounts=parquet",
        "accounts.account_id=account_id",
        f"model={leads.bundle}",
        f"accounts.path={tmp_path / 'typed'}",
    )
    local = command("score", *reading, "output=local", "format=parquet")
    ended = command("score", *reading, "output=spark", "format=parquet", "engine=spark")
    assert ended.code == local.code == 0, ended.err
    expected = pd.read_parquet(tmp_path / "local/scores.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "spark/scores.parquet"), expected, check_exact=True)
    assert {file.suffix for file in (tmp_path / "spark/scores.parquet").iterdir()} == {".parquet"}
    again = command("score", *reading, "output=spark", "format=parquet", "engine=spark")
    assert again.code == 0, again.err
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "spark/scores.parquet"), expected, check_exact=True)


@pytest.mark.parametrize("rows", [1_000_000, 0], ids=["sent whole", "by a shuffle"])
def test_dated_history_is_joined_by_account(both, dated, monkeypatch, rows, tmp_path):
    monkeypatch.setattr(_spark, "BROADCAST_ROWS", rows)
    table = dated.accounts
    twice = pd.concat([table, table.iloc[[3, 700]], table.iloc[[5]].assign(account_id="X-unknown")])
    twice.to_csv(tmp_path / "twice.csv", index=False, lineterminator="\n")
    history = [text.replace(".path=", f".path={dated.folder}/") for text in dated.reading if "accounts" not in text]
    reading = [text for text in dated.reading if text.startswith("accounts")]
    ended = both(
        *reading,
        *history,
        f"accounts.path={tmp_path / 'twice.csv'}",
        f"model={dated.bundle}",
        "as_of=2026-03-31",
        code=3,
    )
    assert "ICP104" in ended.out


def test_rows_with_dates_of_their_own(both, observed):
    history = [
        text.replace(".path=", f".path={observed.folder}/") for text in observed.reading if "accounts" not in text
    ]
    reading = [text for text in observed.reading if text.startswith("accounts")]
    own = (f"accounts.path={observed.folder / 'observed.csv'}", f"model={observed.bundle}")
    ended = both(*reading, *history, *own, "delivery=generic", "rules.customers=leave_off")
    off = pd.read_csv(ended.folder / "spark/lists/left_off.csv")
    assert (off["reason"] == "already a best customer").sum() > 20


def test_a_csv_as_people_write_it(both, leads, tmp_path):
    """Semicolons, decimal commas, a letter of another encoding far down, line ends in cells, blank rows and a
    line of totals at the end."""
    table = leads.accounts.drop(columns=["best"])
    table["Umsatz je Kopf (€)"] = table["Umsatz je Kopf (€)"].str.replace(".", ",")
    table["employees"] = np.where(np.arange(len(table)) % 50 == 1, "about 12", table["employees"])
    table["name"] = np.where(np.arange(len(table)) % 90 == 4, 'The "New"\nCompany; Ltd', table["name"])
    table.loc[7, "account_id"] = table.loc[3, "account_id"]
    table.loc[9, "created_on"] = "2031-01-05"
    table.loc[[5, len(table) - 1], "account_id"] = ["1.5E+05", "Grand total"]
    text = table.to_csv(index=False, sep=";", lineterminator="\r\n") + (";" * (table.shape[1] - 1) + "\r\n") * 3
    (tmp_path / "odd.csv").write_bytes(text.encode("cp1252"))
    ended = both(*score_of(leads, tmp_path / "odd.csv"), code=3)
    found = {one["code"] for one in json.loads((ended.folder / "spark/findings.json").read_text("utf-8"))}
    assert {"ICP104", "ICP115", "ICP132", "ICP134", "ICP402"} <= found
    assert len(ended.scores("spark")) == len(table)


def test_rows_without_ids_get_their_numbers(both, leads, tmp_path):
    ended = both(f"accounts.path={leads.folder / 'accounts.csv'}", "accounts=csv", f"model={leads.bundle}")
    assert ended.scores("spark")["account_id"].tolist() == [str(i + 1) for i in range(len(leads.accounts))]


def test_the_built_in_sources_are_handed_over(both, leads, tmp_path):
    import sqlalchemy as sa

    engine = sa.create_engine(f"sqlite:///{tmp_path}/crm.db")
    leads.accounts.drop(columns=["best"]).to_sql("leads", engine, index=False)
    engine.dispose()
    both(
        "accounts=sql", f"accounts.url='sqlite:///{tmp_path}/crm.db'",
        "accounts.query='select * from leads order by account_id'", "accounts.account_id=account_id",
        f"model={leads.bundle}",
    )  # fmt: skip


def test_a_table_of_sparks_own_is_read_and_written(command, spark, leads, tmp_path):
    spark.read.option("header", True).csv(str(leads.folder / "accounts.csv")).createOrReplaceTempView("leads_view")
    reading = (
        "accounts=sql", "accounts.query='select * from leads_view'", "accounts.account_id=account_id",
        f"model={leads.bundle}", "engine=spark", "output=spark",
    )  # fmt: skip
    local = command("score", *score_of(leads), "output=local")
    for _ in range(2):
        ended = command("score", *reading, "spark.table=scored_leads")
        assert ended.code == local.code == 0, ended.err
        assert sorted(contents(tmp_path / "spark")) == ["config.yaml", "drift.csv", "findings.json"]
    expected = local.scores("local").set_index("account_id")
    table = spark.table("scored_leads").toArrow().to_pandas().set_index("account_id").loc[expected.index]
    assert [f"{value:.6f}" for value in table["propensity"]] == expected["propensity"].tolist()
    assert table["reason_1"].fillna("").tolist() == expected["reason_1"].tolist()
    spark.sql("select 1 as one").write.mode("overwrite").saveAsTable("not_ours")
    command("score", *reading, "spark.table=not_ours").refused("ICP423", "not_ours")
    assert spark.table("not_ours").columns == ["one"]
    assert {table.name for table in spark.catalog.listTables()} == {"leads_view", "not_ours", "scored_leads"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda text: text.replace("employees", "heads", 1), "ICP102"),
        (lambda text: text + "A,B\n", "ICP108"),
        (lambda text: text.replace("\nA", "\n,A", 1).replace("\n,A", "\n,", 1), "ICP"),
        (lambda text: text.splitlines()[0] + "\n", "ICP101"),
        (lambda text: "", "ICP101"),
    ],
    ids=["column missing", "row too short", "row too long", "no rows", "empty"],
)
def test_what_cannot_be_scored_is_refused_and_nothing_is_written(command, spark, leads, tmp_path, change, code):
    (tmp_path / "new.csv").write_text(change((leads.folder / "accounts.csv").read_text("utf-8")), "utf-8")
    command("score", *score_of(leads, tmp_path / "new.csv"), "engine=spark").refused(code)
    assert not (tmp_path / "out").exists()


def test_empty_ids_and_a_missing_file_are_refused_as_by_the_local_engine(command, spark, leads, tmp_path):
    table = leads.accounts
    table.loc[[2, 900], "account_id"] = " "
    table.to_csv(tmp_path / "new.csv", index=False, lineterminator="\n")
    told = [
        command("score", *score_of(leads, tmp_path / "new.csv"), f"engine={engine}").err.splitlines()[-2:]
        for engine in ("local", "spark")
    ]
    assert told[0] == told[1] and "ICP103" in told[0][-1] and "row 901" in told[0][-1]
    command("score", *score_of(leads, tmp_path / "nowhere.csv"), "engine=spark").refused("ICP100", "nowhere.csv")


def test_a_list_that_the_crm_would_refuse_leaves_nothing(command, spark, leads, tmp_path):
    table = leads.accounts
    table.loc[4, "account_id"] = "0017"
    table.to_csv(tmp_path / "new.csv", index=False, lineterminator="\n")
    ended = command("score", *score_of(leads, tmp_path / "new.csv"), "engine=spark", "delivery=generic")
    ended.refused("ICP60")
    assert not (tmp_path / "out").exists()


def test_settings_of_a_session_that_is_there_stay_as_they_were(command, spark, leads):
    keys = ("spark.sql.session.timeZone", PIECES, "spark.sql.files.openCostInBytes")
    spark.conf.set("spark.sql.session.timeZone", "America/New_York")
    before = [spark.conf.get(key) for key in keys]
    assert command("score", *score_of(leads), "engine=spark").code == 0
    assert [spark.conf.get(key) for key in keys] == before
    spark.conf.unset("spark.sql.session.timeZone")
    assert spark.sparkContext._jsc.getPersistentRDDs().size() == 0


def test_workers_with_another_version_are_told(command, spark, leads, monkeypatch, tmp_path):
    monkeypatch.setattr(_spark_look, "__version__", "9.9.9")
    command("score", *score_of(leads), "engine=spark").refused("ICP422", "9.9.9")
    assert not (tmp_path / "out").exists()


def test_an_error_of_sparks_own_is_told_in_a_line(command, spark, leads, tmp_path):
    query = ("accounts=sql", "accounts.account_id=account_id", f"model={leads.bundle}", "engine=spark")
    ended = command("score", *query, "accounts.query='select * from no_such_table'")
    ended.refused("ICP421", "no_such_table")
    assert "Traceback" not in ended.err and "org.apache" not in ended.err
    spark.sql("select 1 as one").write.mode("overwrite").saveAsTable("kept")
    for text in ("with t as (select 2 as one) insert into kept select * from t", "select 1; drop table kept"):
        command("score", *query, f"accounts.query='{text}'").refused("ICP")
    assert spark.table("kept").count() == 1
    spark.sql("drop table kept")


@pytest.mark.parametrize(
    ("overrides", "code"),
    [
        (["compare.model=models:/leads/1"], "ICP008"),
        (["output='s3a://bucket/out'"], "ICP008"),
        (["spark.table='a; drop table b'"], "ICP003"),
        (["engine=local", "spark.table=scores"], "ICP008"),
    ],
)
def test_what_does_not_go_together_is_refused_before_spark_starts(command, leads, overrides, code):
    command("score", *score_of(leads), "engine=spark", *overrides).refused(code)


def test_without_pyspark_the_run_says_what_to_install(command, leads, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark", None)
    command("score", *score_of(leads), "engine=spark").refused("ICP420", "icp[spark]")


def test_without_java_the_run_says_what_to_install(process, leads, tmp_path):
    ended = process("score", *score_of(leads), "engine=spark", PATH=str(tmp_path), JAVA_HOME="")
    ended.refused("ICP420", "Java 17")
    assert not (tmp_path / "out").exists()


@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
def test_the_registered_model_works_as_a_udf(spark, leads):
    """``mlflow.pyfunc.spark_udf`` on the model as MLflow keeps it gives the scores of the local engine."""
    import mlflow.pyfunc
    from pyspark.sql import functions as F

    from icp.bundle import read
    from icp.engines import score_frame

    model = next((leads.folder / "mlruns").rglob("MLmodel")).parent
    frame = leads.accounts.head(300)
    numeric = [column for column in read(leads.bundle).columns if column.kind == "numeric"]
    typed = frame.assign(**{c.name: parse_column(pa.array(frame[c.name].to_numpy(object)), c)[0] for c in numeric})
    udf = mlflow.pyfunc.spark_udf(spark, str(model), env_manager="local")
    rows = spark.createDataFrame(pa.Table.from_pandas(typed, preserve_index=False)).repartition(3)
    given = rows.select("account_id", udf(F.struct(*[F.col(f"`{name}`") for name in typed.columns])).alias("s"))
    scored = given.select("account_id", "s.*").toArrow().to_pandas().set_index("account_id").loc[frame["account_id"]]
    expected = score_frame(read(leads.bundle), frame.set_index("account_id"))
    assert scored["propensity"].tolist() == expected["propensity"].tolist()
    for name in ("tier", "profile", "reason_1", "reason_3"):
        assert scored[name].tolist() == expected[name].fillna("").tolist()
