"""``python -m icp.validate``: what each column was taken for and why, and every problem at once, numbered."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from icp._outcome import Outcome

if TYPE_CHECKING:
    from icp.tables import Finding

__all__ = ["ValidateResult", "run"]


@dataclass(frozen=True)
class ValidateResult(Outcome):
    """What looking at the data found.

    Parameters
    ----------
    output : Path
        Folder with ``columns.csv``, ``findings.json`` and ``signoff.yaml``, the sheet both teams sign.
    findings : tuple of Finding
        Everything that was found.
    lines : tuple of str
        The tables in words.
    sheet : str, default=""
        Where the definition is to be signed, or what stands there already.
    """

    output: Path
    findings: tuple[Finding, ...]
    lines: tuple[str, ...]
    sheet: str = ""

    def summary(self) -> str:
        """The tables, the findings that matter most first, and where the rest is.

        Returns
        -------
        str
            For the terminal.
        """
        order = {"issue": 0, "warning": 1, "note": 2}
        ranked = sorted(self.findings, key=lambda finding: order[finding.severity])
        shown = [f"{item.code} {item.severity}: {item.message}{_rows(item)}" for item in ranked]
        more = [f"... and {len(shown) - 15} more"] if len(shown) > 15 else []
        where = f"columns: {self.output / 'columns.csv'}   findings: {self.output / 'findings.json'}"
        return "\n".join([*self.lines, *shown[:15], *more, where, *filter(None, [self.sheet])])


def run(cfg: Any) -> ValidateResult:
    """Read the tables, check them, write what was found.

    Parameters
    ----------
    cfg : config
        From ``icp.load_config("validate", overrides)``.

    Returns
    -------
    ValidateResult
        The findings, and where everything is.

    Raises
    ------
    ICPError
        Tables cannot be read; the problems of all of them at once.
    """
    from icp._files import staged_folder
    from icp._outputs import write_findings
    from icp._validation import validate
    from icp.config import resolve, resolved_yaml
    from icp.labels import is_filled_in, sheet_line, signoff_template

    config = resolve(cfg)
    found = validate(config)
    sheet = Path(config.output) / "signoff.yaml"
    said = "" if found.definition is None else sheet_line(sheet, found.definition)
    with staged_folder(config.output) as stage:
        found.columns.to_csv(stage / "columns.csv", index=False, lineterminator="\n")
        write_findings(stage, [finding.to_dict() for finding in found.findings])
        if found.definition is not None and not is_filled_in(sheet):
            (stage / sheet.name).write_text(signoff_template(found.definition), encoding="utf-8")
        (stage / "config.yaml").write_text(resolved_yaml(config), encoding="utf-8")
    return ValidateResult(Path(config.output), found.findings, found.lines, said)


def _rows(finding: Finding) -> str:
    return "" if finding.n_rows is None else f" ({finding.n_rows:,} rows)"


if __name__ == "__main__":
    from icp._command import main

    main("validate")
