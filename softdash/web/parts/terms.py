"""The terms of the field, each with a one-sentence definition that opens on hovering, focus and touch.

Headings of tables, names of numbers and labels of controls are marked in the browser (``assets/terms.js``) wherever
they name a term; running text marks its terms with `term` or `explained`. All read the same sentences.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache

from dash import html
from dash.development.base_component import Component

from softdash.softening.quantities import QUANTITIES


@dataclass(frozen=True, slots=True)
class Term:
    """A term of the field.

    Attributes
    ----------
    key : str
        Its name in the code, and the end of its element's id.
    definition : str
        One sentence, at most two.
    names : tuple of str
        How pages write it, without a plural s; of a heading the first counts, and of two that begin there the longer.
    in_text : bool
        Whether `explained` marks it: not where the name is a word of every day.
    in_headings : bool
        Whether headings are marked that hold it: not where it is a part of potentials' names.
    """

    key: str
    definition: str
    names: tuple[str, ...]
    in_text: bool = True
    in_headings: bool = True

    @property
    def element_id(self) -> str:
        """Id of the element that holds the definition."""
        return "definition-" + re.sub(r"[^a-z0-9]+", "-", self.key.lower()).strip("-")


_TERMS: tuple[Term, ...] = (
    *(Term(quantity.names[0], quantity.definition, quantity.names) for quantity in QUANTITIES if quantity.names),
    Term(
        "slope",
        "By how much predicted values grow with DFT values, by least squares: 1 is right, below 1 they are too small. "
        "Of forces, unless another quantity is named.",
        ("slope", "median slope"),
        in_text=False,
    ),
    Term(
        "slope through origin",
        "Least squares of predicted on DFT values through the origin: below 1 the potential's values are too small.",
        ("slope through origin",),
    ),
    Term(
        "universal potential",
        "A machine-learning interatomic potential (uMLIP) trained on nearly all elements: M3GNet, CHGNet, MACE.",
        ("universal potential", "uMLIP"),
    ),
    Term(
        "DFT",
        "Density-functional theory, the electronic-structure method whose forces the potentials learn.",
        ("DFT",),
        in_text=False,
    ),
    Term(
        "potential-energy surface",
        "The energy as a function of all atomic positions; forces are its slope, vibrations its curvature.",
        ("potential-energy surface", "PES"),
    ),
    Term(
        "functional",
        "The approximation inside DFT, for example PBE; a potential reproduces the one whose labels it learnt.",
        ("functional", "level of theory"),
        in_text=False,
    ),
    Term(
        "PBE",
        "The DFT functional of Perdew, Burke and Ernzerhof: the level of most training data.",
        ("PBE",),
        in_headings=False,
    ),
    Term(
        "PBEsol",
        "PBE readjusted for solids; its lattices are smaller and its vibrations stiffer.",
        ("PBEsol",),
        in_headings=False,
    ),
    Term(
        "r2SCAN", "A newer DFT functional, in general more accurate than PBE.", ("r2SCAN", "r²SCAN"), in_headings=False
    ),
    Term(
        "95 % interval",
        "Made so that it holds the true number in 95 of 100 repetitions with other materials (for one material: with "
        "other frames).",
        ("95 % interval", "±"),
    ),
    Term("mean error", "Mean of predicted minus DFT; negative: predicted too low.", ("mean error",), in_text=False),
    Term(
        "error split",
        "Σ(y − x)² = (1 − s)² Σx² + Σ(y − s x)²: what comes with the slope, and what scatters about it.",
        ("squared force error", "softening's share", "scatter's share"),
    ),
    Term(
        "√s",
        "Where the energy surface is flatter by s, vibrations are slower by √s: frequencies go with the root of force "
        "constants.",
        ("√s",),
    ),
    Term(
        "leave-one-out",
        "The slope again and again without one of the frames: its range shows whether a single one decides.",
        ("leave-one-out", "leave-one-frame-out", "leaving one frame out", "one frame left out"),
    ),
    Term(
        "parity plot",
        "Predicted against DFT values, a point each; on the diagonal they agree.",
        ("parity plot", "force parity"),
    ),
    Term(
        "force component",
        "The x, y or z part of the force on one atom: a frame of N atoms has 3N.",
        ("force component", "component"),
        in_text=False,
    ),
    Term(
        "frame",
        "One arrangement of the atoms with its forces: one DFT calculation, or one step of molecular dynamics.",
        ("frame", "frames used"),
        in_text=False,
    ),
    Term(
        "quartile",
        "Values below which a quarter, half and three quarters of the materials lie.",
        ("quartile", "middle half"),
    ),
    Term(
        "below 1.00",
        "Share of materials on the soft side of 1.00; its interval by Wilson's formula from share and n.",
        ("below 1.00", "below 1"),
        in_text=False,
    ),
    Term(
        "interval below",
        "Of the materials with at least two frames, those whose own 95 % interval lies wholly on that side of 1.00.",
        ("interval below", "interval above"),
    ),
    Term("underpredicted", "Share of cases in which the potential's energy is below DFT's.", ("underpredicted",)),
    Term(
        "rank correlation",
        "Spearman's: 1 where two potentials put the materials in the same order, 0 where the orders are unrelated.",
        ("rank correlation",),
    ),
    Term(
        "made worse",
        "Share of materials whose error grows when the cloud is turned back onto the diagonal.",
        ("made worse",),
        in_text=False,
    ),
    Term(
        "offset",
        "What predicted minus DFT has in common everywhere: the intercept of the line.",
        ("offset",),
        in_text=False,
    ),
    Term("draw", "One random choice of the frames that are learnt from.", ("draw",), in_text=False),
    Term("n", "Number of cases behind the numbers of this row.", ("n",), in_text=False),
    Term(
        "geometry",
        "Relaxed: each potential moves the atoms to its own minimum. DFT: the potential at the atoms' places by DFT.",
        ("geometry",),
        in_text=False,
    ),
    Term(
        "reference data",
        "Structures with DFT forces that the potentials are compared with; the methods page lists all sets.",
        ("reference data",),
        in_text=False,
    ),
    Term(
        "WBM",
        "About 257,000 computer-made crystals beside those of the Materials Project (Wang, Botti, Marques). The paper "
        "took about 1,000 of them.",
        ("WBM",),
    ),
    Term("digitised", "Read off a published figure by its pixels: approximate, here to about ±0.02.", ("digitised",)),
    Term(
        "fine-tuning",
        "Training a potential further, from its published parameters, on labels of one's own material.",
        ("fine-tuning", "fine-tune"),
    ),
    Term(
        "frequency ratio",
        "Highest phonon frequency by the potential divided by the highest by DFT.",
        ("frequency ratio", "ratio to DFT", "median, relaxed", "median, DFT geometry"),
    ),
    Term(
        "imaginary mode",
        "A vibration along which the energy falls: the structure is unstable. Drawn as a negative frequency.",
        ("imaginary mode", "imaginary", "imaginary frequency"),
    ),
    Term(
        "length change",
        "Change of the lattice lengths when the potential relaxes the cell itself, against the DFT geometry.",
        ("length change", "length (%)"),
        in_text=False,
    ),
    Term("residual force", "Largest force that is left on an atom after relaxation.", ("residual force",)),
    Term(
        "migration barrier",
        "Energy of the highest image of the path above its lowest: what an ion must climb to hop.",
        ("migration barrier", "barrier"),
    ),
)

_BY_KEY = {one.key: one for one in _TERMS}


def term(name: str, text: str | None = None) -> Component:
    """Return `text` (default: the name) with the definition of the term `name`.

    Raises
    ------
    KeyError
        If the term has no definition.
    """
    return html.Span(text or name, className="term", tabIndex=0, **{"aria-describedby": _BY_KEY[name].element_id})


def tooltip(text: str, explanation: str) -> Component:
    """Return `text`, dotted, with an explanation of its own on hovering, focus and touch."""
    return html.Span(text, className="term", tabIndex=0, **{"data-explanation": explanation})


def explained(text: str) -> list[str | Component]:
    """Return `text` with the first occurrence of each term marked."""
    marks: list[tuple[int, int, str]] = []
    seen: set[str] = set()
    for found in _names_in_text().finditer(text):
        key = _key_of(found["name"])
        if key not in seen:
            seen.add(key)
            marks.append((found.start(), found.end(), key))
    parts: list[str | Component] = []
    ends = [0, *(end for _, end, _ in marks)]
    for before, (start, end, key) in zip(ends, marks, strict=False):
        parts += [text[before:start], term(key, text[start:end])]
    return [part for part in (*parts, text[ends[-1] :]) if part != ""]


def definition_list() -> html.Div:
    """Return all definitions, hidden: screen readers read them by ``aria-describedby``, and the browser shows them."""
    return html.Div(
        [
            html.Span(
                one.definition,
                id=one.element_id,
                **{"data-names": json.dumps(one.names if one.in_headings else (), ensure_ascii=False)},
            )
            for one in _TERMS
        ],
        id="definitions",
        hidden=True,
    )


@cache
def _names_in_text() -> re.Pattern[str]:
    words = (name for one in _TERMS if one.in_text for name in one.names if any(map(str.isalpha, name)))
    names = sorted(words, key=len, reverse=True)
    return re.compile(rf"(?<![\w.])(?P<name>{'|'.join(map(re.escape, names))})(?:s|es)?(?!\w)", re.IGNORECASE)


@cache
def _key_of(name: str) -> str:
    return next(one.key for one in _TERMS if name.lower() in {known.lower() for known in one.names})
