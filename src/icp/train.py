"""``python -m icp.train``: a registered model version with profiles, metrics and report from one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from icp._outcome import Outcome

if TYPE_CHECKING:
    from icp._outputs import ReleaseNote
    from icp.config import RunConfig
    from icp.model import IdealCustomerModel
    from icp.tables import Finding
    from icp.tracking import VersionInfo

__all__ = ["TrainResult", "run"]


@dataclass(frozen=True)
class TrainResult(Outcome):
    """What a training run made.

    Parameters
    ----------
    output : Path
        Folder with the bundle, metrics, profiles, findings and report.
    model : IdealCustomerModel
        The fitted model.
    version : VersionInfo or None
        Its place in the registry; None without tracking.
    note : ReleaseNote
        What was proposed and said before this training, each with its answer.
    """

    output: Path
    model: IdealCustomerModel
    version: VersionInfo | None
    note: ReleaseNote

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything the stages found, and what the release note leaves open."""
        return (*self.model.findings_, *self.note.findings)

    @property
    def model_version(self) -> str:
        """The model, as in ``scores.csv``."""
        return self.model.bundle_.version

    @property
    def counts(self) -> Mapping[str, int]:
        """Accounts learned from, and profiles."""
        metrics = self.model.metrics_
        found = {key: int(metrics[key]) for key in ("n_train", "n_test", "n_best") if metrics.get(key) is not None}
        return {**found, "n_profiles": len(self.model.profiles_.profiles)}

    def summary(self) -> str:
        """How good it is, which profiles there are, which version is champion, and where things are.

        Returns
        -------
        str
            A few lines for the terminal.
        """
        from icp.reports import findings_text, release_text, summary_text

        bundle, found = self.model.bundle_, [finding.to_dict() for finding in self.findings]
        lines = [summary_text(dict(bundle.card), found, model_version=bundle.version)]
        lines += [findings_text(found)] if findings_text(found) else []
        lines += release_text(self.note.content)
        lines.append(f"report: {self.output / 'report.html'}   model: {self.output / 'bundle'}")
        if self.version is not None:
            lines.append(self.version.sentence())
        return "\n".join(lines)


def run(cfg: Any) -> TrainResult:
    """Read, label, learn, judge, compare with the champion, write, register.

    Parameters
    ----------
    cfg : config
        From ``icp.load_config("train", overrides)``.

    Returns
    -------
    TrainResult
        The fitted model, and where everything is.
    """
    from icp._hold import held_folder
    from icp.config import resolve

    config = resolve(cfg)
    with held_folder(config.output):  # before hours are spent on what another run would overwrite
        return _trained(config)


def _trained(config: RunConfig) -> TrainResult:
    from icp._briefing import library_for_training
    from icp._champion import read_champion
    from icp._inputs import fingerprint, read_inputs
    from icp._outputs import write_training
    from icp._releasing import read_to_answer, release_note
    from icp.model import IdealCustomerModel

    library, asked = library_for_training(config), read_to_answer(config)
    champion = read_champion(config)  # a registry that does not answer is said before anything is learned
    inputs = read_inputs(config)
    model = IdealCustomerModel(
        config.name,
        traits=config.traits,
        profiles=config.profiles,
        scoring=config.scoring,
        reasons=config.reasons,
        backtest=config.backtest,
        messages=config.messages,
        seed=config.seed,
    )
    model.fit(
        inputs.accounts,
        inputs.labels,
        events=inputs.events,
        outcomes=inputs.outcomes,
        reading=config.accounts,
        champion=champion.bundle,
        newest=champion.newest,
        gate=config.promotion == "gate",
        base=inputs.base,
        messages=library,
    )
    note = release_note(asked, model, inputs, champion.bundle)
    version = write_training(model, config, fingerprint(inputs), champion, note)
    return TrainResult(Path(config.output), model, version, note)


if __name__ == "__main__":
    from icp._command import main

    main("train")
