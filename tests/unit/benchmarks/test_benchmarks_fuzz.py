"""A few hundred damaged inputs, the same each time: refused or read, and nothing else."""

from __future__ import annotations

from benchmarks import fuzz


def test_damaged_inputs_are_read_or_refused():
    counts = fuzz.fuzz(seconds=600, seed=3, most=450)
    assert {name: count.finds for name, count in counts.items() if count.finds} == {}
    assert all(count.cases >= 10 for count in counts.values())
    assert sum(count.refused for count in counts.values()) > 200


def test_what_is_no_refusal_is_found():
    count = fuzz.Count()
    fuzz._try(lambda: [][0], count)
    assert count.cases == 1 and count.refused == 0 and next(iter(count.finds)).startswith("IndexError at ")
