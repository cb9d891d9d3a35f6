"""The documentation as a site: ``make site``, or ``sphinx-build -W -n -c docs . docs/_build/html``.

The source is the whole repository, so that a link between two Markdown files leads to the same page on the site and
where the code is hosted. Nothing is written twice: the table of contents is made here from the folders. A notebook that
``tests/notebooks`` has run is shown with its outputs, any other without.
"""

from __future__ import annotations

import json
import re
from importlib.util import find_spec
from pathlib import Path

from sphinx.application import Sphinx

ROOT = Path(__file__).parents[1]
EXECUTED = ROOT / "docs" / "_build" / "notebooks"
"""Where ``tests/notebooks`` leaves the notebooks that it ran."""

project = "icp"
author = "the icp developers"
release = re.findall(r'__version__ = "(.+)"', (ROOT / "src/icp/_version.py").read_text("utf-8"))[0]

missing = [name for name in ("myst_nb", "furo") if find_spec(name) is None]
if missing:
    raise ModuleNotFoundError(f"the site needs {' and '.join(missing)}. Run pip install 'icp[docs]'.")
extensions = ["myst_nb"]
root_doc = "README"
include_patterns = ["*.md", "docs/**", "notebooks/*.ipynb", "benchmarks/**.md"]
code = ["src", "tests", "conf", "data"]
made = ["docs/_*", "mlruns", "out", "ledger", "dist", "build", ".*"]
exclude_patterns = [*code, *made]
nitpicky = True

myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]
nb_execution_mode = "off"
nb_merge_streams = True
nb_output_stderr = "remove"

html_theme = "furo"
html_title = f"icp {release}"
html_copy_source = False
html_show_sphinx = False
html_static_path = ["_static"]
html_css_files = ["site.css"]
templates_path = ["_templates"]
html_additional_pages = {"index": "index.html"}

CONTENTS = {
    "Start": ["docs/tutorial", "docs/how-it-works", "notebooks/*"],
    "How to": ["docs/how-to/*"],
    "Concepts": ["docs/concepts", "docs/talking-about-scores", "docs/coming-from", "docs/glossary"],
    "Reference": ["docs/reference/*", "docs/README"],
    "Measured": ["docs/benchmarks/*", "benchmarks/README", "benchmarks/quality/README"],
    "Decisions": ["docs/design/README", "docs/design/0*"],
    "Versions": ["[!R]*"],
}


def add_contents(app: Sphinx, docname: str, source: list[str]) -> None:
    """The table of contents, below the first page: on the page itself it would be noise to who reads it as text."""
    if docname == root_doc:
        for title, entries in CONTENTS.items():
            listed = "\n".join(f"/{entry}" for entry in entries)
            source[0] += f"\n```{{toctree}}\n:hidden:\n:glob:\n:caption: {title}\n\n{listed}\n```\n"


def show_outputs(app: Sphinx, docname: str, source: list[str]) -> None:
    """The notebook as it was run, where what was run is what it says now."""
    ran = EXECUTED / f"{Path(docname).name}.ipynb"
    if not docname.startswith("notebooks/"):
        return
    app.env.note_dependency(str(ran))
    if ran.is_file() and _said(ran.read_text("utf-8")) == _said(source[0]):
        source[0] = ran.read_text("utf-8")


def _said(notebook: str) -> list[str]:
    return ["".join(cell["source"]) for cell in json.loads(notebook)["cells"]]


def setup(app: Sphinx) -> dict[str, bool]:
    """What Sphinx calls."""
    app.connect("source-read", add_contents)
    app.connect("source-read", show_outputs, priority=400)
    return {"parallel_read_safe": True}
