"""Recorded predictions come back as they were, and only for the rows they were made on."""

import json

import pandas as pd

from benchmarks.quality import recorded


def test_what_was_recorded_is_restored_for_the_same_rows_only(tmp_path, monkeypatch):
    monkeypatch.setattr(recorded, "FOLDER", tmp_path / "recorded")
    task, results, anew = tmp_path / "set", tmp_path / "results", tmp_path / "anew"
    for folder in (task, results, anew):
        folder.mkdir()
    (task / "train.csv").write_text("a,y\n1,0\n")
    (task / "test.csv").write_text("a,y\n2,1\n3,0\n")
    (results / "set.EBM.csv").write_text("probability\n0.25\n0.5\n")
    (results / "set.EBM.json").write_text(json.dumps({"contender": "EBM", "task": "set", "seconds": 3.0}))
    recorded.record([task], results, ["EBM", "H2O"])
    recorded.restore([task], anew, ["EBM", "H2O"])
    assert pd.read_csv(anew / "set.EBM.csv")["probability"].tolist() == [0.25, 0.5]
    assert json.loads((anew / "set.EBM.json").read_text()) == {"contender": "EBM", "task": "set", "seconds": 3.0}
    assert not (anew / "set.H2O.json").exists()
    (anew / "set.EBM.json").unlink()
    (task / "test.csv").write_text("a,y\n2,1\n4,0\n")
    recorded.restore([task], anew, ["EBM"])
    assert not (anew / "set.EBM.json").exists()
