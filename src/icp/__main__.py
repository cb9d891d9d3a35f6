"""``python -m icp``: what there is to run."""

from __future__ import annotations

from icp._command import overview

if __name__ == "__main__":
    overview()
