"""How things show themselves in a notebook: one small box, every text escaped, nothing loaded for it."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Box", "Boxed"]

_MAX_ROWS = 10


@dataclass(frozen=True)
class Box:
    """What there is to show.

    Parameters
    ----------
    title : str
        One line.
    facts : mapping of str to Any, default={}
        Name and value of what is worth knowing.
    columns : sequence of str, default=()
        Of a small table below.
    rows : iterable of sequence, default=()
        Its cells; the first ten are shown.
    text : str, default=""
        Lines as a terminal shows them.
    """

    title: str
    facts: Mapping[str, Any] | None = None
    columns: Sequence[str] = ()
    rows: Iterable[Sequence[Any]] = ()
    text: str = ""

    def html(self) -> str:
        """The box as HTML.

        Returns
        -------
        str
            One ``<div>``.
        """
        facts = "".join(f"<dt>{_text(name)}</dt><dd>{_text(value)}</dd>" for name, value in (self.facts or {}).items())
        parts = [f"<strong>{_text(self.title)}</strong>"]
        parts += [f"<dl>{facts}</dl>"] if facts else []
        parts += [f"<pre>{html.escape(self.text)}</pre>"] if self.text else []
        parts += [self._table()] if self.columns else []
        return f'<div class="icp-box">{"".join(parts)}</div>'

    def _table(self) -> str:
        rows = list(self.rows)
        head = "".join(f"<th>{_text(name)}</th>" for name in self.columns)
        body = "".join(f"<tr>{''.join(f'<td>{_text(cell)}</td>' for cell in row)}</tr>" for row in rows[:_MAX_ROWS])
        left = f"<p>and {len(rows) - _MAX_ROWS:,} more</p>" if len(rows) > _MAX_ROWS else ""
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{left}"


class Boxed:
    """Something that shows itself in a notebook as the box of :meth:`_box`."""

    def _box(self) -> Box:
        raise NotImplementedError

    def _repr_html_(self) -> str:
        return self._box().html()


def _text(value: Any) -> str:
    """A value as escaped text: whole numbers with thousands, others with four figures, nothing for what is missing."""
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return html.escape(f"{value:.4g}" if isinstance(value, float) else str(value))
