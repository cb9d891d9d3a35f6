"""What a training run leaves behind: files in ``output`` and a version in the registry, all or nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from icp._files import staged_folder, to_json
from icp._progress import step
from icp.config import RunConfig, resolved_yaml
from icp.reports import build_report, figures
from icp.tracking import RunRecord, VersionInfo, log_version

if TYPE_CHECKING:
    from icp.model import IdealCustomerModel

__all__ = ["write_findings", "write_training"]


def write_training(model: IdealCustomerModel, config: RunConfig, data_fingerprint: str) -> VersionInfo | None:
    """Write a trained model with its evidence, and register it.

    Parameters
    ----------
    model : IdealCustomerModel
        Fitted.
    config : RunConfig
        Of the run.
    data_fingerprint : str
        Hash of everything that was read.

    Returns
    -------
    VersionInfo or None
        The registered version; None with ``tracking=none``.
    """
    card = dict(model.bundle_.card)
    with staged_folder(config.output) as stage:
        with step("writing model and report"):
            model.save(stage / "bundle")
            _write_evidence(stage, model, card)
            (stage / "config.yaml").write_text(resolved_yaml(config), encoding="utf-8")
        if config.tracking.store == "none":
            return None
        with step("registering the version"):
            record = RunRecord(
                name=config.name,
                params=_params(model, config),
                metrics=_numbers(model.metrics_),
                tags={"icp.version": model.bundle_.version, "icp.content_hash": model.bundle_.content_hash},
                artifacts=stage,
                bundle=stage / "bundle",
                data_fingerprint=data_fingerprint,
            )
            return log_version(record, config.tracking, promotion=config.promotion)


def write_findings(folder: Path, findings: list[dict[str, Any]]) -> None:
    """Write ``findings.json``.

    Parameters
    ----------
    folder : Path
        Where.
    findings : list of dict
        As :meth:`icp.tables.Finding.to_dict` gives them.
    """
    (folder / "findings.json").write_text(to_json(findings), encoding="utf-8")


def _write_evidence(stage: Path, model: IdealCustomerModel, card: dict[str, Any]) -> None:
    findings = [finding.to_dict() for finding in model.findings_]
    (stage / "metrics.json").write_text(to_json(model.metrics_), encoding="utf-8")
    (stage / "profiles.json").write_text(to_json(card["profiles"]), encoding="utf-8")
    write_findings(stage, findings)
    for name in ("deciles", "calibration", "tiers"):
        pd.DataFrame(card[name]).to_csv(stage / f"{name}.csv", index=False, lineterminator="\n")
    drivers = pd.DataFrame([{k: v for k, v in row.items() if k != "groups"} for row in card["drivers"]])
    drivers.to_csv(stage / "drivers.csv", index=False, lineterminator="\n")
    page = build_report(card, findings, title=f"Best customers: {card['name']}", model_version=model.bundle_.version)
    (stage / "report.html").write_text(page, encoding="utf-8")
    (stage / "figures").mkdir()
    for figure in figures(card):
        (stage / "figures" / f"{figure.name}.svg").write_text(figure.svg(), encoding="utf-8")


def _params(model: IdealCustomerModel, config: RunConfig) -> dict[str, Any]:
    definition = model.bundle_.card["definition"]
    return {
        "seed": config.seed,
        "labels": definition["recipe"],
        "definition": definition["text"],
        "definition_version": definition["version"],
        "definition_sha": definition["sha256"],
        "definition_signed": definition["signoff"]["signed"],
        "as_of": model.bundle_.as_of,
        "mode": model.bundle_.mode,
        "n_traits": len(model.bundle_.traits),
        "n_profiles": len(model.profiles_.profiles),
        "split": model.metrics_["split"],
    }


def _numbers(metrics: dict[str, Any]) -> dict[str, float]:
    return {key: float(value) for key, value in metrics.items() if isinstance(value, int | float) and value is not None}
