"""The rules of profiles as filters over the table that was learned from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from icp.model._known import Known
from icp.profiles import ProfileSet, RuleFilter, rule_filter
from icp.tables import Trait
from icp.traits import encode

__all__ = ["filters_of"]


def filters_of(profiles: ProfileSet, known: Known) -> tuple[RuleFilter, ...]:
    """The filter of each profile.

    Parameters
    ----------
    profiles : ProfileSet
        With their rules.
    known : Known
        The labelled rows, for the spellings of categories and the date of the picture.

    Returns
    -------
    tuple of RuleFilter
        In the order of the profiles.
    """
    frame = known.accounts.frame

    def spellings(trait: Trait, code: int) -> Sequence[str]:
        cells = frame[trait.sources[0]].dropna().unique()
        texts = np.array([str(cell) for cell in cells], dtype=object)
        nowhere = np.full(len(texts), np.datetime64("NaT", "us"))
        codes = encode({trait.sources[0]: texts}, nowhere, (trait,))[:, 0]
        return sorted(texts[codes == code])

    dates = np.unique(known.as_of)
    as_of = dates[0] if len(dates) == 1 and not np.isnat(dates[0]) else None
    traits = known.profiled().traits
    return tuple(rule_filter(profile, traits, spellings, as_of) for profile in profiles.profiles)
