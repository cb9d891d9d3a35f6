"""Each notebook is its script, holds no outputs, and runs."""

from __future__ import annotations

import nbformat
import pytest

from executed_notebooks import EXECUTED, FOLDER, SECONDS, executed, notebook_of

SCRIPTS = sorted(FOLDER.glob("*.py"))
MADE = {
    "01_first_profile": "first_list/generic/manifest.json",
    "02_profiles_and_messages": "first_list/generic/manifest.json",
    "03_closing_the_loop": "loop/meeting_3/meeting.html",
    "04_bring_your_own_model": "crm/accounts.csv",
    "05_two_definitions_of_best": "versus/definitions_changed.csv",
}
"""What each leaves behind."""


def test_there_is_a_notebook_for_each_script_and_no_other():
    assert SCRIPTS
    assert [path.with_suffix(".ipynb") for path in SCRIPTS] == sorted(FOLDER.glob("*.ipynb"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_notebook_says_what_its_script_says_and_holds_no_outputs(script):
    notebook = nbformat.read(script.with_suffix(".ipynb"), as_version=4)
    wanted = [(cell.cell_type, cell.source) for cell in notebook_of(script).cells]
    assert [(cell.cell_type, cell.source) for cell in notebook.cells] == wanted, "run: make docs"
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)


@pytest.mark.slow
@pytest.mark.filterwarnings("default::DeprecationWarning")  # of the Jupyter packages that drive the kernel, not ours
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_notebook_runs_from_top_to_bottom(script, tmp_path_factory):
    folder = executed(tmp_path_factory, script)
    assert float((folder / SECONDS).read_text()) < 120
    notebook = nbformat.read(EXECUTED / f"{script.stem}.ipynb", as_version=4)
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert [output for output in outputs if output.output_type == "error"] == []
    assert (folder / "out" / MADE[script.stem]).is_file()
    pages = [*(folder / "out").rglob("report.html"), *(folder / "out").rglob("meeting.html")]
    assert all(page.stat().st_size < 1_000_000 for page in pages)
    if script.stem in ("03_closing_the_loop", "05_two_definitions_of_best"):  # figures are on their pages
        return
    assert any("image/svg" in str(output.get("data", {})) or "<svg" in str(output) for output in outputs)
