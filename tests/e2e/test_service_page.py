"""The web service of the page on one account: whatever comes, there is an answer."""

from __future__ import annotations

import json
import re
import socket
from datetime import date
from pathlib import Path
from threading import Thread

import pytest

import icp

PAGE = Path(__file__).parents[2] / "docs/how-to/one-account.md"


@pytest.fixture(scope="module")
def asked(leads):
    """Send a body to the service as the page has it; status and what it says."""
    (code,) = (
        block
        for block in re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.M | re.S)
        if "Score(" in block
    )
    names = {"icp": icp, "date": date, "model": icp.IdealCustomerModel.load(leads.bundle)}
    exec(code, names)
    server = names["server"]
    Thread(target=server.serve_forever, daemon=True).start()

    def ask(body: bytes, length: str | None) -> tuple[int, dict]:
        head = "" if length is None else f"Content-Length: {length}\r\n"
        with socket.create_connection(("127.0.0.1", server.server_port), timeout=20) as line:
            line.sendall(f"POST / HTTP/1.0\r\n{head}\r\n".encode() + body)
            answer = b"".join(iter(lambda: line.recv(1 << 16), b""))
        status, _, rest = answer.partition(b"\r\n")
        return int(status.split()[1]), json.loads(rest.partition(b"\r\n\r\n")[2])

    yield ask
    server.shutdown()
    server.server_close()


def test_an_account_is_scored_as_of_today(asked, leads):
    account = leads.accounts.drop(columns="best").iloc[0]
    body = json.dumps(account.astype(object).where(account.notna(), None).to_dict(), default=str).encode()
    status, answer = asked(body, str(len(body)))
    assert (status, answer["account_id"]) == (200, account["account_id"])


@pytest.mark.parametrize(
    ("body", "length", "says"),
    [
        (b"[" * 100_000, "100000", "recursion"),
        (b'{"a":' * 100_000, "500000", "recursion"),
        (b"{}", "-1", "a million bytes at most"),
        (b"{}", None, "a million bytes at most"),
        (b"{}", "1000001", "a million bytes at most"),
        (b"{}", "two", "invalid literal"),
        (b"[1]", "3", "a JSON object"),
        (b"", "0", "Expecting value"),
        (b"\xff{", "2", "decode"),
        (b'{"account_id": "\\ud800"}', "24", "half a character"),
    ],
)  # fmt: skip
def test_what_is_no_account_is_answered(asked, body, length, says):
    status, answer = asked(body, length)
    assert status == 422 and says in answer["error"], answer
