"""The page in a real browser: nothing is fetched, nothing complains, tables sort and filter, a phone shows it whole."""

import runpy
from pathlib import Path

import pytest

from icp.reports import build_report

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

    def open_card(name: str, width: int = 1280):
        file = tmp_path / f"{name}.html"
        file.write_text(build_report(EXAMPLES["CARDS"][name](), EXAMPLES["FINDINGS"], title="Leads"), encoding="utf-8")
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
    page, _ = opened("hostile")
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
