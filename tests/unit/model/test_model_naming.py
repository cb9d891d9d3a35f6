"""Names that people set for profiles."""

from __future__ import annotations

import pytest

from icp.errors import ConfigError
from icp.model._naming import read_names


def test_names_are_taken_as_written_or_refused_with_what_they_would_become():
    assert read_names(["P1=Söhne und  Töchter", "P2=auto"]) == {"P1": "Söhne und Töchter", "P2": "auto"}
    with pytest.raises(ConfigError) as caught:
        read_names(["P1=Steak & Söhne", "P2=Shops", "P3==1+1"])
    told = [problem.message for problem in caught.value.problems]
    assert len(told) == 2 and "'Steak & Söhne' would reach a CRM as 'Steak and Söhne'" in told[0]
