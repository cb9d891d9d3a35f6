"""What the pages tell: commands compose, links lead somewhere, code runs, words are those of the glossary."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import types
from pathlib import Path

import pytest

import icp
from icp.config import commands, config_dir, load_config
from icp.engines import SCORE_COLUMNS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
GUIDES = [ROOT / "README.md", *sorted(DOCS.glob("*.md")), *sorted((DOCS / "how-to").glob("*.md"))]
PAGES = [*GUIDES, *sorted((DOCS / "reference").glob("*.md")), *sorted((DOCS / "design").glob("*.md"))]


def ids(path: Path) -> str:
    return str(path.relative_to(ROOT))


def fenced(page: Path, languages: tuple[str, ...]) -> list[str]:
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)
    return [text for language, text in blocks if language in languages]


def shell_lines(page: Path) -> list[str]:
    text = "\n".join(fenced(page, ("", "bash", "sh"))).replace("\\\n", " ")
    return [line.strip() for line in text.splitlines()]


def icp_commands() -> list[tuple[str, str]]:
    return [(ids(page), line) for page in GUIDES for line in shell_lines(page) if line.startswith("python -m icp.")]


def test_there_are_commands_to_check():
    told = {line.split()[2].removeprefix("icp.") for _, line in icp_commands()}
    assert told == set(commands())


@pytest.mark.parametrize(("page", "line"), icp_commands())
def test_a_command_of_the_pages_composes(page, line, tmp_path):
    words = shlex.split(re.split(r" 2?>>", line)[0].replace("$today", "2026-03-31"), comments=True)
    own = "--config-dir" in words
    folder = put_files_of(ROOT / page, tmp_path) if own else None
    load_config(words[2].removeprefix("icp."), words[5 if own else 3 :], extra_dir=folder)


def put_files_of(page: Path, folder: Path) -> Path:
    """The files that a page shows for ``--config-dir conf``, each named in its first line."""
    for text in fenced(page, ("yaml",)):
        file = folder / text.split("\n")[0].removeprefix("# ")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder / "conf"


def test_every_make_command_of_the_pages_is_a_target():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    told = {
        name
        for page in GUIDES
        for name in re.findall(r"\bmake (run|test|lint|docs|format|\w+)`", page.read_text("utf-8"))
    }
    told |= {line.split()[1] for page in GUIDES for line in shell_lines(page) if line.startswith("make ")}
    assert {"run", "test"} <= told <= targets


@pytest.mark.parametrize("page", PAGES, ids=ids)
def test_links_lead_to_a_page_and_a_heading(page):
    for address in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if address.startswith(("http:", "https:")):
            continue
        path, _, anchor = address.partition("#")
        place = (page.parent / path).resolve() if path else page
        assert place.exists(), address
        if anchor:
            heads = re.findall(r"^#+ (.+)$", place.read_text("utf-8"), re.M)
            assert anchor in {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}, address


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "how-it-works.md",
        "how-to/hold-out.md",
        "how-to/match-leads.md",
        "how-to/messages.md",
        "how-to/one-account.md",
        "how-to/own-estimator.md",
    ],
)
def test_the_code_of_a_page_runs_in_order(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in fenced(DOCS / name, ("python",)):
        exec(compile(block, name, "exec"), names)
    assert capsys.readouterr().out


@pytest.mark.slow
def test_the_tutorial_does_what_it_shows(tmp_path):
    """Its commands and code in order, in an empty folder; what it shows was said by the block before."""
    here = str(Path(sys.executable).parent)
    env = {
        **os.environ,
        "PATH": f"{here}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT / "src"),
        "OMP_NUM_THREADS": "1",
    }
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", (DOCS / "tutorial.md").read_text("utf-8"), re.M | re.S)
    assert {language for language, _ in blocks} == {"bash", "python", "text"}
    said = ""
    for language, text in blocks:
        if language == "text":
            lines = [re.escape(line).replace(re.escape("..."), ".*") for line in text.splitlines()]
            missing = [line for line in lines if not re.search(f"^{line}$", said, re.M)]
            assert missing == [], said
            continue
        line = ["bash", "-euo", "pipefail", "-c", text] if language == "bash" else [sys.executable, "-c", text]
        done = subprocess.run(line, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=600, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        said = done.stdout


def test_the_script_for_airflow_is_python_and_its_command_composes():
    (script,) = fenced(DOCS / "how-to" / "nightly-job.md", ("python",))
    asked: list[list[str]] = []

    def run(line, **_):
        asked.append(line)
        facts = {"status": "done", "findings": {"issue": 0}, "problems": [], "output": "out"}
        return types.SimpleNamespace(returncode=0, stdout=json.dumps(facts))

    def passed(*function, **_):
        return function[0] if function else passed

    names = {"airflow.decorators": types.SimpleNamespace(dag=passed, task=passed),
             "airflow.exceptions": types.SimpleNamespace(AirflowFailException=RuntimeError)}  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        for name, module in names.items():
            patch.setitem(sys.modules, name, module)
        patch.setattr("subprocess.run", run)
        exec(compile(script.replace("ds=None", 'ds="2026-03-31"'), "nightly-job.md", "exec"), {})
    assert asked[0][0].endswith("/icp")
    load_config(asked[0][1], asked[0][2:])


CAUSAL = re.compile(r"\b(because|caus(?:es?|ed|ing)|leads? to|drives? (?:sales|revenue|conversion))\b", re.I)


def rows(page: Path) -> list[tuple[dict[str, str], str]]:
    """Every row of every table, by the heads of its columns, and as it stands."""
    found, heads = [], []
    for line in page.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if not line.startswith("|"):
            heads = []
        elif not heads:
            heads = cells
        else:
            found.append((dict(zip(heads, cells, strict=False)), line))
    return found


def said(page: Path) -> str:
    """The text of a page, without what its tables tell not to say."""
    text = page.read_text("utf-8")
    for cells, line in rows(page):
        if "not" in cells:
            text = text.replace(line, line.replace(cells["not"], ""))
    return text


@pytest.mark.parametrize("page", [*GUIDES, DOCS / "reference" / "wording.md"], ids=ids)
def test_pages_say_associated_never_because(page):
    assert CAUSAL.findall(said(page)) == []


def test_examples_of_what_not_to_say_are_seen_as_such():
    wrong = [cells["not"] for cells, _ in rows(DOCS / "talking-about-scores.md") if "not" in cells]
    assert len(wrong) > 10
    assert sum(bool(CAUSAL.search(cell)) for cell in wrong) >= 3


def glossary() -> dict[str, str]:
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", (DOCS / "glossary.md").read_text("utf-8"), re.M)
    return dict(rows[2:])


def test_the_glossary_is_in_order_and_says_each_word_once():
    rows = re.findall(r"^\| (.+?) \| .+? \|$", (DOCS / "glossary.md").read_text("utf-8"), re.M)[2:]
    words = [word for row in rows for word in re.sub(r" \(.*?\)", "", row).split(", ")]
    assert len(words) == len(set(words))
    assert [row.lower() for row in rows] == sorted(row.lower() for row in rows)


def test_every_column_of_the_list_has_its_word():
    words = {word for row in glossary() for word in re.sub(r" \(.*?\)", "", row).split(", ")}
    plain = {"status", "model_version", "account_id"}
    parts = {re.sub(r"_(\d|id|level)$", "", name).replace("_tier", "") for name in SCORE_COLUMNS if name not in plain}
    spoken = {name.replace("watch_out", "watch-out").replace("as_of", "as-of date").replace("_", " ") for name in parts}
    assert spoken - words == set()


OTHER_WORDS = {"persona", "cohort", "churn", "uplift", "segment", "lookalike"}


def test_public_names_use_the_words_of_the_glossary():
    spoken = {word for name in icp.__all__ for word in re.findall(r"[A-Z]?[a-z]+", name)}
    assert {word.lower() for word in spoken} & OTHER_WORDS == set()


def test_configurations_hold_values_and_nothing_makes_code_of_them():
    assert [ids(file) for file in config_dir().rglob("*.yaml") if "_target_" in file.read_text("utf-8")] == []
    assert [ids(file) for file in (ROOT / "src").rglob("*.py") if "instantiate(" in file.read_text("utf-8")] == []


def test_floors_of_versions_that_close_advisories_hold():
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    floor = re.search(r'"hydra-core>=([\d.]+)', text)
    assert floor is not None
    assert tuple(map(int, floor[1].split("."))) >= (1, 3, 8)
    pinned = re.search(r"^hydra-core==([\d.]+)", (ROOT / "constraints.txt").read_text("utf-8"), re.M)
    assert pinned is not None
    assert tuple(map(int, pinned[1].split("."))) >= (1, 3, 8)


def test_every_dependency_has_its_line_in_the_decisions():
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    needed = re.search(r"^dependencies = \[(.*?)^\]", text, re.M | re.S)
    assert needed is not None
    names = re.findall(r'^    "([\w-]+)', needed[1], re.M)
    told = (DOCS / "design" / "0002-dependencies.md").read_text("utf-8")
    assert [name for name in names if name not in told] == []


def test_every_benchmark_has_its_line():
    told = re.findall(r"^\| `(\w+\.py)` \|", (ROOT / "benchmarks" / "README.md").read_text("utf-8"), re.M)
    assert sorted(told) == sorted(file.name for file in (ROOT / "benchmarks").glob("[!_]*.py"))
