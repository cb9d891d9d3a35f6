"""The table of matched leads, small: both methods find nearly all, and give nobody's leads away to nobody."""

from benchmarks.matching import main, make, measure, methods


def test_the_page_has_a_row_for_each_method(tmp_path, capsys):
    page = tmp_path / "matching.md"
    assert main(["--accounts", "3000", "--leads", "400", "--output", str(page)]) == 0
    rows = [line for line in page.read_text("utf-8").splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == methods() and "\n".join(rows) in capsys.readouterr().out
    assert "## 3,000 accounts, 400 leads of them and 400 of nobody" in page.read_text("utf-8")


def test_leads_of_somebody_are_found_and_an_answer_that_is_wrong_would_count():
    made = make(3000, 400, 1)
    assert len(set(made.accounts["name"])) == 3000 and made.truth.count("") == 400
    assert not set(made.leads["name"][400:]) & set(made.accounts["name"])
    row = measure(made, "letters")
    assert row.found >= 0.95 and row.wrong == 0 and row.given <= 0.05
    moved = type(made)(made.leads, made.accounts, [f"A-{(int(t[2:]) + 1) % 3000}" if t else "" for t in made.truth])
    wrong = measure(moved, "letters")
    assert wrong.found == 0 and wrong.wrong == round(400 * row.found)
