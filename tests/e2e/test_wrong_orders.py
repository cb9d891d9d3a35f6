"""A wrong command line, model or file, from a shell: exit code 2 and one block, in our words only."""

from __future__ import annotations

import os

import pytest
from commands import contents

FOREIGN = (
    "hydra", "Hydra", "omegaconf", "OmegaConf", "mlflow.", "MlflowException", "MLflow", "RESOURCE_DOES_NOT_EXIST",
    "Traceback", "struct", "ConfigCompositionException", "sqlalchemy", "alembic", "INFO", "WARNING", "File \"",
)  # fmt: skip


def one_block(ended, *says):
    assert ended.out == ""
    ended.refused(*says)
    assert [word for word in FOREIGN if word in ended.err] == []


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        pytest.param("train", ["lables=flag"], "'labels'", id="wrong group"),
        pytest.param("score", ["model=models:/icp@champion"], "there is no model 'icp'", id="no model at all"),
        pytest.param("promote", ["model=models:/icp/3"], "there is no model 'icp'", id="promote what is not there"),
        pytest.param("validate", ["accounts=csv", "accounts.path=no.csv"], "no.csv", id="no such file"),
    ],
)
def test_a_shell_gets_two_and_one_block_and_nothing_is_left(process, tmp_path, name, arguments, says):
    one_block(process(name, *arguments), says)
    assert contents(tmp_path) == {}


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        pytest.param("train", ["labels=flags"], "Allowed: ", id="wrong option of a group"),
        pytest.param("train", ["labels.colum=x"], "'labels.column'", id="wrong key"),
        pytest.param("score", ["modle=models:/x@champion"], "'model'", id="wrong key in score"),
        pytest.param("train", ["seed=many"], "a whole number", id="wrong type"),
        pytest.param("train", ["accounts.ignore=[a,b"], "ICP0", id="list not closed"),
        pytest.param("train", ["'"], "ICP0", id="only a quote"),
        pytest.param("train", ["++"], "ICP0", id="only signs"),
        pytest.param("train", ["as_of=31.03.2026", "tracking=none"], "2026-03-31", id="wrong date"),
        pytest.param("train", ["~labels"], "ICP0", id="a group taken away"),
        pytest.param("train", ["+x.y=${oc.env:HOME}"], "ICP0", id="an interpolation"),
        pytest.param("score", ["model=models:/icp"], "is not the address", id="half an address"),
        pytest.param("score", ["model=nowhere"], "no model folder 'nowhere'", id="no such folder"),
        pytest.param("score", ["model=runs:/abc/model"], "is not the address", id="a run's address"),
        pytest.param("promote", ["action=demote"], "promote", id="no such action"),
        pytest.param("report", ["model=models:/icp@champion"], "there is no model 'icp'", id="report of no model"),
        pytest.param("train", ["accounts=csv", "accounts.path=no.csv"], "ICP", id="no such file"),
        pytest.param("train", ["accounts=csv", "accounts.path=."], "ICP", id="a folder as file"),
    ],
)
def test_a_wrong_command_is_told_in_one_block_and_leaves_nothing(command, tmp_path, name, arguments, says):
    one_block(command(name, *arguments), says)
    assert contents(tmp_path) == {}


def test_a_version_and_an_alias_that_are_not_there_are_told_with_those_that_are(command, leads):
    before = contents(leads.folder / "out")
    for name, model in (
        ("score", "models:/leads/7"),
        ("score", "models:/leads@challenger"),
        ("promote", "models:/leads/7"),
        ("report", "models:/leads@nobody"),
    ):
        one_block(command(name, f"model={model}", folder=leads.folder), "Its versions: 1 (champion).")
    one_block(command("score", "model=models:/leeds@champion", folder=leads.folder), "leads")
    assert contents(leads.folder / "out") == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_is_refused(command, leads, tmp_path):
    file = tmp_path / "new.csv"
    file.write_text("account_id\n1\n")
    file.chmod(0)
    one_block(command("score", "accounts=csv", f"accounts.path={file}", f"model={leads.bundle}"), "new.csv")


def test_a_file_in_place_of_the_output_folder_is_refused(command, leads, tmp_path):
    (tmp_path / "taken").write_text("mine")
    where = f"accounts.path={leads.folder / 'accounts.csv'}"
    one_block(command("score", *leads.reading, where, f"model={leads.bundle}", "output=taken"), "taken")
    assert contents(tmp_path) == {"taken": b"mine"}


def test_a_tracking_server_that_does_not_answer_is_told(command, tmp_path):
    ended = command("score", "model=models:/icp@champion", "tracking=server", "tracking.uri=http://127.0.0.1:9")
    one_block(ended, "does not answer")
    assert contents(tmp_path) == {}


def test_a_database_that_does_not_answer_is_told_without_the_password(command, tmp_path):
    url = "accounts.url='postgresql+psycopg://me:secret-word@127.0.0.1:9/crm'"
    ended = command("validate", "accounts=sql", url, "accounts.query='select 1'")
    one_block(ended, "127.0.0.1")
    assert "secret-word" not in ended.err
    assert contents(tmp_path) == {}
