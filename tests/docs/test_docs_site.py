"""The site of the pages: links that lead nowhere stop it, and notebooks that were run are shown with their outputs."""

from __future__ import annotations

import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
CONF = runpy.run_path(str(ROOT / "docs" / "conf.py"))


@pytest.fixture
def pages(tmp_path):
    """A small tree with a page for each entry of the contents."""
    for entry in ("README", *(entry for listed in CONF["CONTENTS"].values() for entry in listed)):
        page = tmp_path / (re.sub(r"(\[.+\])?\*", "page", entry) + ".md")
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(f"# {page.stem}\n", encoding="utf-8")
    (tmp_path / "notebooks" / "page.md").unlink()
    for kept in ("docs/conf.py", "docs/_templates/index.html", "docs/_static/site.css", "src/icp/_version.py"):
        (tmp_path / kept).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / kept, tmp_path / kept)
    put_notebook(tmp_path / "notebooks" / "page.ipynb")
    return tmp_path


def put_notebook(path, said="1 + 1", output=None):
    cell = nbformat.v4.new_code_cell(said)
    if output:
        cell.outputs = [nbformat.v4.new_output("stream", text=output)]
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = [nbformat.v4.new_markdown_cell("# Run"), cell]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"language_info": {"name": "python"}}), path)


def build(pages):
    line = ["-m", "sphinx", "--fail-on-warning", "--keep-going", "-q", "-n", "-c", "docs", ".", "docs/_build/html"]
    return subprocess.run([sys.executable, *line], cwd=pages, capture_output=True, text=True, timeout=300, check=False)


def shown(pages):
    return (pages / "docs/_build/html/notebooks/page.html").read_text("utf-8")


@pytest.mark.slow
def test_a_page_that_leads_nowhere_stops_the_site(pages):
    made = build(pages)
    assert made.returncode == 0, made.stderr
    wrong = ("[x](missing.md)", "[x](concepts.md#no-such-heading)", "![x](images/none.png)")
    (pages / "docs" / "tutorial.md").write_text("# Tutorial\n\n" + "\n\n".join(wrong) + "\n", encoding="utf-8")
    made = build(pages)
    assert made.returncode != 0
    assert all(f"tutorial.md:{line}: " in made.stderr for line in (3, 5, 7)), made.stderr


@pytest.mark.slow
def test_a_notebook_is_shown_with_outputs_only_if_they_are_its_own(pages):
    ran = pages / "docs/_build/notebooks/page.ipynb"
    build(pages)
    put_notebook(ran, output="what came out")
    assert build(pages).returncode == 0
    assert "what came out" in shown(pages)
    put_notebook(ran, said="2 + 2", output="of an earlier text")
    assert build(pages).returncode == 0
    assert "of an earlier text" not in shown(pages)


def test_every_page_is_in_the_contents_once():
    listed = [entry for entries in CONF["CONTENTS"].values() for entry in entries]
    found = [path for entry in listed for path in ROOT.glob(f"{entry}.md")]
    written = {path for part in ("docs", "benchmarks") for path in (ROOT / part).rglob("*.md")}
    assert sorted(set(found)) == sorted(found)
    assert set(found) == {path for path in {*written, *ROOT.glob("*.md")} if "_build" not in path.parts} - {
        ROOT / "README.md"
    }


@pytest.mark.parametrize("name", ["myst_nb", "furo"])
def test_an_extra_that_is_absent_is_named_with_how_to_get_it(name, monkeypatch):
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ModuleNotFoundError, match=rf"needs {name}. Run pip install 'icp\[docs\]'"):
        runpy.run_path(str(ROOT / "docs" / "conf.py"))
