"""What became of profiles, from where accounts stood before and stand now."""

from __future__ import annotations

import numpy as np

from icp.profiles import Former, trace


def told(before, after, n_profiles, shares=None):
    before, after = np.array(before), np.array(after)
    counts = np.bincount(before) / len(before) if shares is None else np.array(shares)
    links = trace(Former(before, counts), after, n_profiles)
    return {(link.event, link.former, link.now, link.carries_id) for link in links}


def test_profiles_that_only_change_places_are_kept():
    assert told([0] * 50 + [1] * 40, [1] * 48 + [0] * 42, 2) == {("kept", 0, 1, True), ("kept", 1, 0, True)}


def test_the_larger_part_of_a_split_profile_keeps_its_id():
    found = told([0] * 100 + [1] * 50, [0] * 40 + [2] * 60 + [1] * 50, 3)
    assert found == {("split", 0, 2, True), ("split", 0, 0, False), ("kept", 1, 1, True)}


def test_merged_profiles_pass_on_the_id_of_the_larger():
    found = told([0] * 40 + [1] * 60 + [2] * 50, [0] * 100 + [1] * 50, 2)
    assert found == {("merged", 1, 0, True), ("merged", 0, 0, False), ("kept", 2, 1, True)}


def test_few_accounts_left_near_a_profile_do_not_merge_it_into_another():
    assert ("retired", 1, None, False) in told([0] * 95 + [1] * 5, [0] * 100, 1, shares=[0.6, 0.4])


def test_a_profile_whose_accounts_come_from_everywhere_is_born():
    found = told([0] * 60 + [1] * 60 + [2] * 60, [0] * 45 + [3] * 15 + [1] * 45 + [3] * 15 + [2] * 45 + [3] * 15, 4)
    assert ("born", None, 3, False) in found and {event for event, *_ in found} == {"kept", "born"}
