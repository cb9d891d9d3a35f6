"""A model as data: what is written is read back, and what was altered is refused by name."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from icp.bundle import MANIFEST, read
from icp.errors import BundleError


@pytest.fixture
def copy(leads, tmp_path):
    return shutil.copytree(leads.bundle, tmp_path / "bundle")


def names(folder):
    return sorted(file.name for file in folder.iterdir() if file.name != MANIFEST)


def rewrite(folder, change):
    """Change the manifest and make its own hash right again, as a forger would."""
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    change(manifest)
    lines = "".join(f"{name} {digest}\n" for name, digest in sorted(manifest["files"].items()))
    manifest["content_hash"] = hashlib.sha256(lines.encode()).hexdigest()
    (folder / MANIFEST).write_text(json.dumps(manifest), "utf-8")


def test_what_is_written_is_read_back_and_written_the_same(copy, tmp_path):
    bundle = read(copy)
    again = read(bundle.write(tmp_path / "again"))
    assert again.content_hash == bundle.content_hash
    assert bundle.version == f"leads-{json.loads((copy / MANIFEST).read_text('utf-8'))['content_hash'][:12]}"
    for name in [*names(copy), MANIFEST]:
        assert (tmp_path / "again" / name).read_bytes() == (copy / name).read_bytes()
    assert names(tmp_path / "again") == names(copy)


def test_every_file_with_one_changed_byte_is_refused_by_name(copy):
    for name in names(copy):
        before = (copy / name).read_bytes()
        altered = bytearray(before)
        altered[len(before) // 2] ^= 1
        (copy / name).write_bytes(altered)
        with pytest.raises(BundleError, match=name) as refused:
            read(copy)
        assert refused.value.problems[0].code == "ICP513"
        (copy / name).write_bytes(before)
    assert read(copy).name == "leads"


def test_all_damaged_files_are_named_at_once(copy):
    (copy / "model.json").write_bytes(b"{}")
    (copy / "card.json").unlink()
    with pytest.raises(BundleError) as refused:
        read(copy)
    assert [problem.message.split()[0] for problem in refused.value.problems] == ["card.json", "model.json"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(data=st.data())
def test_no_changed_byte_of_the_manifest_goes_unseen_or_escapes_our_words(copy, data):
    before = (copy / MANIFEST).read_bytes()
    place = data.draw(st.integers(0, len(before) - 1))
    value = data.draw(st.integers(0, 255).filter(lambda byte: byte != before[place]))
    altered = bytearray(before)
    altered[place] = value
    (copy / MANIFEST).write_bytes(altered)
    try:
        assert read(copy).content_hash in before.decode()
    except BundleError as refused:
        assert refused.problems[0].code in ("ICP511", "ICP512", "ICP513")
    finally:
        (copy / MANIFEST).write_bytes(before)


@pytest.mark.parametrize(
    "name", ["../secret.txt", "/etc/hostname", "sub/model.json", "model.pkl", "forest_1.txt", "..", ""]
)
def test_a_manifest_that_names_other_files_is_refused(copy, name):
    (copy.parent / "secret.txt").write_text("secret")
    digest = hashlib.sha256(b"secret").hexdigest()
    rewrite(copy, lambda manifest: manifest["files"].update({name: digest}))
    with pytest.raises(BundleError, match="ICP513") as refused:
        read(copy)
    assert MANIFEST in str(refused.value)


@pytest.mark.parametrize("name", ["model.json", MANIFEST, "forest_00.txt"])
def test_a_link_in_place_of_a_file_is_refused(copy, tmp_path, name):
    shutil.move(copy / name, tmp_path / "elsewhere")
    (copy / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BundleError, match=name):
        read(copy)


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b"\xff\xfe", b'{"format": 1, "files": []}', b"[" * 100_000, b'{"format": "1"}']
)
def test_a_strange_manifest_is_refused(copy, content):
    (copy / MANIFEST).write_bytes(content)
    with pytest.raises(BundleError, match="ICP51"):
        read(copy)


def test_a_manifest_longer_than_any_is_not_even_read(copy):
    with (copy / MANIFEST).open("r+b") as file:
        file.truncate(50 * 1024**3)  # takes no room on the disk
    with pytest.raises(BundleError, match="ICP511"):
        read(copy)


@pytest.mark.parametrize("name", ["model.json", MANIFEST])
def test_a_pipe_in_place_of_a_file_is_refused_and_not_waited_for(copy, name):
    (copy / name).unlink()
    os.mkfifo(copy / name)
    with pytest.raises(BundleError, match="ICP51"):
        read(copy)


def test_a_forest_whose_trees_run_in_circles_is_refused_in_our_words(copy):
    text = (copy / "forest_00.txt").read_text("utf-8")
    content = re.sub(r"(?m)^left_child=\S+", "left_child=0", text, count=1).encode()
    (copy / "forest_00.txt").write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    rewrite(copy, lambda manifest: manifest["files"].update({"forest_00.txt": digest}))
    with pytest.raises(BundleError, match="ICP514"):
        read(copy)


@pytest.mark.parametrize(("given", "action"), [(2, "with the icp that made it, or a later one"), (0, "Train it again")])
def test_another_format_is_told(copy, given, action):
    rewrite(copy, lambda manifest: manifest.update(format=given))
    with pytest.raises(BundleError, match=f"ICP512.*{action}"):
        read(copy)


@pytest.mark.parametrize(
    "content", [b"{}", b"[]", b"null", b'{"name": 1', b"\xff", b"[" * 100_000, b'{"n_forests": 99}']
)
def test_a_model_of_other_content_is_refused_in_our_words(copy, content):
    (copy / "model.json").write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    rewrite(copy, lambda manifest: manifest["files"].update({"model.json": digest}))
    with pytest.raises(BundleError, match="ICP514"):
        read(copy)


def test_a_forest_that_is_none_is_refused_in_our_words(copy):
    for content in (b"", b"tree\nversion=v4\n", b"\x00" * 50, b"not a forest"):
        (copy / "forest_00.txt").write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        rewrite(copy, lambda manifest, digest=digest: manifest["files"].update({"forest_00.txt": digest}))
        with pytest.raises(BundleError, match="ICP514"):
            read(copy)


def test_no_place_and_no_clock_is_written(leads):
    for file in leads.bundle.iterdir():
        text = file.read_text("utf-8")
        assert str(leads.folder) not in text and os.environ.get("HOME", "/nowhere") + "/" not in text
        assert "A-00042" not in text
