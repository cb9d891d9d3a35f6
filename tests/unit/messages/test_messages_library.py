"""A file of messages is checked as a whole, in words, and nothing in it is run."""

from __future__ import annotations

import pytest

from icp._briefing import sample_library
from icp.errors import ConfigError
from icp.messages import PLACEHOLDERS, read_library
from icp.messages._library import fill

GOOD = """
messages:
- id: first
  profile: P1
  trait: online_shop
  group: yes
  needs: {crm_system: no}
  text: Our {n} shops are at {index}.
- profile: all
  hypothesis: true
  text: >-
    They may fear
    lock-in.
"""


def library(folder, text):
    file = folder / "messages.yaml"
    file.write_text(text, encoding="utf-8")
    return read_library(file)


def problems(folder, text):
    with pytest.raises(ConfigError) as error:
        library(folder, text)
    return [(problem.code, f"{problem.message} {problem.action}") for problem in error.value.problems]


def one(**cells):
    own = {"profile": "P1", "trait": "industry", "group": "Retail", "text": "Hello."} | cells
    return "messages:\n- " + "\n  ".join(f"{key}: {value}" for key, value in own.items() if value is not None) + "\n"


def test_cells_are_text_whatever_yaml_would_make_of_them(tmp_path):
    first, second = library(tmp_path, GOOD).messages
    assert (first.group, first.needs, first.hypothesis) == ("yes", (("crm_system", "no"),), False)
    assert (second.id, second.hypothesis, second.text) == ("#2", True, "They may fear lock-in.")
    assert (first.line, second.line) == (3, 9)
    dated = library(tmp_path, one(group="2020-01-01", trait=5)).messages[0]
    assert (dated.group, dated.trait) == ("2020-01-01", "5")


def test_a_library_knows_its_file_and_not_its_folder(tmp_path):
    assert library(tmp_path, GOOD).source == "messages.yaml"


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        (one(trait=None), "ICP652", "trait or group is missing"),
        (one(group=None), "ICP652", "hypothesis: true"),
        (one(profile=None), "ICP652", "profile is missing"),
        (one(hypothesis="true"), "ICP652", "a field stands behind it"),
        (one(hypothesis="perhaps"), "ICP652", "Write true or false."),
        (one(txet="x"), "ICP652", "Did you mean 'text'?"),
        (one(trait="[a, b]"), "ICP652", "'trait' is not one text"),
        (one(needs="Retail"), "ICP652", "pairs of trait and group"),
        (one(needs="{crm: [a]}"), "ICP652", "pairs of trait and group"),
        (one(text="'{indx}'"), "ICP653", "Did you mean 'index'?"),
        (one(text="'{n.__class__}'"), "ICP653", "which there is not"),
        (one(text="'{0}'"), "ICP653", "Placeholders: {index}"),
        (one(text="'{n:>99999999}'"), "ICP653", "which there is not"),
        (one(text="'{n'"), "ICP653", "does not close"),
        (one(text="'}'"), "ICP653", "does not close"),
        (one(text="''"), "ICP654", "no text that a CRM keeps"),
        (one(text="'<>'"), "ICP654", "no text that a CRM keeps"),
        (one(text="Stores & shops"), "ICP654", "would reach a CRM as: Stores and shops"),
        (one(text="'<b>Now</b> {share}'"), "ICP654", "would reach a CRM as: b Now /b {share}"),
        (one(text="x" * 256), "ICP654", "Shorten it by 1"),
        (one(text="ü" * 128), "ICP654", "256 bytes"),
        (one(text="{profile} ".join("x" * 60 for _ in range(4))), "ICP654", "{profile} may take 80"),
        ("messages:\n- Hello\n", "ICP652", "message 1 is not a mapping"),
        ("messages: Hello\n", "ICP651", "no list of messages"),
        ("- a\n", "ICP651", "Begin it with 'messages:'"),
        ("", "ICP651", "no list of messages"),
        ("messages:\n- {a: b\n", "ICP651", "not valid YAML (line 3)"),
        ("messages:\n- profile: P1\n  profile: P2\n", "ICP651", "'profile' twice"),
        ("messages:\n- !!python/object/apply:os.system [ls]\n", "ICP652", "not a mapping"),
        ("[" * 2000, "ICP651", "not valid YAML"),
        (one(id="a") + one(id="a").removeprefix("messages:\n"), "ICP652", "2 messages have the id 'a'"),
    ],
)
def test_what_is_wrong_is_said_with_its_place_and_what_to_do(tmp_path, text, code, says):
    found = problems(tmp_path, text)
    assert [number for number, _ in found] == [code], found
    assert says in found[0][1]


@pytest.mark.parametrize("own", ['"#1"', "x" * 81])
def test_an_id_that_looks_like_a_place_or_is_too_long_for_the_ledger_is_refused(tmp_path, own):
    found = problems(tmp_path, GOOD.replace("id: first", f"id: {own}"))
    assert [(code, "the id cannot be used" in said) for code, said in found] == [("ICP652", True)]


def test_a_hypothesis_has_no_number_to_quote(tmp_path):
    text = "messages:\n- profile: P1\n  hypothesis: true\n  text: They are {share} sure.\n"
    assert problems(tmp_path, text)[0][1].startswith("message '#1' (line 2) holds {share}, and a hypothesis has no")
    assert library(tmp_path, text.replace("{share}", "{profile}")).messages[0].hypothesis


def test_everything_wrong_is_told_at_once(tmp_path):
    rest = one(text="'{x}'", txet=None).removeprefix("messages:\n")
    found = problems(tmp_path, one(trait=None) + rest + one(text="''").removeprefix("messages:\n"))
    assert [code for code, _ in found] == ["ICP652", "ICP653", "ICP654"]


def test_a_file_that_is_not_there_not_text_or_too_large_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"ICP651.*cannot be read"):
        read_library(tmp_path / "nowhere.yaml")
    (tmp_path / "bytes.yaml").write_bytes(b"messages:\n- text: \xff\n")
    with pytest.raises(ConfigError, match=r"ICP651.*UTF-8"):
        read_library(tmp_path / "bytes.yaml")
    (tmp_path / "large.yaml").write_text("x" * 1_000_001)
    with pytest.raises(ConfigError, match=r"ICP651.*larger"):
        read_library(tmp_path / "large.yaml")


def test_filling_in_is_done_once_and_by_nothing_but_the_words():
    words = {name: f"{{{name}}}" for name in PLACEHOLDERS} | {"n": '=1+1"', "profile": "{n}"}
    assert fill("{profile} {n}", words) == "{n} =1+1"
    assert fill("{n} of them", words) == "1+1 of them"


def test_the_messages_of_the_sample_can_be_read():
    found = read_library(sample_library())
    assert len(found.messages) >= 8
    assert {message.profile for message in found.messages} >= {"P1", "P2", "P3", "all"}
