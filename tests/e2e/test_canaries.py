"""Marked secrets and marked people through the whole job: no byte of them stands where it must not."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from mlflow_server import running_server
from trained_models import QUICK

SECRETS = {"sql": "canary-sql-7Q", "ledger": "canary-ledger-8R", "tracking": "canary-tracking-9S"}
PEOPLE = "canaryperson"
"""Stands in every name, e-mail address, telephone number and line of text of the accounts and of sales."""


def found(folder: Path, text: str, *apart: str) -> set[str]:
    """Files below a folder that hold the text in their bytes, in UTF-8 or UTF-16."""
    forms = (text.encode(), text.encode("utf-16-le"))
    files = (file for file in sorted(folder.rglob("*")) if file.is_file())
    held = {str(file.relative_to(folder)) for file in files if any(form in file.read_bytes() for form in forms)}
    return {name for name in held if not name.startswith(apart)}


def with_password(address: str, password: str) -> str:
    return sa.make_url(address).set(password=password).render_as_string(hide_password=False)


@pytest.fixture(scope="module")
def canaries(leads, postgres_url, tmp_path_factory):
    """Where the job was done, and all that its commands said."""
    folder, server = tmp_path_factory.mktemp("canaries"), tmp_path_factory.mktemp("canary-server")
    accounts = leads.accounts
    number = accounts.index.astype(str)
    accounts["name"] = f"{PEOPLE} " + number + " GmbH"
    accounts["contact"] = "mail." + number + f"@{PEOPLE}.example"
    accounts["telephone"] = "+49 30 " + number + f" {PEOPLE}"
    for column in ("employees", "annual_revenue_eur", "webinar_visits"):
        accounts[column] = pd.to_numeric(accounts[column])
    run_sql(postgres_url, "CREATE DATABASE canary_crm", "CREATE DATABASE canary_ledger")
    base = postgres_url.rsplit("/", 1)[0]
    engine = sa.create_engine(f"{base}/canary_crm")
    accounts.replace("", None).to_sql("leads", engine, index=False)
    engine.dispose()
    answers = accounts[["account_id"]].head(40).assign(
        date="2026-09-01", code="no_interest", text=f"spoke to {PEOPLE}, not keen"
    )  # fmt: skip
    answers.to_csv(folder / "dispositions.csv", index=False)
    with running_server(server) as uri:
        yield (
            folder,
            server,
            {
                "sql": with_password(f"{base}/canary_crm", SECRETS["sql"]),
                "ledger": with_password(f"{base}/canary_ledger", SECRETS["ledger"]),
                "tracking": uri.replace("http://", f"http://robot:{SECRETS['tracking']}@"),
            },
        )


def run_sql(address: str, *statements: str) -> None:
    engine = sa.create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
    engine.dispose()


@pytest.mark.slow
@pytest.mark.postgres
def test_no_secret_and_no_person_stands_where_it_must_not(canaries, command, leads):
    folder, server, where = canaries
    accounts = (
        *("accounts=sql", f"accounts.url='{where['sql']}'", "accounts.query='select * from leads order by account_id'"),
        *("accounts.account_id=account_id", "accounts.name_column=name"),
    )
    tracking, ledger = ("tracking=server", f"tracking.uri='{where['tracking']}'"), f"ledger.url='{where['ledger']}'"
    learning = ("labels=flag", "labels.column=best", "labels.positive=yes", "name=canary")
    delivery = ("delivery=salesforce", "campaign=spring", "holdout.share=0.2", "output=out/score")
    answers = (
        *(
            "action=load",
            "dispositions=csv",
            "dispositions.path=dispositions.csv",
            "dispositions.account_id=account_id",
        ),
        *("dispositions.at=date", "dispositions.kind=code", "dispositions.note=text"),
    )
    model = "model=models:/canary@champion"
    said = ""

    def run(name: str, *arguments: str, code: int = 0) -> None:
        nonlocal said
        ended = command(name, *arguments, "logs=json", folder=folder)
        assert ended.code == code, ended.err
        said += ended.out + ended.err

    run("train", *accounts, *learning, *QUICK, *tracking, "output=out/train")
    run("validate", *accounts, "labels=flag", "labels.column=best", "labels.positive=yes", "output=out/validate")
    run("score", *accounts, model, *tracking, ledger, *delivery)
    run("feedback", *answers, ledger, "output=out/feedback")
    run("report", model, *tracking, "report.scores=out/score", "output=out/report")
    run("scorecard", ledger, "output=out/scorecard")
    run("promote", "action=show", "name=canary", *tracking)
    dead = "127.0.0.1:9/"  # nothing answers there
    gone = {name: re_host(address, dead) for name, address in where.items()}
    run("score", *accounts, model, "tracking=server", f"tracking.uri='{gone['tracking']}'", "output=out/x", code=2)
    run("score", *accounts, model, *tracking, f"ledger.url='{gone['ledger']}'", *delivery[:2], "output=out/x", code=2)
    run(
        "score", *accounts[:1], f"accounts.url='{gone['sql']}'", *accounts[2:], model, *tracking, "output=out/x", code=2
    )
    run("score", *accounts[:2], "accounts.query='select * from nowhere'", *accounts[3:], model, *tracking, code=2)
    run("train", *accounts[:2], "accounts.query='delete from leads'", *accounts[3:], *learning, *tracking, code=2)

    for secret in SECRETS.values():
        assert secret not in said
        assert found(folder, secret) == found(server, secret) == set()
    assert PEOPLE not in said
    assert found(server, PEOPLE) == set()
    # validate shows the company cells of its own columns; nothing else needs more than an id
    assert found(folder, PEOPLE, "dispositions.csv") == {"out/validate/columns.csv"}
    (server / "files" / "planted.json").write_text(f'{{"who": "{PEOPLE}", "with": "{SECRETS["sql"]}"}}')
    assert found(server, PEOPLE) == found(server, SECRETS["sql"]) == {"files/planted.json"}, "looked at nothing"


def re_host(address: str, host: str) -> str:
    """The same address, of a server that does not answer."""
    before, _, behind = address.partition("@")
    return f"{before}@{host}{behind.partition('/')[2]}"
