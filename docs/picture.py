"""A picture of a part of a report, taken in Chromium, for the docs.

Usage: python docs/picture.py REPORT.html PICTURE.png [--part profiles] [--width 1280] [--height 1200] [--dark]

``--part`` is the id of a section or card; the picture begins with it and is at most ``--height`` pixels high.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from playwright.sync_api import sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
MARGIN = 16


def main() -> None:
    """Open the page, cut out the part, write the picture."""
    parser = argparse.ArgumentParser(prog="python docs/picture.py", description=__doc__.splitlines()[0])
    parser.add_argument("report", type=Path)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--part", default="profiles")
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--height", type=int, default=1200)
    parser.add_argument("--dark", action="store_true")
    chosen = parser.parse_args()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        scheme = "dark" if chosen.dark else "light"
        page = browser.new_page(viewport={"width": chosen.width, "height": 844}, color_scheme=scheme)
        page.goto(chosen.report.resolve().as_uri())
        box = page.locator(f"#{chosen.part}").bounding_box()
        if box is None:
            parser.error(f"the page shows no part '{chosen.part}'")
        top, height = box["y"] - MARGIN, min(chosen.height, box["height"] + 2 * MARGIN)
        clip = {"x": 0, "y": top, "width": chosen.width, "height": height}
        page.screenshot(path=chosen.picture, clip=clip, full_page=True)
        browser.close()
    print(f"{chosen.picture}: {chosen.picture.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
