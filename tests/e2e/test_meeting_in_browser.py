"""The meeting page in a real browser: nothing is fetched, nothing complains, a phone shows it whole, axe is content."""

import json
from importlib.resources import files
from pathlib import Path

import pytest

from icp.reports import build_meeting_page
from tests.unit.reports.report_cards import release_note

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium at /usr/bin/chromium (apt-get install chromium)"),
]
HOSTILE = "<img src=x onerror=alert(1)>"


def measure(name, verdict="met"):
    return {"measure": name, "words": "Worked in time", "value": 0.5, "low": 0.4, "high": 0.6, "n": 90, "goal": 0.3,
            "goal_from": "agreed 2026-04-01", "verdict": verdict, "change": "Start earlier."}  # fmt: skip


def tables(text="A-1"):
    used = {"part": "team", "value": text, "n": 90, "worked_rate": 0.5, "low": 0.4, "high": 0.6, "median_days": 3.0,
            "concordance": 0.9, "concordance_low": 0.8, "concordance_high": 0.95, "override_rate": 0.1,
            "message_rate": None}  # fmt: skip
    shown = {"part": "all", "value": "", "n_treated": 900, "n_held_out": 100, "rate_treated": 0.1,
             "rate_held_out": 0.05,
             "difference": 0.05, "low": 0.01, "high": 0.08, "detectable": 0.07, "money": 120.0, "money_low": 20.0,
             "money_high": 220.0, "verdict": "adds", "known_on": ""}  # fmt: skip
    return {
        "adoption": [used], "proof": [shown], "marketing": [measure("acceptance")],
        "sales": [measure("follow_up", "missed"), measure("touch_days", "open")],
        "tiers": [{"tier": t, "due": 30, "worked_rate": 0.5, "low": 0.3, "high": 0.7} for t in "ABCD"],
        "precision": [{"tier": t, "worked": 30, "precision": 0.2, "low": 0.1, "high": 0.3} for t in "ABCD"],
        "misfits": [{"words": f"rejected by sales: industry is {text}, 38 of 41", "rest_rate": 0.05}],
        "disagreements": [{"account_id": text, "tier": "A", "what": "A, rejected", "model_says": text,
                           "sales_says": text,
                           "note": text}],
        "decisions": [{"decision": f"Leave {text} off?", "because": text}],
        "answers": [{"account_id": text, "said": text, "note": "", "tier_before": "A", "tier_after": "", "did": text}],
    }  # fmt: skip


FACTS = {"campaign": "spring", "as_of": "2026-07-01", "n_given": 900, "n_lists": 3, "n_worked": 500, "n_won": 60,
         "agreed_days": 5, "window_days": 60, "first": "2026-04-01", "last": "2026-06-01", "judged": 300,
         "misfit_needed": 80}  # fmt: skip
CASES = {
    "full": (FACTS, tables(), [{"code": "ICP757", "severity": "warning", "message": "rejected"}], release_note()),
    "empty": ({"campaign": "spring"}, {}, []),
    "hostile": (
        {**FACTS, "campaign": HOSTILE},
        tables(HOSTILE),
        [{"code": "X", "severity": "note", "message": HOSTILE}],
        release_note(HOSTILE),
    ),
}


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (icp[test])")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=str(CHROMIUM), args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.mark.parametrize("name", sorted(CASES))
@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
def test_nothing_is_fetched_nothing_complains_and_axe_is_content(browser, tmp_path, name, width, scheme):
    try:
        axe = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
    except ModuleNotFoundError:
        pytest.skip("axe-playwright-python is not installed (icp[test])")
    file = tmp_path / "meeting.html"
    file.write_text(build_meeting_page(*CASES[name]), encoding="utf-8")
    page = browser.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
    requests, complaints = [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append("dialog") or dialog.dismiss())
    page.goto(file.as_uri())
    assert requests == [file.as_uri()]
    assert complaints == []
    assert page.locator("img").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
    page.evaluate(axe)
    found = page.evaluate("axe.run(document)")["violations"]
    bad = [(one["id"], node["html"][:120]) for one in found if one["impact"] in ("serious", "critical")
           for node in one["nodes"]]  # fmt: skip
    assert bad == [], json.dumps(bad, indent=1)
    page.close()


def test_the_two_scorecards_never_share_a_table():
    page = build_meeting_page(*CASES["full"])
    marketing, sales = page.index('id="marketing"'), page.index('id="sales"')
    assert page.count("<section", marketing, sales) == 1
    assert "do not stand side by side" in page
