"""The simulations behind the statistical claims: ``python -m benchmarks.claims`` writes ``docs/benchmarks/claims.md``.

A claim is a module of this folder whose name has no leading underscore. It has a docstring, whose first line becomes
its heading, and one function::

    def run(n_runs: int, seed: int) -> list[ClaimRow]

``n_runs`` is the number of simulations of the cheap kind; where one costs more, the module divides, and each row says
how many it rests on. ``seed`` decides every draw. Nothing is written, no file of the machine is read, and the same
function with fewer runs is what ``tests/recovery`` holds to its target. The row: ``_protocol.py``.
"""
