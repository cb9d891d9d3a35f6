"""A fitted model as data: a folder of JSON and LightGBM text, with a content hash.

Loading a bundle runs no code from it: the manifest names every file with its sha256, only files of known names are
opened, and each is checked before it is parsed. Other files in the folder are never touched. A bundle holds no clock,
no path and no cell of a real account, so the same data, configuration and seed give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from icp._files import staged_folder, to_json
from icp._notebook import Box, Boxed
from icp.checks import WatchReference
from icp.errors import BundleError, Problem
from icp.messages import MessageBook
from icp.profiles import IndexProfile, ProfileSet
from icp.reasons import ReasonBook
from icp.scoring import AmountModel, Familiarity, ReferenceTable, ScoreModel, WorkedRegion
from icp.tables import Column, Trait

__all__ = ["Bundle", "Scorer", "from_files", "read"]

FORMAT = 1
MANIFEST = "manifest.json"
_FILE_NAME = re.compile(r"(model|card)\.json|forest_\d{2}\.txt")
_MAX_BYTES = 512 * 1024 * 1024
_MAX_MANIFEST = 1_000_000


class Scorer(Protocol):
    """What the batch core asks of a score: a base, contributions that add up, and an independent margin to check."""

    @property
    def base(self) -> float:
        """Margin of an account of which nothing is known, in log-odds."""
        ...

    def contributions(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log-odds each trait adds.

        Parameters
        ----------
        X : ndarray of float64, shape (n_accounts, n_traits)
            Traits, NaN where not known.

        Returns
        -------
        ndarray of float64, shape (n_accounts, n_traits)
            Relative to the base.
        """
        ...

    def check_margin(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """The margin by another path than the sum of contributions.

        Parameters
        ----------
        X : ndarray of float64, shape (n_accounts, n_traits)
            Traits, NaN where not known.

        Returns
        -------
        ndarray of float64, shape (n_accounts,)
            In log-odds.
        """
        ...


@dataclass(frozen=True)
class Bundle(Boxed):
    """Everything that scoring needs, as plain parameters.

    Parameters
    ----------
    name : str
        Registered name of the model.
    columns : tuple of Column
        How each column of the accounts table is read.
    missing_values : tuple of str
        Extra tokens that mean "not known".
    traits : tuple of Trait
        What the score is made of, in order.
    score : ScoreModel
        The additive margin (any :class:`Scorer` in memory; only a ScoreModel can be written).
    reference, fit_reference : ReferenceTable
        Where a margin stands in the training population: whole score, and fit alone.
    engagement_reference : ReferenceTable or None
        The same for engagement; None without engagement data.
    profiles : ProfileSet
        The ideal customer profiles.
    profile_traits : tuple of int
        Positions of the traits that profiles are made of.
    reasons : ReasonBook
        The stored sentences.
    base_rate : float
        Share of best customers among the labelled training accounts.
    mode : {"rates", "linear", "blend"}
        Kind of model that the amount of data allowed.
    signal : bool
        Whether the traits tell best customers from others at all.
    amounts : mapping
        Mean amount of a best customer by profile id, ``""`` for no profile; empty without amounts.
    importance : tuple of float
        Mean absolute contribution of each trait in training.
    as_of : str
        ISO date of the training picture, or empty.
    account_source : mapping
        ``account_id``, ``observed_at``, ``name_column`` of the training table.
    card : mapping
        The evidence the report is drawn from.
    watch : WatchReference or None, default=None
        How traits and scores lay in training, to tell drift by; None in models made before it was kept.
    familiarity : Familiarity or None, default=None
        Which accounts lie far from those learned on; None where nobody measured it.
    amount_model : AmountModel or None, default=None
        Predicts the amount of a best customer in place of ``amounts``, where it was shown to do better.
    worked_region : WorkedRegion or None, default=None
        Which accounts are like those sales worked; None where nothing says who was worked.
    recipe : mapping, default={}
        How the score was learned, as plain values, so that it can be learned again on other rows; empty in models of
        an earlier ``icp``.
    index : IndexProfile or None, default=None
        Counts behind every claim about best customers; None in models of an earlier ``icp``.
    messages : MessageBook or None, default=None
        The company's own messages whose evidence holds; None where training was given none.
    """

    name: str
    columns: tuple[Column, ...]
    missing_values: tuple[str, ...]
    traits: tuple[Trait, ...]
    score: Scorer
    reference: ReferenceTable
    fit_reference: ReferenceTable
    engagement_reference: ReferenceTable | None
    profiles: ProfileSet
    profile_traits: tuple[int, ...]
    reasons: ReasonBook
    base_rate: float
    mode: str
    signal: bool
    amounts: Mapping[str, float]
    importance: tuple[float, ...]
    as_of: str
    account_source: Mapping[str, Any]
    card: Mapping[str, Any]
    watch: WatchReference | None = None
    familiarity: Familiarity | None = None
    amount_model: AmountModel | None = None
    worked_region: WorkedRegion | None = None
    recipe: Mapping[str, Any] = field(default_factory=dict)
    index: IndexProfile | None = None
    messages: MessageBook | None = None

    @property
    def version(self) -> str:
        """Name and the first 12 characters of the content hash."""
        return f"{self.name}-{self.content_hash[:12]}"

    def _box(self) -> Box:
        facts = {"as of": self.as_of, "kind": self.mode, "traits": len(self.traits), "base rate": self.base_rate}
        return Box(self.version, {**facts, "profiles": len(self.profiles.profiles)})

    @cached_property
    def dated_traits(self) -> tuple[int, ...]:
        """Positions of the traits that are made from events or outcomes."""
        return tuple(j for j, trait in enumerate(self.traits) if trait.rule.startswith(("events:", "outcomes:")))

    @cached_property
    def content_hash(self) -> str:
        """Hash of every file's name and bytes (sha256, hexadecimal); ``"in-memory"`` for a score that is not data."""
        if not isinstance(self.score, ScoreModel):
            return "in-memory---"
        return _content_hash({name: hashlib.sha256(data).hexdigest() for name, data in self.files().items()})

    def files(self) -> dict[str, bytes]:
        """The bundle's files, without the manifest.

        Returns
        -------
        dict of str to bytes
            ``model.json``, ``card.json`` and one ``forest_NN.txt`` per booster.

        Raises
        ------
        BundleError
            The score is an estimator that cannot give itself as data (``ICP515``).
        """
        if not isinstance(self.score, ScoreModel):
            raise BundleError.one(
                "ICP515",
                "the score is a classifier of your own, and code cannot be written as data.",
                "Score with it in Python, or fit with the default classifier to save and register.",
            )
        engagement = self.engagement_reference
        model = {
            "format": FORMAT,
            "name": self.name,
            "columns": [column.to_dict() for column in self.columns],
            "missing_values": list(self.missing_values),
            "traits": [trait.to_dict() for trait in self.traits],
            "score": self.score.to_dict(),
            "n_forests": len(self.score.forest_texts),
            "reference": self.reference.to_dict(),
            "fit_reference": self.fit_reference.to_dict(),
            "engagement_reference": None if engagement is None else engagement.to_dict(),
            "profiles": self.profiles.to_dict(),
            "profile_traits": list(self.profile_traits),
            "reasons": self.reasons.to_dict(),
            "base_rate": self.base_rate,
            "mode": self.mode,
            "signal": self.signal,
            "amounts": dict(self.amounts),
            "importance": list(self.importance),
            "as_of": self.as_of,
            "account_source": dict(self.account_source),
            "familiarity": None if self.familiarity is None else self.familiarity.to_dict(),
            "amount_model": None if self.amount_model is None else self.amount_model.to_dict(),
            "worked_region": None if self.worked_region is None else self.worked_region.to_dict(),
            "recipe": dict(self.recipe),
            "index": None if self.index is None else self.index.to_dict(),
            "messages": None if self.messages is None else self.messages.to_dict(),
        }
        if self.watch is not None:
            model["watch"] = self.watch.to_dict()
        files = {"model.json": to_json(model).encode(), "card.json": to_json(dict(self.card)).encode()}
        for i, text in enumerate(self.score.forest_texts):
            files[f"forest_{i:02d}.txt"] = text.encode()
        return files

    def write(self, folder: str | Path) -> Path:
        """Write the bundle as a folder that can be copied anywhere.

        Parameters
        ----------
        folder : str or Path
            Made if it is not there; files of a former bundle are replaced.

        Returns
        -------
        Path
            The folder.
        """
        files = self.files()
        hashes = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
        manifest = {"format": FORMAT, "name": self.name, "content_hash": _content_hash(hashes), "files": hashes}
        with staged_folder(folder) as stage:
            for name, data in files.items():
                (stage / name).write_bytes(data)
            (stage / MANIFEST).write_text(to_json(manifest), encoding="utf-8")
        return Path(folder)


def read(folder: str | Path) -> Bundle:
    """Read a bundle, checking every byte before it is used.

    Parameters
    ----------
    folder : str or Path
        As written by :meth:`Bundle.write`.

    Returns
    -------
    Bundle
        Equal to the one written.

    Raises
    ------
    BundleError
        Not a bundle (``ICP511``), of another format (``ICP512``), a file missing or altered (``ICP513``), or its
        content does not fit together (``ICP514``).
    """
    path = Path(folder)
    hashes = _manifest_hashes(path)
    files = _checked_files(path, hashes)
    try:
        bundle = from_files(files)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
        raise BundleError.one(
            "ICP514",
            f"the model in '{folder}' does not fit together ({type(error).__name__}).",
            "Train it again, or copy the folder again from where it was made.",
        ) from None
    vars(bundle)["content_hash"] = _content_hash(hashes)  # as checked: writing it all anew to hash it takes longer
    return bundle


def _content_hash(hashes: Mapping[str, str]) -> str:
    lines = "".join(f"{name} {digest}\n" for name, digest in sorted(hashes.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def _manifest_hashes(path: Path) -> dict[str, str]:
    """File hashes of the manifest, after checking that it is one of ours."""
    manifest_file = path / MANIFEST
    try:
        there = path.is_dir() and not manifest_file.is_symlink() and manifest_file.is_file()
        if not there or manifest_file.stat().st_size > _MAX_MANIFEST:
            raise ValueError("no manifest")
        manifest = json.loads(manifest_file.read_text(encoding="utf-8"))
        hashes = {str(name): str(digest) for name, digest in manifest["files"].items()}
        version, content_hash = manifest["format"], manifest["content_hash"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise BundleError.one(
            "ICP511",
            f"'{path}' is not a model folder: it has no readable {MANIFEST}.",
            "Give the folder 'bundle' that icp.train wrote, or models:/name@champion.",
        ) from None
    if version != FORMAT:
        newer = isinstance(version, int) and version > FORMAT
        raise BundleError.one(
            "ICP512",
            f"the model in '{path}' has format {version!r}, this icp reads {FORMAT}.",
            "Read it with the icp that made it, or a later one; else train it again." if newer else "Train it again.",
        )
    strange = [name for name in hashes if not _FILE_NAME.fullmatch(name)]
    if strange or not {"model.json", "card.json"} <= set(hashes) or _content_hash(hashes) != content_hash:
        message = f"{MANIFEST} in '{path}' was altered."
        raise BundleError.one("ICP513", message, "Copy the folder again from where it was made.")
    return hashes


def _checked_files(path: Path, hashes: Mapping[str, str]) -> dict[str, bytes]:
    """Bytes of every named file, or one error that names each that is missing or altered."""
    files, problems = {}, []
    for name, digest in sorted(hashes.items()):
        file = path / name
        again = "Copy the folder again from where it was made."
        if file.is_symlink() or not file.is_file():
            problems.append(Problem("ICP513", f"{name} is missing.", again))
        elif file.stat().st_size > _MAX_BYTES:
            problems.append(Problem("ICP513", f"{name} is larger than {_MAX_BYTES:,} bytes.", again))
        else:
            data = file.read_bytes()
            if hashlib.sha256(data).hexdigest() == digest:
                files[name] = data
            else:
                problems.append(Problem("ICP513", f"{name} was altered: its sha256 is not the manifest's.", again))
    if problems:
        raise BundleError(f"The model in '{path}' is damaged or altered.", problems)
    return files


def from_files(files: Mapping[str, bytes]) -> Bundle:
    """A bundle from the bytes of its files, as :meth:`Bundle.files` gives them; nothing is checked.

    Parameters
    ----------
    files : mapping of str to bytes
        ``model.json``, ``card.json`` and the forests.

    Returns
    -------
    Bundle
        Equal to the one they came from.
    """
    model = json.loads(files["model.json"])
    texts = tuple(files[f"forest_{i:02d}.txt"].decode() for i in range(model["n_forests"]))
    engagement = model["engagement_reference"]
    familiarity, amount_model = model.get("familiarity"), model.get("amount_model")
    worked_region, index, messages = (model.get(key) for key in ("worked_region", "index", "messages"))
    return Bundle(
        name=model["name"],
        columns=tuple(Column(**column) for column in model["columns"]),
        missing_values=tuple(model["missing_values"]),
        traits=tuple(Trait.from_dict(trait) for trait in model["traits"]),
        score=ScoreModel.from_dict(model["score"], texts),
        reference=ReferenceTable.from_dict(model["reference"]),
        fit_reference=ReferenceTable.from_dict(model["fit_reference"]),
        engagement_reference=None if engagement is None else ReferenceTable.from_dict(engagement),
        profiles=ProfileSet.from_dict(model["profiles"]),
        profile_traits=tuple(model["profile_traits"]),
        reasons=ReasonBook.from_dict(model["reasons"]),
        base_rate=model["base_rate"],
        mode=model["mode"],
        signal=model["signal"],
        amounts=model["amounts"],
        importance=tuple(model["importance"]),
        as_of=model["as_of"],
        account_source=model["account_source"],
        card=json.loads(files["card.json"]),
        watch=WatchReference.from_dict(model["watch"]) if "watch" in model else None,
        familiarity=None if familiarity is None else Familiarity.from_dict(familiarity),
        amount_model=None if amount_model is None else AmountModel.from_dict(amount_model),
        worked_region=None if worked_region is None else WorkedRegion.from_dict(worked_region),
        recipe=model.get("recipe", {}),
        index=None if index is None else IndexProfile.from_dict(index),
        messages=None if messages is None else MessageBook.from_dict(messages),
    )
