"""Changes only: rows the CRM does not hold, who moved between tiers, and nothing forgotten over many lists."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from made_lists import scores

from icp._spill import InOrder
from icp.delivery import deliver, plan_list, read_list, read_since
from icp.errors import DeliveryError
from icp.options import DeliveryOptions

IDS = [f"A-{i:03d}" for i in range(10)]


def send(folder, table, name="generic", since=None, run="r", valid_days=90, known=None):
    """Write a list of a run into its own folder; what was written."""
    asked = DeliveryOptions(target=name, valid_days=valid_days)
    in_crm = None if known is None else lambda: [pa.array(known, pa.string())]
    plan = plan_list(lambda: [table.column("account_id").combine_chunks()], asked, known=in_crm)
    if since is not None:
        plan = replace(plan, since=read_since(since / "manifest.json", name, valid_days))
    rows = InOrder("account_id", None)
    for batch in table.to_batches():
        rows.add(batch)
    written = deliver(
        rows.parts(), plan, Path(folder) / run, run_id=run, model_sha256="m" * 64, package_version="0.1.0"
    )
    return written.folder


def rows_of(folder):
    return {row["account_key"]: row for row in pa.concat_tables(read_list(folder)).to_pylist()}


def moves(folder):
    with (folder / "moves.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def base(**changed):
    return scores(IDS, tier=["A", "B"] * 5, percentile=[95.0, 80.0] * 5, **changed)


@pytest.mark.parametrize("name", ["generic", "salesforce", "hubspot", "suitecrm", "tryton"])
def test_the_same_list_again_has_no_rows(tmp_path, name):
    first = send(tmp_path, base(reason_2=["Größe, 5 to 9", None] * 5), name)
    second = send(tmp_path, base(reason_2=["Größe, 5 to 9", None] * 5), name, since=first, run="s")
    manifest = json.loads((second / "manifest.json").read_text())
    assert manifest["rows"] == 0 and manifest["since"] == {"up": 0, "down": 0, "new": 0, "same": 10, "gone": 0}
    assert manifest["previous_run_id"] == "r"
    assert moves(second) == []


def test_only_changed_rows_are_written_and_moves_come_first_up_then_down(tmp_path):
    first = send(tmp_path, base())
    tier, percentile = ["A", "B"] * 5, [95.0, 80.0] * 5
    tier[3], percentile[3] = "A", 93.5
    tier[4], percentile[4] = "C", 55.0
    percentile[6] = 94.0
    later = scores([*IDS, "A-100"], tier=[*tier, "D"], percentile=[*percentile, 10.0])
    second = send(tmp_path, later, since=first, run="s")
    written = rows_of(second)
    assert set(written) == {"A-003", "A-004", "A-006", "A-100"}
    assert (written["A-003"]["tier_previous"], written["A-003"]["score_change"]) == ("B", "13.50")
    assert (written["A-004"]["tier_previous"], written["A-004"]["score_change"]) == ("A", "-40.00")
    assert (written["A-006"]["tier_previous"], written["A-006"]["score_change"]) == (None, "-1.00")
    told = moves(second)
    assert [(row["move"], row["account_key"], row["tier_previous"], row["tier"]) for row in told] == [
        ("up", "A-003", "B", "A"), ("down", "A-004", "A", "C"), ("new", "A-100", "", "D"),
    ]  # fmt: skip
    assert told[0]["why"] == "its data: score 80.00 to 93.50, same model"


def test_parts_add_up_and_moves_stand_by_tier_and_key(tmp_path):
    first = send(tmp_path, base())
    tier, percentile = ["A", "B"] * 5, [95.0, 80.0] * 5
    tier[9], tier[1], tier[3], tier[0] = "A", "C", "A", "B"
    percentile[9], percentile[1], percentile[3], percentile[0] = 92.0, 55.0, 93.0, 85.0
    later = scores([*IDS, "A-100"], tier=[*tier, "D"], percentile=[*percentile, 10.0])
    rows = pa.concat_tables(read_list(send(tmp_path, later, run="whole")))
    since = read_since(first, "generic", 90)
    since.why["A-003"] = "its data: employees"
    assert [len(since.changed(rows.slice(start, 4))) for start in (0, 4, 8)] == [3, 0, 2]
    assert since.counts() == {"up": 2, "down": 2, "new": 1, "same": 6, "gone": 0}
    told = list(csv.DictReader(since.files()["moves.csv"].decode().splitlines()))
    assert [row["account_key"] for row in told] == ["A-003", "A-009", "A-000", "A-001", "A-100"]
    assert told[0]["why"] == "its data: employees"


def test_an_account_that_was_not_scored_for_a_while_is_written_again(tmp_path):
    """The list between sets its status in the CRM, so what the CRM holds is not what the list before it sent."""
    first = send(tmp_path, scores(IDS[:2], tier=["D", "B"], percentile=[10.0, 80.0]))
    second = send(tmp_path, scores(IDS[1:2], tier=["A"], percentile=[95.0]), since=first, run="s", known=IDS[:2])
    assert [(row["move"], row["account_key"]) for row in moves(second)] == [("up", "A-001")]
    assert json.loads((second / "manifest.json").read_text())["since"]["gone"] == 1
    third = send(tmp_path, scores(IDS[:2], tier=["D", "A"], percentile=[10.0, 95.0]), since=second, run="t")
    assert set(rows_of(third)) == {"A-000", "A-001"}  # the change of a score is emptied a list later
    assert [(row["move"], row["account_key"], row["tier"]) for row in moves(third)] == [("new", "A-000", "D")]


def test_lists_with_changes_only_follow_one_another_without_forgetting(tmp_path):
    folder = send(tmp_path, base())
    holds = rows_of(folder)
    table = base().to_pydict()
    for week in range(1, 6):
        table["percentile"][week] += 1.0
        table["tier"][week] = "C" if table["tier"][week] != "C" else "B"
        folder = send(
            tmp_path, scores(IDS, tier=table["tier"], percentile=table["percentile"]), since=folder, run=f"r{week}"
        )
        holds |= rows_of(folder)
        assert {key: (row["tier"], row["score"]) for key, row in holds.items()} == {
            key: (tier, f"{score:.2f}")
            for key, tier, score in zip(IDS, table["tier"], table["percentile"], strict=True)
        }
        moved = {key for key, row in holds.items() if row["tier_previous"] or row["score_change"]}
        assert moved == {IDS[week]}  # marks of last week are gone


def test_another_model_renews_every_row_and_compares_no_scores(tmp_path):
    first = send(tmp_path, base())
    tiers = ["B", *(["A", "B"] * 5)[1:]]
    second = send(
        tmp_path,
        scores(IDS, tier=tiers, percentile=[90.0, 80.0] * 5, model_version=["icp-new"] * 10),
        since=first,
        run="s",
    )
    written = rows_of(second)
    assert len(written) == 10 and all(row["score_change"] is None for row in written.values())
    assert moves(second)[0]["why"].startswith("another model")


@pytest.mark.parametrize(("day", "n_rows"), [("2026-04-07", 0), ("2026-05-10", 0), ("2026-05-20", 10)])
def test_dates_alone_are_renewed_when_less_than_half_of_their_days_is_left(tmp_path, day, n_rows):
    first = send(tmp_path, base())
    second = send(tmp_path, base(as_of=[day] * 10), since=first, run="s")
    assert json.loads((second / "manifest.json").read_text())["rows"] == n_rows


def test_accounts_that_are_gone_are_counted(tmp_path):
    first = send(tmp_path, base())
    second = send(tmp_path, base().slice(0, 7), since=first, run="s")
    assert json.loads((second / "manifest.json").read_text())["since"]["gone"] == 3
    third = send(tmp_path, base(), since=second, run="t")
    assert json.loads((third / "manifest.json").read_text())["rows"] == 0


def test_a_list_of_another_target_or_none_is_refused(tmp_path):
    first = send(tmp_path, base())
    with pytest.raises(DeliveryError, match="ICP612"):
        send(tmp_path, base(), "salesforce", since=first, run="s")
    with pytest.raises(DeliveryError, match="ICP608"):
        send(tmp_path, base(), since=tmp_path / "none", run="s")


SPOILT = {
    "semicolons": (lambda file: file.write_bytes(file.read_bytes().replace(b",", b";")), "';'"),
    "altered": (lambda file: file.write_bytes(file.read_bytes().replace(b"95.00", b"12.00")), "was changed"),
    "mark": (
        lambda file: file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b",", b";")),
        "byte-order",
    ),
    "UTF-16": (lambda file: file.write_bytes(file.read_bytes().decode().encode("utf-16")), "UTF-16"),
    "cut": (lambda file: file.write_bytes(file.read_bytes()[:400]), "rows, and had"),
    "deleted": (lambda file: file.unlink(), "missing"),
}


@pytest.mark.parametrize("kind", SPOILT)
def test_an_earlier_list_that_was_altered_is_refused(tmp_path, kind):
    first = send(tmp_path, base())
    spoil, words = SPOILT[kind]
    spoil(next(first.glob("scores.*.csv")))
    with pytest.raises(DeliveryError, match="ICP742") as refused:
        read_since(first, "generic", 90)
    assert words in str(refused.value)


@pytest.mark.parametrize("kind", SPOILT)
def test_what_the_crm_holds_is_not_forgotten_or_altered(tmp_path, kind):
    first = send(tmp_path, base())
    second = send(tmp_path, base(), since=first, run="s")
    spoil, _ = SPOILT[kind]
    spoil(second / "state" / "sent.csv")
    with pytest.raises(DeliveryError, match="ICP742"):
        read_since(second, "generic", 90)


@pytest.mark.parametrize("content", ["{}", "[1]", "no JSON"])
def test_an_earlier_list_with_a_damaged_manifest_is_refused(tmp_path, content):
    first = send(tmp_path, base())
    (first / "manifest.json").write_text(content)
    with pytest.raises(DeliveryError, match=r"ICP608.*damaged"):
        read_since(first / "manifest.json", "generic", 90)


def cautions(folder, table, name="generic"):
    """What is said of the list in the folder when the rows follow it."""
    since = read_since(folder, name, 90)
    plan = plan_list(lambda: [table.column("account_id").combine_chunks()], DeliveryOptions(target=name))
    rows = InOrder("account_id", None)
    for batch in table.to_batches():
        rows.add(batch)
    place = folder.parent / "after"
    deliver(rows.parts(), replace(plan, since=since), place, run_id="s", model_sha256="m" * 64, package_version="0")
    return since.cautions()


def test_a_list_of_another_model_or_a_newer_one_is_told(tmp_path):
    first = send(tmp_path / "same", base(model_version=["leads-0123456789ab"] * 10))
    assert cautions(first, base(model_version=["leads-ba9876543210"] * 10)) == []
    other = send(tmp_path / "other", base(model_version=["partners-0123456789ab"] * 10))
    told = cautions(other, base(model_version=["leads-0123456789ab"] * 10))
    assert len(told) == 1 and "of model 'partners'" in told[0]
    east = send(tmp_path / "east", base(model_version=[*["sales-east-0123456789ab"] * 9, "partners-0123456789ab"]))
    (told,) = cautions(east, base(model_version=["sales-west-0123456789ab"] * 10))
    assert "of model 'partners', 'sales-east':" in told
    newer = send(tmp_path / "newer", base(as_of=["2026-06-30"] * 10))
    told = cautions(newer, base(as_of=["2026-03-31"] * 10))
    assert len(told) == 1 and told[0].startswith("10 rows") and "newer than this list" in told[0]
