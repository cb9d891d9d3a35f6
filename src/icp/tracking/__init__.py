"""Versions of models: logged, registered, found again, promoted and rolled back. The only package that uses MLflow.

``tracking=local`` keeps everything under ``mlruns/`` in the working directory: an SQLite store and the artifacts
beside it. ``tracking=server`` speaks to an MLflow server. The logged model is a bundle (data) with a script of a few
lines for MLflow's own tools; ``icp`` itself reads the bundle and never runs the script. MLflow's telemetry is switched
off before MLflow is imported, its global state is not touched, and its messages never reach the user.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
