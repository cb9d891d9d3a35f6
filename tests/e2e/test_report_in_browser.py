"""The page in a real browser: nothing is fetched, nothing complains, tables sort and filter, a phone shows it whole."""

import runpy
from importlib.resources import files
from pathlib import Path

import pandas as pd
import pytest

from icp.reports import AccountList, VersionComparison, build_report

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
EXAMPLES = runpy.run_path(str(Path(__file__).parents[1] / "unit" / "reports" / "report_cards.py"))
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium at /usr/bin/chromium (apt-get install chromium)"),
]


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (icp[test])")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS.split())
        yield chromium
        chromium.close()


@pytest.fixture
def opened(browser, tmp_path):
    pages = []

    def open_card(name: str, width: int = 1280, **more):
        file = tmp_path / f"{name}.html"
        html = build_report(EXAMPLES["CARDS"][name](), EXAMPLES["FINDINGS"], title="Leads", **more)
        file.write_text(html, encoding="utf-8")
        page = browser.new_page(viewport={"width": width, "height": 844})
        page.requests, page.complaints = [], []
        page.on("request", lambda request: page.requests.append(request.url))
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(file.as_uri())
        pages.append(page)
        return page, file.as_uri()

    yield open_card
    for page in pages:
        page.close()


@pytest.mark.parametrize("name", sorted(EXAMPLES["CARDS"]))
@pytest.mark.parametrize("width", [390, 1280])
def test_no_request_leaves_the_file_no_complaint_and_no_sideways_scrolling(opened, name, width):
    page, uri = opened(name, width)
    assert page.requests == [uri]
    assert page.complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_hostile_text_runs_nothing(opened):
    text = "<img src=x onerror=alert(1)>"
    said = {"account_id": text, "said": text, "note": text, "tier_before": text, "tier_after": text, "did": text}
    page, _ = opened("hostile", release=EXAMPLES["release_note"](text), said=[said])
    alerts = []
    page.on("dialog", lambda dialog: alerts.append(dialog.message) or dialog.dismiss())
    page.wait_for_timeout(200)
    assert alerts == []
    assert page.locator("script").count() == 1
    assert page.locator("img").count() == 0


def test_tables_sort_by_keyboard_and_filter_by_words(opened):
    page, _ = opened("full")
    first = page.locator("#columns-table tbody tr").first.locator("th")
    head = page.locator("#columns-table thead th").first
    head.locator("button").focus()
    page.keyboard.press("Enter")
    assert (head.get_attribute("aria-sort"), first.inner_text()) == ("ascending", "account_id")
    page.keyboard.press("Enter")
    assert (head.get_attribute("aria-sort"), first.inner_text()) == ("descending", "Years since founded on")
    page.get_by_label("Filter findings").fill("repaired created")
    shown = page.locator("#findings-table tbody tr:visible")
    assert shown.count() == 1
    assert "ICP121" in shown.inner_text()


def test_every_figure_opens_its_table(opened):
    page, _ = opened("full")
    figure = page.locator("#tiers figure").first
    assert not figure.locator("table").is_visible()
    figure.locator("summary").click()
    assert figure.locator("table tbody tr").count() == 4
    assert figure.locator("table").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(browser, opened, scheme):
    page, _ = opened("no_signal")
    page.emulate_media(color_scheme=scheme)
    colours = page.evaluate(
        """() => { const style = getComputedStyle(document.documentElement);
        return Object.fromEntries(["page","card","ink","muted","accent","bad","bad-soft","warn","warn-soft"]
            .map(name => [name, style.getPropertyValue("--" + name).trim()])); }"""
    )

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    pairs = [(ink, ground) for ink in ("ink", "muted", "accent") for ground in ("page", "card")]
    for ink, ground in [*pairs, ("bad", "bad-soft"), ("warn", "warn-soft"), ("muted", "bad-soft")]:
        high, low = sorted((luminance(colours[ink]), luminance(colours[ground])), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 4.5, (scheme, ink, ground)


def listed(n: int = 40) -> AccountList:
    """Accounts with ids, words and numbers that sort differently as text."""
    rows = [
        {
            "tier": "ABCD"[i % 4], "percentile": 100 - i / 3, "propensity": 0.9 / (i + 1),
            "profile_id": f"P{i % 2 + 1}",
            "profile": ("Software  house", "Wholesale")[i % 2], "reason_1": f"Reason {i} with 17 % of accounts.",
            "reason_2": "More.", "watch_out": "Old.", "talking_point": "Say this.", "confidence": "high",
            "expected_value": 10.0 * i, "as_of": "2026-03-31", "model_version": "leads-1",
        }
        for i in range(n)
    ]  # fmt: skip
    return AccountList(
        pd.DataFrame(rows, index=pd.Index([f"A-{i}" for i in range(n)])), {"A": n, "D": 3 * n}, "leads-1"
    )


def test_the_account_list_sorts_by_keyboard_and_filters_by_words_tier_and_profile(opened):
    page, _ = opened("full", accounts=listed())
    assert page.complaints == []
    table, said = page.locator("#accounts-table"), page.locator("#accounts output")
    heads = table.locator("thead th")
    assert heads.nth(5).get_attribute("aria-sort") == "descending"
    assert said.inner_text() == "40 of 40"
    value = heads.filter(has_text="Expected value")
    value.locator("button").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    assert value.get_attribute("aria-sort") == "descending"
    assert heads.nth(5).get_attribute("aria-sort") == "none"
    column = [table.locator("tbody tr").nth(i).locator("td").last.inner_text() for i in range(3)]
    assert column == ["390", "380", "370"]
    page.get_by_label("Filter accounts").fill("17 % reason")
    assert said.inner_text() == "40 of 40"
    page.get_by_label("Profile", exact=True).select_option(index=1)
    page.get_by_label("Tier", exact=True).select_option("A")
    assert said.inner_text() == "10 of 40"
    page.get_by_label("Filter accounts").fill("reason 12 ")
    shown = table.locator("tbody tr:visible")
    assert shown.count() == 1
    assert shown.locator("th").inner_text() == "A-12"
    reason = shown.locator("summary")
    reason.focus()
    page.keyboard.press("Enter")
    assert shown.get_by_text("Say this.").is_visible()


@pytest.mark.parametrize("width", [390, 1280])
def test_what_is_linked_or_focused_is_not_under_what_stays_in_place(opened, width):
    page, uri = opened("full", width, accounts=listed())
    page.emulate_media(reduced_motion="reduce")
    for anchor in page.locator("#summary a").evaluate_all("links => links.map(link => link.hash)"):
        page.goto(uri + anchor)
        top = page.locator(anchor).bounding_box()["y"]
        assert top >= page.locator("nav.toc").evaluate("bar => bar.getBoundingClientRect().bottom"), anchor
    page.locator("#accounts-table thead button").last.focus()
    for _ in range(5):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            """() => { const own = document.activeElement, at = own.getBoundingClientRect();
            return own.contains(document.elementFromPoint(at.x + 8, at.y + 5)); }"""
        )
        assert seen


def test_the_keyboard_can_leave_the_account_list_at_once(opened):
    page, _ = opened("full", accounts=listed())
    page.emulate_media(reduced_motion="reduce")
    link = page.get_by_role("link", name="Skip the 40 accounts")
    assert link.bounding_box()["x"] < 0
    link.focus()
    assert 0 < link.bounding_box()["y"] < 844
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('section').id") in ("leakage", "findings")


SERIOUS = ("serious", "critical")


@pytest.fixture(scope="module")
def axe():
    try:
        return (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
    except ModuleNotFoundError:
        pytest.skip("axe-playwright-python is not installed (icp[test])")


def serious_violations(page, axe: str) -> list[str]:
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [f"{one['id']}: {node['html'][:120]}" for one in found if one["impact"] in SERIOUS for node in one["nodes"]]


def beside(name: str) -> VersionComparison:
    return VersionComparison(EXAMPLES["CARDS"]["full"](), EXAMPLES["CARDS"][name](), ("leads-1", "leads-2"))


LOOKS = [(390, "light"), (390, "dark"), (1280, "light"), (1280, "dark")]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "width", "scheme"),
    [
        *(("full", *look) for look in LOOKS),
        *((name, *LOOKS[i % 4]) for i, name in enumerate(sorted(set(EXAMPLES["CARDS"]) - {"full"}))),
    ],
)
def test_axe_finds_no_serious_violation(opened, axe, name, width, scheme):
    more = {"accounts": listed(5), "release": EXAMPLES["release_note"]()} if name == "full" else {}
    page, _ = opened(name, width, versions=beside(name), **more)
    page.emulate_media(color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
    assert serious_violations(page, axe) == []


def test_axe_is_heard_where_there_is_a_violation(opened, axe):
    page, _ = opened("full")
    page.evaluate("document.querySelectorAll('label').forEach(label => label.replaceWith(...label.childNodes))")
    page.evaluate("document.querySelector('.note').style.color = '#ddd'")
    broken = serious_violations(page, axe)
    assert {one.partition(":")[0] for one in broken} == {"label", "color-contrast"}


def test_a_printed_page_shows_every_row_and_nothing_to_press(opened):
    page, _ = opened("full", accounts=listed())
    page.emulate_media(media="print")
    for hidden in ("nav.toc", ".skip", ".filter", "figure details"):
        assert not page.locator(hidden).first.is_visible()
    box, table = (page.locator(name).bounding_box() for name in ("#accounts .tall", "#accounts-table"))
    assert box["height"] >= table["height"] > 844
    assert page.pdf().startswith(b"%PDF")


def test_headings_landmarks_and_labels_are_in_order_in_the_accessibility_tree(opened):
    page, _ = opened("full", accounts=listed(3))
    tree = page.locator("body").aria_snapshot()
    landmarks = [tree.index(part) for part in ("- banner", "- navigation", "- main", "- contentinfo")]
    assert landmarks == sorted(landmarks)
    for label in ("Filter accounts", "Filter findings", "Filter columns"):
        assert f'searchbox "{label}"' in tree
    assert page.get_by_role("heading", level=1).count() == 1
    drawings = page.locator("svg[role=img]")
    assert drawings.count() == page.locator("figure").count()
    assert all(one.get_attribute("aria-label") for one in drawings.all())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"


def test_every_figure_has_a_table_under_it(opened):
    page, _ = opened("full", accounts=listed(3))
    figures = page.locator("figure")
    assert figures.count() > 20
    assert page.locator("figure:has(details table tbody tr)").count() == figures.count()
