"""Whether the slope betrays a factor between units, or gradients in place of forces.

Softening leaves slopes as the benchmarks show them; a forgotten conversion multiplies them by a factor that is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from softdash.diagnosis.plausibility.evidence import Agreement
from softdash.diagnosis.records import ReadingDoubt, ReadingProposal
from softdash.softening import three_digits
from softdash.structures.frames.force_units import IN_EV_PER_ANGSTROM
from softdash.structures.frames.readings import Ground

SLOPE_SEEN_LOW, SLOPE_SEEN_HIGH = 0.15, 1.6
"""Between these lie the slopes of the benchmarks where R² is high: 0.2 % of the rows of precomputed/high_energy with
R² ≥ 0.8 lie below, 1 % above. Inside, no factor is ever suspected."""

SLOPE_USUAL_LOW, SLOPE_USUAL_HIGH = 0.3, 1.35
"""A factor is proposed only if the slope after it lies between these: 97 % of the same rows."""

HIGH_R_SQUARED = 0.8
"""Only forces that agree up to a factor tell which factor."""

SMALL_FACTOR = 5.0
"""A smaller factor is suspected only where the files do not state the unit: it could be the potential's own fault …"""

SMALL_FACTOR_R_SQUARED = 0.95
"""… and only from this R² on."""

_TYPICAL_SLOPE = 0.9
_MOST_PROPOSALS = 3

_RYDBERG = IN_EV_PER_ANGSTROM["Ry/bohr"]
_HARTREE = IN_EV_PER_ANGSTROM["Ha/bohr"]


@dataclass(frozen=True, slots=True)
class _Mistake:
    """What may have happened, the factor that undoes it, and how likely it is: 1 is the most common kind."""

    label: str
    factor: float
    options: dict[str, Any]
    rarity: int


def _mistakes() -> tuple[_Mistake, ...]:
    common = ("Ry/bohr", "Ha/bohr", "meV/Å", "kcal/mol/Å")
    units = [
        _Mistake(f"Read the forces in {unit}", factor, {"force_unit": unit}, 1 if unit in common else 2)
        for unit, factor in IN_EV_PER_ANGSTROM.items()
        if unit not in ("eV/Å", "N")
    ]
    converted = [
        _Mistake(
            f"Undo a second conversion from {name}", 1 / factor, {"force_unit": "eV/Å", "force_factor": 1 / factor}, 2
        )
        for name, factor in (("Ry/bohr", _RYDBERG), ("Ha/bohr", _HARTREE), ("meV/Å", 1e-3))
    ]
    halves = [
        _Mistake("Double the forces: Ha was taken for Ry", 2.0, {"force_unit": "eV/Å", "force_factor": 2.0}, 2),
        _Mistake("Halve the forces: Ry was taken for Ha", 0.5, {"force_unit": "eV/Å", "force_factor": 0.5}, 2),
    ]
    return (*units, *converted, *halves)


_MISTAKES = _mistakes()


def doubt_about_unit(found: Agreement, *, unit: Ground, factor_is_chosen: bool) -> ReadingDoubt | None:
    """Return the doubt about unit or sign that the slope raises, or None.

    Parameters
    ----------
    found : Agreement
        In the orientation that fits best.
    unit : str
        How the unit is known. What the files state or the visitor chose is doubted only for factors that no potential
        explains.
    factor_is_chosen : bool
        Whether the visitor chose a factor or a sign already; neither is then proposed again.
    """
    if abs(found.r_squared) < HIGH_R_SQUARED or found.slope == 0 or factor_is_chosen:
        return None
    if not SLOPE_SEEN_LOW <= abs(found.slope) <= SLOPE_SEEN_HIGH:
        proposals = _proposals(found, unit)
        if proposals:
            return _factor(found, proposals)
        if unit == "assumed" and found.r_squared >= SMALL_FACTOR_R_SQUARED:
            return _unknown_factor(found)
    return _gradients(found) if found.slope < 0 else None


def _proposals(found: Agreement, unit: Ground) -> list[ReadingProposal]:
    """Return the factors that bring the slope to where benchmark materials lie, likeliest first."""
    is_open = unit == "assumed"
    may_be_small = is_open and abs(found.r_squared) >= SMALL_FACTOR_R_SQUARED
    ranked = []
    for mistake in _MISTAKES:
        slope = abs(found.slope) / mistake.factor
        is_small = 1 / SMALL_FACTOR < mistake.factor < SMALL_FACTOR
        if (is_small and not may_be_small) or not SLOPE_USUAL_LOW <= slope <= SLOPE_USUAL_HIGH:
            continue
        options = dict(mistake.options) if is_open else {"force_factor": mistake.factor}
        label = mistake.label
        if found.slope < 0:
            options["force_factor"] = -options.get("force_factor", 1.0)
            label += ", as gradients"
        proposal = ReadingProposal(label=label, options=options, slope=slope, r_squared=abs(found.r_squared))
        ranked.append(((mistake.rarity, abs(slope - _TYPICAL_SLOPE)), proposal))
    ranked.sort(key=lambda pair: pair[0])
    return [proposal for _, proposal in ranked[:_MOST_PROPOSALS]]


def _factor(found: Agreement, proposals: list[ReadingProposal]) -> ReadingDoubt:
    best = proposals[0]
    ratio = abs(found.slope) / best.slope
    unit = best.options.get("force_unit", "eV/Å")
    what = f"in {unit}" if unit != "eV/Å" else f"too {'small' if ratio > 1 else 'large'} by a factor"
    shown = ratio if ratio > 1 else 1 / ratio
    gradients = " and with the sign of gradients" if found.slope < 0 else ""
    return ReadingDoubt(
        code="unit",
        headline=f"These forces look as if they were {what} (factor {three_digits(shown)}){gradients}.",
        text=(
            f"The potential's forces follow them (R² {three_digits(abs(found.r_squared))}), but with the slope "
            f"{three_digits(found.slope)}; no benchmark material with such an R² has one like it. Is this the unit? "
            "Until you say so there is no verdict on softening."
        ),
        numbers={"slope": found.slope, "r_squared": abs(found.r_squared), "factor": ratio},
        proposals=tuple(proposals),
    )


def _unknown_factor(found: Agreement) -> ReadingDoubt:
    return ReadingDoubt(
        code="unit",
        headline="These forces seem to be multiplied by a factor that no usual unit explains.",
        text=(
            f"The potential's forces follow them (R² {three_digits(found.r_squared)}) with the slope "
            f"{three_digits(found.slope)}. Hardly any benchmark material has one like it, and the files state no unit. "
            "Forces divided by their largest one, by masses or by lengths of the cell look so. If they are in eV/Å all "
            "the same, choose that unit."
        ),
        numbers={"slope": found.slope, "r_squared": found.r_squared},
    )


def _gradients(found: Agreement) -> ReadingDoubt:
    return ReadingDoubt(
        code="gradients",
        headline="These look like energy gradients: forces with the opposite sign.",
        text=(
            f"The potential's forces follow them with the slope {three_digits(found.slope)} (R² "
            f"{three_digits(abs(found.r_squared))}). A gradient dE/dx is minus the force."
        ),
        numbers={"slope": found.slope, "r_squared": abs(found.r_squared)},
        proposals=(
            ReadingProposal(
                label="Read them as gradients",
                options={"force_factor": -1.0},
                slope=-found.slope,
                r_squared=abs(found.r_squared),
            ),
        ),
    )
