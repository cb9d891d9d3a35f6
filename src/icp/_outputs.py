"""What a training run leaves behind: files in ``output``, all or none, and a version in the registry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from icp._files import staged_folder, to_json
from icp._progress import step
from icp.config import RunConfig, resolved_yaml
from icp.errors import Problem, TrackingError

if TYPE_CHECKING:
    import pandas as pd

    from icp._champion import Champion
    from icp.model import IdealCustomerModel
    from icp.tables import Finding
    from icp.tracking import VersionInfo

__all__ = [
    "EVIDENCE",
    "LOCAL",
    "MEETING_FACTS",
    "RUN_FACTS",
    "ReleaseNote",
    "numbers_of",
    "write_briefs",
    "write_findings",
    "write_meeting",
    "write_training",
]

RUN_FACTS = "run.json"
"""What a registry is told of a training beside its files, in its folder."""

EVIDENCE = (
    *("briefs.csv", "briefs.json", "calibration.csv", "config.yaml", "deciles.csv", "drivers.csv", "figures"),
    *("findings.json", "gate.json", "index.csv", "metrics.json", "profile_changes.csv", "profile_changes.json"),
    *("profile_migration.csv", "profile_rules.json", "profile_rules.sql", "profiles.json", "release_note.json"),
    *(RUN_FACTS, "tiers.csv"),
)
"""Files of a training's folder that are registered as they are."""

LOCAL = ("examples.csv", "release_accounts.csv", "release_note.md", "report.html")
"""Files of a training's folder that name accounts, or may; the registry has the last two without them."""

MEETING_FACTS = "meeting.json"
"""Campaign, dates, lists and counts of a meeting, in its folder."""


@dataclass(frozen=True)
class ReleaseNote:
    """The note.

    Parameters
    ----------
    content : dict
        As in ``release_note.json``: plain values, no account and no person.
    accounts : DataFrame
        What became of each account that sales spoke up about, as in ``release_accounts.csv``; never registered.
    findings : tuple of Finding
        What is still open.
    """

    content: dict[str, Any]
    accounts: pd.DataFrame
    findings: tuple[Finding, ...] = ()


def write_training(
    model: IdealCustomerModel, config: RunConfig, data_fingerprint: str, champion: Champion, note: ReleaseNote
) -> VersionInfo | None:
    """Write a trained model with its evidence, and register it.

    Parameters
    ----------
    model : IdealCustomerModel
        Fitted.
    config : RunConfig
        Of the run.
    data_fingerprint : str
        Hash of everything that was read.
    champion : Champion
        Version in use before this run.
    note : ReleaseNote
        What was proposed and said before it, and the answers.

    Returns
    -------
    VersionInfo or None
        The registered version; None with ``tracking=none``.

    Raises
    ------
    TrackingError
        The store did not take it; everything is written all the same (``ICP508``).
    """
    card, gate = dict(model.bundle_.card), _gate(model, config, champion)
    version, refused = None, None
    with staged_folder(config.output) as stage:
        with step("writing model and report"):
            model.save(stage / "bundle")
            _write_evidence(stage, model, card, gate, note)
            (stage / "config.yaml").write_text(resolved_yaml(config), encoding="utf-8")
            facts = _run_facts(model, config, data_fingerprint)
            (stage / RUN_FACTS).write_text(to_json(facts), encoding="utf-8")
        try:
            version = _registered(stage, model, config, facts, gate, champion)
        except TrackingError as error:  # hours of learning are not lost with a server
            refused = error
        _write_local(stage, model, card, gate, note)  # last: what it holds is not registered
    if refused is not None:
        raise _not_registered(refused, config) from None
    return version


def _not_registered(error: TrackingError, config: RunConfig) -> TrackingError:
    from icp.tracking import store_words

    output = config.output
    kept = Problem(
        "ICP508",
        f"the model and its report are whole in '{output}', without a version.",
        f"Score with model={output}/bundle. Register it when the store is back: "
        f"python -m icp.promote action=register model={output}{store_words(config.tracking)}",
    )
    return TrackingError("the model was learned, but is not registered", [*error.problems, kept])


def _registered(
    stage: Path,
    model: IdealCustomerModel,
    config: RunConfig,
    facts: Mapping[str, Any],
    gate: dict[str, Any] | None,
    champion: Champion,
) -> VersionInfo | None:
    if config.tracking.store == "none":
        return None
    from icp.tracking import GateRecord, RunRecord, log_version

    with step("registering the version"):
        record = RunRecord(
            name=config.name,
            params=facts["params"],
            metrics=numbers_of(model.metrics_),
            tags=facts["tags"],
            artifacts=stage,
            bundle=stage / "bundle",
            data_fingerprint=facts["data_sha256"],
            gate=None
            if gate is None
            else GateRecord(gate["verdict"] == "promote", gate["why"], gate["evidence"], champion.version),
        )
        return log_version(record, config.tracking, promotion=config.promotion)


def write_briefs(folder: Path, card: Mapping[str, Any]) -> None:
    """Write ``briefs.json`` and ``briefs.csv``.

    Parameters
    ----------
    folder : Path
        Where.
    card : mapping
        Of the model; one made by an earlier ``icp`` has no briefs, and nothing is written.
    """
    from icp.messages import Briefs

    if "briefs" in card:
        (folder / "briefs.json").write_text(to_json(card["briefs"]), encoding="utf-8")
        Briefs(tuple(card["briefs"])).frame().to_csv(folder / "briefs.csv", index=False, lineterminator="\n")


def _write_local(
    stage: Path, model: IdealCustomerModel, card: dict[str, Any], gate: dict[str, Any] | None, note: ReleaseNote
) -> None:
    """Accounts, and the report and the release note with them: for this folder only, never for the registry."""
    model.examples_.to_csv(stage / "examples.csv", index=False, lineterminator="\n")
    said = note.accounts.to_dict("records")
    _write_report(stage, model, card, gate, note, model.examples_.to_dict("records"), said)
    if said:
        note.accounts.to_csv(stage / "release_accounts.csv", index=False, lineterminator="\n")
        _write_note(stage, note, said)


def _write_note(stage: Path, note: ReleaseNote, said: Sequence[dict[Any, Any]] = ()) -> None:
    from icp.reports import release_markdown

    (stage / "release_note.json").write_text(to_json(note.content), encoding="utf-8")
    (stage / "release_note.md").write_text(release_markdown(note.content, said), encoding="utf-8")


def _write_report(
    stage: Path,
    model: IdealCustomerModel,
    card: dict[str, Any],
    gate: dict[str, Any] | None,
    note: ReleaseNote,
    examples: Sequence[dict[Any, Any]] = (),
    said: Sequence[dict[Any, Any]] = (),
) -> None:
    from icp.reports import build_report

    findings = [finding.to_dict() for finding in (*model.findings_, *note.findings)]
    page = build_report(
        card,
        findings,
        title=f"Best customers: {card['name']}",
        model_version=model.bundle_.version,
        gate=gate,
        examples=examples,
        changes=model.changes_.to_dict(),
        release=note.content,
        said=said,
    )
    (stage / "report.html").write_text(page, encoding="utf-8")


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


def _gate(model: IdealCustomerModel, config: RunConfig, champion: Champion) -> dict[str, Any] | None:
    """What the gate said; None without a champion, or where the gate is not asked."""
    from icp.model import held

    if config.promotion != "gate" or not champion.version:
        return None
    gate = model.gate_
    if gate is None:
        gate = held("ICP522", "champion", f"The champion cannot be read: {champion.problem}")
    return {**gate.to_dict(), "champion_version": champion.version, "evidence": gate.evidence()}


def _write_evidence(
    stage: Path, model: IdealCustomerModel, card: dict[str, Any], gate: dict[str, Any] | None, note: ReleaseNote
) -> None:
    import pandas as pd

    from icp.reports import figures

    findings = [finding.to_dict() for finding in (*model.findings_, *note.findings)]
    (stage / "metrics.json").write_text(to_json(model.metrics_), encoding="utf-8")
    (stage / "profiles.json").write_text(to_json(card["profiles"]), encoding="utf-8")
    _write_rules(stage, model)
    write_findings(stage, findings)
    for name in ("deciles", "calibration", "tiers"):
        pd.DataFrame(card[name]).to_csv(stage / f"{name}.csv", index=False, lineterminator="\n")
    drivers = pd.DataFrame([{k: v for k, v in row.items() if k != "groups"} for row in card["drivers"]])
    drivers.to_csv(stage / "drivers.csv", index=False, lineterminator="\n")
    not_asked = {"verdict": None, "why": "There was no champion to compare with, or the gate was not asked."}
    (stage / "gate.json").write_text(to_json(gate or not_asked), encoding="utf-8")
    (stage / "profile_changes.json").write_text(to_json(model.changes_.to_dict()), encoding="utf-8")
    model.changes_.frame().to_csv(stage / "profile_changes.csv", index=False, lineterminator="\n")
    model.changes_.migration_frame().to_csv(stage / "profile_migration.csv", index=False, lineterminator="\n")
    model.index_.frame().to_csv(stage / "index.csv", index=False, lineterminator="\n")
    write_briefs(stage, card)
    _write_note(stage, note)
    _write_report(stage, model, card, gate, note)
    (stage / "figures").mkdir()
    for figure in figures(card):
        (stage / "figures" / f"{figure.name}.svg").write_text(figure.svg(), encoding="utf-8")


def _write_rules(stage: Path, model: IdealCustomerModel) -> None:
    """The rules of the profiles as filters, beside ``profiles.json``."""
    version = model.bundle_.version
    (stage / "profile_rules.json").write_text(to_json([one.to_dict() for one in model.filters_]), encoding="utf-8")
    head = (
        f"-- Rules of the profiles of {version}, over a table called accounts.\n"
        "-- Cells are as icp reads them: numbers as numbers, dates as dates or ISO text, text without blanks around,\n"
        "-- 'yes' and 'no', NULL for not known.\n"
    )
    statements = [one.sql() for one in model.filters_] or ["-- no stable profiles\n"]
    (stage / "profile_rules.sql").write_text("\n".join([head, *statements]), encoding="utf-8")


def _run_facts(model: IdealCustomerModel, config: RunConfig, data_fingerprint: str) -> dict[str, Any]:
    marks = {"icp.version": model.bundle_.version, "icp.content_hash": model.bundle_.content_hash}
    return {"params": _params(model, config), "tags": marks, "data_sha256": data_fingerprint}


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
        "profiles_base": model.profiles_.base_name,
        "split": model.metrics_["split"],
    }


def numbers_of(metrics: Mapping[str, Any]) -> dict[str, float]:
    """The metrics that a registry takes.

    Parameters
    ----------
    metrics : mapping
        As in ``metrics.json``.

    Returns
    -------
    dict of str to float
        Those that are numbers.
    """
    return {key: float(value) for key, value in metrics.items() if isinstance(value, int | float) and value is not None}


def write_meeting(
    tables: Mapping[str, pd.DataFrame],
    facts: Mapping[str, Any],
    findings: Sequence[Finding],
    release: Mapping[str, Any],
    config: RunConfig,
) -> str:
    """Write ``meeting.html``, a CSV of each table, and a sheet of goals where there is none.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        What was measured.
    facts : mapping
        Plain values beside it.
    findings : sequence of Finding
        What there is to say.
    release : mapping
        What the newest release note answered.
    config : RunConfig
        Of the run.

    Returns
    -------
    str
        The same for a terminal.
    """
    from icp import __version__
    from icp.outcomes import goals_template
    from icp.reports import MOST_ANSWERS, build_meeting_page, meeting_text

    rows = {
        name: table.astype(object).where(table.notna(), None).to_dict("records")
        for name, table in {**tables, "answers": tables["answers"].head(MOST_ANSWERS)}.items()
        if name not in ("labels", "exclude", "standing", "proposals", "answered")
    }
    n_answers = len(tables["answers"])
    told = [finding.to_dict() for finding in findings]
    page = build_meeting_page({**facts, "package_version": __version__, "n_answers": n_answers}, rows, told, release)
    with staged_folder(config.output) as stage:
        (stage / "meeting.html").write_text(page, encoding="utf-8")
        for name, table in tables.items():
            table.to_csv(stage / f"{name}.csv", index=False, lineterminator="\n", float_format="%.6g")
        if config.scorecard.goals is None and not (Path(config.output) / "goals.yaml").exists():
            (stage / "goals.yaml").write_text(goals_template(), encoding="utf-8")
        (stage / MEETING_FACTS).write_text(to_json(dict(facts)), encoding="utf-8")
        write_findings(stage, told)
        (stage / "config.yaml").write_text(resolved_yaml(config), encoding="utf-8")
    return meeting_text(facts, rows)
