"""An MLflow model folder around a bundle: script, signature, an invented input example, no path of this machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from icp._version import __version__
from icp.tracking._store import quiet_mlflow

__all__ = ["write_model_folder"]

_INVENTED = {"numeric": 1.0, "boolean": "yes", "date": "2026-01-31"}
_OUTPUTS = (
    ("propensity", "double"), ("percentile", "double"), ("tier", "string"), ("profile", "string"),
    ("reason_1", "string"), ("reason_2", "string"), ("reason_3", "string"),
)  # fmt: skip


def write_model_folder(bundle: Path, folder: Path) -> None:
    """Write what MLflow calls a model.

    Parameters
    ----------
    bundle : Path
        The bundle; copied as it is.
    folder : Path
        Where; made.
    """
    quiet_mlflow()
    import mlflow.pyfunc
    import pandas as pd

    inputs = _inputs(bundle)
    # MLflow compares the names with numbers, which pandas 3.0.0 refuses where they are of its type for texts
    names = pd.Index(list(inputs), dtype=object)
    example = [_INVENTED.get(kind, "example") for kind in inputs.values()]
    mlflow.pyfunc.save_model(
        path=str(folder),
        python_model=str(Path(__file__).with_name("_scorer.py")),
        artifacts={"bundle": str(bundle)},
        signature=_signature(inputs),
        input_example=pd.DataFrame([example], columns=names) if example else None,
        pip_requirements=[f"icp=={__version__}"],
    )
    _without_paths(folder / "MLmodel", bundle)


def _inputs(bundle: Path) -> dict[str, str]:
    """Name and kind of each column the model reads from a table."""
    model = json.loads((bundle / "model.json").read_text("utf-8"))
    read = {name for trait in model["traits"] if trait["rule"] in ("value", "age") for name in trait["sources"]}
    return {column["name"]: column["kind"] for column in model["columns"] if column["name"] in read}


def _signature(inputs: dict[str, str]) -> Any:
    """Every column optional, numbers as double: the only types that survive missing values."""
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema

    columns = [
        ColSpec("double" if kind == "numeric" else "string", name, required=False) for name, kind in inputs.items()
    ]
    results = [ColSpec(kind, name, required=name in ("propensity", "percentile")) for name, kind in _OUTPUTS]
    return ModelSignature(inputs=Schema(columns) if columns else None, outputs=Schema(results))


def _without_paths(file: Path, bundle: Path) -> None:
    """MLflow notes where files came from; that place is nobody's business."""
    text = file.read_text("utf-8").replace(str(bundle), "bundle")
    file.write_text(text.replace(str(Path(__file__).with_name("_scorer.py")), "_scorer.py"), encoding="utf-8")
