"""A fitted model as data: a folder of JSON and LightGBM text, with a content hash.

Loading a bundle runs no code from it: the manifest names every file with its sha256, only files of known names are
opened, and each is checked before it is parsed. Other files in the folder are never touched. A bundle holds no clock,
no path and no cell of a real account, so the same data, configuration and seed give the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from icp._bundle_files import FORMAT, MANIFEST, checked_files, hash_of_files, manifest_hashes
from icp._files import from_json, staged_folder, to_json
from icp._notebook import Box, Boxed
from icp._sound import check_types, within
from icp.accounts import check_format
from icp.checks import WatchReference
from icp.errors import BundleError
from icp.messages import MessageBook
from icp.profiles import IndexProfile, ProfileSet
from icp.reasons import ReasonBook
from icp.scoring import AmountModel, Familiarity, ReferenceTable, ScoreModel, WorkedRegion
from icp.tables import Column, Trait
from icp.traits import check_rule

__all__ = ["Bundle", "Scorer", "from_files", "read"]


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
        return hash_of_files({name: hashlib.sha256(data).hexdigest() for name, data in self.files().items()})

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
        manifest = {"format": FORMAT, "name": self.name, "content_hash": hash_of_files(hashes), "files": hashes}
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
    hashes = manifest_hashes(path)
    files = checked_files(path, hashes)
    try:
        bundle = from_files(files)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, ArithmeticError, RecursionError) as error:
        raise BundleError.one(
            "ICP514",
            f"the model in '{folder}' does not fit together ({type(error).__name__}).",
            "Train it again, or copy the folder again from where it was made.",
        ) from None
    vars(bundle)["content_hash"] = hash_of_files(hashes)  # as checked: writing it all anew to hash it takes longer
    return bundle


def from_files(files: Mapping[str, bytes]) -> Bundle:
    """A bundle from the bytes of its files, as :meth:`Bundle.files` gives them.

    Parameters
    ----------
    files : mapping of str to bytes
        ``model.json``, ``card.json`` and the forests.

    Returns
    -------
    Bundle
        Equal to the one they came from.

    Raises
    ------
    ValueError, KeyError, TypeError, AttributeError, IndexError, ArithmeticError, RecursionError
        They are no model: a part is missing, of another kind, or does not fit the others.
    """
    model = from_json(files["model.json"])
    texts = tuple(files[f"forest_{i:02d}.txt"].decode() for i in range(model["n_forests"]))
    if len(texts) + 2 != len(files):
        raise ValueError("there are forests that the model does not know")
    engagement = model["engagement_reference"]
    familiarity, amount_model = model.get("familiarity"), model.get("amount_model")
    worked_region, index, messages = (model.get(key) for key in ("worked_region", "index", "messages"))
    bundle = Bundle(
        name=model["name"],
        columns=tuple(Column.from_dict(column) for column in model["columns"]),
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
        card=from_json(files["card.json"]),
        watch=WatchReference.from_dict(model["watch"]) if "watch" in model else None,
        familiarity=None if familiarity is None else Familiarity.from_dict(familiarity),
        amount_model=None if amount_model is None else AmountModel.from_dict(amount_model),
        worked_region=None if worked_region is None else WorkedRegion.from_dict(worked_region),
        recipe=model.get("recipe", {}),
        index=None if index is None else IndexProfile.from_dict(index),
        messages=None if messages is None else MessageBook.from_dict(messages),
    )
    check_types(bundle)
    _check_parts(bundle)
    return bundle


def _check_parts(bundle: Bundle) -> None:
    """Refuse parts that do not fit the others; each has looked at itself when it was made."""
    n, score, profiles = len(bundle.traits), bundle.score, bundle.profiles
    traits = [(trait.name, trait.kind == "categorical", len(trait.levels)) for trait in bundle.traits]
    said = [(one.trait, one.levels, len(one.groups) - 1 if one.levels else 0) for one in bundle.reasons.traits]
    lines = [part.line for part in (bundle.amount_model, bundle.worked_region) if part is not None]
    lines += [score.linear] if isinstance(score, ScoreModel) else []
    by_trait = [[curve.kind == "levels" for curve in line.curves] for line in lines]
    by_trait += [] if bundle.familiarity is None else [[one.kind == "levels" for one in bundle.familiarity.usual]]
    by_trait += [] if bundle.watch is None else [[one.categorical for one in bundle.watch.traits]]
    wanted = [categorical for _, categorical, _ in traits]
    if said != traits or len(bundle.importance) != n or any(kinds != wanted for kinds in by_trait):
        raise ValueError("each trait has its part in everything that is made of traits")
    if len({name for name, *_ in traits}) != n or min(bundle.importance, default=0.0) < 0:
        raise ValueError("each trait has a name of its own, and counts for something or nothing")
    groups = [group for entry in (bundle.messages.entries if bundle.messages else ()) for group in entry.conditions]
    groups += [(column, group) for column, _, _, group in (bundle.index.groups if bundle.index else ())]
    columns, n_traits = [*profiles.columns, *(column for column, _ in groups)], len(bundle.profile_traits)
    in_place = within(bundle.profile_traits, n) and within(columns, n_traits)
    if not in_place or (profiles.profiles and len(profiles.space.axes) != n_traits):
        raise ValueError("profiles are made of traits, each with its coordinates")
    if bundle.as_of and date.fromisoformat(bundle.as_of).isoformat() != bundle.as_of:
        raise ValueError("the date of the picture is a day")
    known_mode = bundle.mode in ("rates", "linear", "blend")
    if not known_mode or not 0 < bundle.base_rate < 1 or (bundle.amounts and "" not in bundle.amounts):
        raise ValueError("there is a kind of model, a rate, and an amount for accounts of no profile")
    if bundle.engagement_reference is not None and len(bundle.engagement_reference.tiers) > 3:
        raise ValueError("engagement has no level for so many tiers")
    _check_columns(bundle.columns, bundle.traits)


_READ_AS = {"age": ("date",), "numeric": ("numeric",), "categorical": ("categorical", "boolean")}


def _check_columns(columns: tuple[Column, ...], traits: tuple[Trait, ...]) -> None:
    """Refuse traits that are made of no column, or of one that is read as something else."""
    kinds = {column.name: column.kind for column in columns}
    if len(kinds) != len(columns) or any(one.role == "observed_at" and one.kind != "date" for one in columns):
        raise ValueError("each column has a name of its own, and that of dates holds dates")
    for column in columns:
        check_format(column.date_format)
    for trait in traits:
        wanted = _READ_AS["age" if trait.rule == "age" else trait.kind]
        if trait.rule not in ("value", "age"):
            check_rule(trait.rule)
        elif any(kinds[name] not in wanted for name in trait.sources):
            raise ValueError("a trait is made of a column of its kind")
