"""Log a run and register its model as a version."""

from __future__ import annotations

import math
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from icp.errors import TrackingError
from icp.options import TrackingOptions
from icp.tracking._model_folder import write_model_folder
from icp.tracking._promotion import append_hold, move_champion
from icp.tracking._running import PROCESS, close_abandoned, this_process
from icp.tracking._store import CHALLENGER, CHAMPION, Store, open_store, store_words

__all__ = ["GateRecord", "RunRecord", "VersionInfo", "log_version"]

_MAX_TEXT = 500
_BATCH = 100
_GATE = "gate"


@dataclass(frozen=True)
class RunRecord:
    """What is logged of a training run, as plain data.

    Parameters
    ----------
    name : str
        Registered name of the model.
    params : mapping of str to Any
        What the model was made with.
    metrics : mapping of str to float
        How good it is; values that are not finite are left out.
    tags : mapping of str to str
        Marks to find it by.
    artifacts : Path
        Folder with tables, figures and report; a folder ``bundle`` in it is left out, the model holds it.
    bundle : Path
        The model as data.
    data_fingerprint : str
        Hash of everything that was read (sha256, hexadecimal).
    gate : GateRecord or None, default=None
        What the gate said; None where there was no champion, or it was not asked.
    """

    name: str
    params: Mapping[str, Any]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]
    artifacts: Path
    bundle: Path
    data_fingerprint: str
    gate: GateRecord | None = None


@dataclass(frozen=True)
class GateRecord:
    """A verdict of the gate, as the registry keeps it.

    Parameters
    ----------
    promotes : bool
        Whether the new version becomes champion.
    why : str
        In words.
    evidence : str
        The comparison in one line; empty without one.
    champion : str
        Version number it was compared with.
    """

    promotes: bool
    why: str
    evidence: str
    champion: str

    def tags(self) -> dict[str, str]:
        """Marks of the version.

        Returns
        -------
        dict of str to str
            ``icp.gate`` (``promote`` or ``hold``), ``icp.gate.why``, ``icp.gate.evidence``, ``icp.gate.champion``.
        """
        verdict = "promote" if self.promotes else "hold"
        parts = {"": verdict, ".why": self.why, ".evidence": self.evidence, ".champion": self.champion}
        return {f"icp.gate{part}": text[:_MAX_TEXT] for part, text in parts.items() if text}


@dataclass(frozen=True)
class VersionInfo:
    """A registered version, and who is champion now.

    Parameters
    ----------
    name, version : str
        Such as ``leads`` and ``3``.
    alias : str
        ``champion``, ``challenger`` or empty.
    run_id : str
        The run it belongs to.
    champion : str
        Version that is champion after this run; empty without one.
    where : str
        The store, as a person names it.
    why : str, default=""
        Why the gate promoted or held it; empty where it was not asked.
    store : str, default=""
        Overrides by which a command finds the store, with a blank before them.
    """

    name: str
    version: str
    alias: str
    run_id: str
    champion: str
    where: str
    why: str = ""
    store: str = ""

    @property
    def address(self) -> str:
        """``models:/name/version``."""
        return f"models:/{self.name}/{self.version}"

    def sentence(self) -> str:
        """What a command says at its end.

        Returns
        -------
        str
            One line.
        """
        start = f"registered: {self.address} in {self.where}"
        if self.alias == CHAMPION:
            return f"{start}; it is the champion.{f' {self.why}' if self.why else ''}"
        champion = f"champion is version {self.champion}" if self.champion else "there is no champion"
        role = f"as {self.alias}; " if self.alias else "without an alias; "
        why = f" {self.why}" if self.why else ""
        command = f"python -m icp.promote model={self.address}{self.store}"
        return f"{start}, {role}{champion}.{why} Promote it with: {command}"


def log_version(record: RunRecord, options: TrackingOptions, *, promotion: str = "gate") -> VersionInfo:
    """Log a run, register its model, and set the alias.

    Runs that a killed process of ours left open are marked as killed first.

    Parameters
    ----------
    record : RunRecord
        What to log.
    options : TrackingOptions
        Where.
    promotion : {"gate", "always", "never"}, default="gate"
        ``gate``: a first version becomes champion, a later one when ``record.gate`` says so, else challenger;
        ``always``: champion at once; ``never``: no alias.

    Returns
    -------
    VersionInfo
        The version.

    Raises
    ------
    TrackingError
        The store does not answer or refuses.
    """
    with open_store(options, create=True) as store:
        if store is None:
            raise TrackingError.one("ICP505", "there is no store to log to.", "Use tracking=local or tracking=server.")
        experiment = _experiment(store, options.experiment)
        close_abandoned(store.client, experiment)
        run = store.client.create_run(experiment, run_name=record.name, tags={PROCESS: this_process()})
        try:
            _log(store, run, record)
            version = _register(store, run, record)
        except BaseException:
            with suppress(Exception):  # a store that went away cannot take it; a later run says so (close_abandoned)
                store.client.set_terminated(run.info.run_id, "FAILED")
            raise
        store.client.set_terminated(run.info.run_id, "FINISHED")
        alias, champion, why = _set_alias(store, record, version, promotion)
        place = (store.where(), why, store_words(options))
        return VersionInfo(record.name, version, alias, run.info.run_id, champion, *place)


def _experiment(store: Store, name: str) -> str:
    """Id of the experiment whose artifacts lie in this store; a moved local store gets a new one beside the old."""
    location = None if store.root is None else (store.root / "artifacts").as_uri()
    for number in range(1, 1000):
        wanted = name if number == 1 else f"{name}-{number}"
        found = store.client.get_experiment_by_name(wanted)
        if found is None:
            return str(store.client.create_experiment(wanted, artifact_location=location))
        if found.lifecycle_stage == "active" and location in (None, found.artifact_location):
            return str(found.experiment_id)
    raise TrackingError.one("ICP502", f"no experiment '{name}' can be used.", "Choose another tracking.experiment.")


def _log(store: Store, run: Any, record: RunRecord) -> None:
    from mlflow.entities import Dataset, DatasetInput, Metric, Param, RunTag

    run_id, now = run.info.run_id, int(time.time() * 1000)
    texts = {**record.params, "data_sha256": record.data_fingerprint}
    params = [Param(key, str(value)[:_MAX_TEXT]) for key, value in sorted(texts.items())]
    metrics = [
        Metric(key, float(value), now, 0)
        for key, value in sorted(record.metrics.items())
        if value is not None and math.isfinite(value)
    ]
    tags = [RunTag(key, str(value)[:_MAX_TEXT]) for key, value in sorted(record.tags.items())]
    for start in range(0, max(len(params), len(metrics), 1), _BATCH):
        part = slice(start, start + _BATCH)
        store.client.log_batch(run_id, metrics=metrics[part], params=params[part], tags=tags[part])
    data = Dataset(name="training data", digest=record.data_fingerprint[:36], source_type="local", source="{}")
    store.client.log_inputs(run_id, [DatasetInput(dataset=data)])
    for item in sorted(record.artifacts.iterdir()):
        if item.is_dir() and item.resolve() != record.bundle.resolve():
            store.client.log_artifacts(run_id, str(item), item.name)
        elif item.is_file():
            store.client.log_artifact(run_id, str(item))


def _register(store: Store, run: Any, record: RunRecord) -> str:
    with tempfile.TemporaryDirectory(prefix="icp-model-") as scratch:
        folder = Path(scratch) / "model"
        write_model_folder(record.bundle, folder)
        store.client.log_artifacts(run.info.run_id, str(folder), "model")
    if not store.client.search_registered_models(f"name='{record.name}'"):
        from mlflow.exceptions import MlflowException

        try:
            store.client.create_registered_model(record.name)
        except MlflowException:  # another run may have made it in between
            if not store.client.search_registered_models(f"name='{record.name}'"):
                raise
    gate = {} if record.gate is None else record.gate.tags()
    made = store.client.create_model_version(
        record.name, f"{run.info.artifact_uri}/model", run.info.run_id, tags={**record.tags, **gate}
    )
    return str(made.version)


def _set_alias(store: Store, record: RunRecord, version: str, promotion: str) -> tuple[str, str, str]:
    """Alias of the new version, the champion after it, and why."""
    name, gate = record.name, record.gate
    aliases = {alias: str(number) for alias, number in store.client.get_registered_model(name).aliases.items()}
    champion = aliases.get(CHAMPION, "")
    if promotion == "never":
        return "", champion, ""
    if promotion == "always" or not champion:
        why = "first version" if not champion else "promotion=always"
        move_champion(store, name, "promote", champion, version, reason=why, who="")
        return CHAMPION, version, ""
    if gate is not None and gate.champion != champion:
        why = f"Version {champion} became champion while version {gate.champion} was compared with: train again."
        gate = replace(gate, promotes=False, why=why)
    if gate is not None and gate.promotes:
        move_champion(store, name, "promote", champion, version, reason=gate.why, who=_GATE, evidence=gate.evidence)
        return CHAMPION, version, gate.why
    store.client.set_registered_model_alias(name, CHALLENGER, version)
    if gate is None:
        return CHALLENGER, champion, ""
    append_hold(store, name, champion, version, reason=gate.why, who=_GATE, evidence=gate.evidence)
    return CHALLENGER, champion, gate.why
