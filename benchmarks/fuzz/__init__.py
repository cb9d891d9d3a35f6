"""Damaged input for every reader and writer: it is read, or refused in one block, and nothing else happens."""

from benchmarks.fuzz._trying import Count, attempt, fuzz

__all__ = ["Count", "attempt", "fuzz"]
