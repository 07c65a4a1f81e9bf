"""One task with one energy per case (surfaces, point defects), and how its page speaks of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash.development.base_component import Component

from softdash.web.parts.page_parts import Children


@dataclass(frozen=True, slots=True)
class ParityTask:
    """One task of the paper and how its page speaks of it.

    Attributes
    ----------
    key, title : str
        Of the page and of its files: ``"surfaces"``.
    lead : str or components
    quantity, plural, many, unit : str
        ``"surface energy"``, ``"surface energies"``, ``"surfaces"``, ``"eV/Å²"``.
    decimals : int
        Of energies on hovering.
    figure : str
        ``"Fig. 2a"``.
    digitised, computed : str
        Paths of the tables.
    published_task, published_count : str
        Task and metric of the published values.
    headings : (str, str)
        Columns of the table of cases.
    definition : sequence of Component
    settings : sequence of (name, paper, softdash)
    caveats : sequence of str
    warning : str
        What must not be overlooked about the digitised points; empty when there is nothing.
    is_illustration : bool
        Whether so many digitised points are missing that nothing is computed from them.
    """

    key: str
    title: str
    lead: Children
    quantity: str
    plural: str
    many: str
    unit: str
    decimals: int
    figure: str
    digitised: str
    computed: str
    published_task: str
    published_count: str
    headings: tuple[str, str]
    definition: Sequence[Component]
    settings: Sequence[tuple[str, Children, Children]]
    caveats: Sequence[str]
    warning: str = ""
    is_illustration: bool = False
