"""The promote command: address to alias, refusals, the log."""

from __future__ import annotations

import types

import pytest

import icp
from icp.errors import BundleError, TrackingError
from icp.promote import run


@pytest.fixture
def registry(monkeypatch):
    """Tracking and bundle in memory: what was asked of them."""
    from icp import tracking

    calls: list[tuple] = []
    bundle = types.ModuleType("icp.bundle")
    bundle.read = lambda path: calls.append(("read", path))
    monkeypatch.setitem(__import__("sys").modules, "icp.bundle", bundle)
    log: list[tracking.PromotionEntry] = []

    def move(action):
        def done(name, version="1", *, reason, who, options):
            entry = tracking.PromotionEntry("2026-01-31T12:00:00+00:00", who, reason, action, "1", version)
            calls.append((action, name, version, reason, who))
            log.append(entry)
            return entry

        return done

    monkeypatch.setattr(tracking, "find_version", lambda model, options: ("leads", "3"))
    monkeypatch.setattr(tracking, "find_versions", lambda name, options: ("", "3"))
    monkeypatch.setattr(tracking, "find_bundle", lambda model, options: model)
    monkeypatch.setattr(tracking, "promote", move("promote"))
    monkeypatch.setattr(tracking, "roll_back", move("rollback"))
    monkeypatch.setattr(tracking, "promotion_log", lambda name, options: tuple(log))
    return calls, bundle


def test_promotes_the_version_behind_the_address_after_reading_its_bundle(registry):
    result = run(icp.load_config("promote", ["model=models:/leads@challenger", "reason=better", "who=Ada"]))
    assert registry[0] == [("read", "models:/leads/3"), ("promote", "leads", "3", "better", "Ada")]
    assert "champion of 'leads' is version 3" in result.summary()
    assert "Ada" in result.summary() and "better" in result.summary()


def test_a_damaged_bundle_is_not_promoted(registry):
    def refuse(path):
        raise BundleError.one("ICP501", "damaged.", "Restore it.")

    registry[1].read = refuse
    with pytest.raises(BundleError):
        run(icp.load_config("promote", ["name=leads"]))
    assert registry[0] == []


def test_rolls_back_the_model_of_the_address(registry):
    run(icp.load_config("promote", ["action=rollback", "model=models:/leads@champion", "reason=wrong"]))
    assert registry[0] == [("rollback", "leads", "1", "wrong", "")]


def test_show_changes_nothing(registry):
    result = run(icp.load_config("promote", ["action=show", "name=leads"]))
    assert registry[0] == [] and result.entry is None
    assert result.summary() == "no champion so far"


def test_refusals_are_passed_on(registry, monkeypatch):
    def refuse(*args, **kwargs):
        raise TrackingError.one("ICP506", "champion already.", "Nothing was changed.")

    monkeypatch.setattr("icp.tracking.promote", refuse)
    with pytest.raises(TrackingError, match="already"):
        run(icp.load_config("promote", ["name=leads"]))
