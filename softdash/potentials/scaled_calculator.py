"""A potential times one factor, as an ASE calculator: the linear correction of Deng et al. (2025), eq. 4."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes

from softdash.errors import InputError, PotentialUnavailableError
from softdash.potentials.ase_calculator import PotentialCalculator
from softdash.potentials.correction_recipe import CorrectionRecipe, read_recipe
from softdash.potentials.interface import PotentialCard
from softdash.potentials.registry import card, load_potential


class NotRecommendedWarning(UserWarning):
    """A correction is used that its own recipe advises against."""


class StressNotScaledWarning(UserWarning):
    """The factor of a recipe does not hold for stresses, which stay as the potential gives them."""


class ScaledCalculator(Calculator):
    """E' = E₀ + c (E − E₀), F' = c F, σ' = c σ: a potential-energy surface stretched about a reference state.

    The reference state keeps its energy, all differences from it are multiplied by c. Minima, saddle points and
    relaxed cells stay where they are; barriers and differences grow by c, frequencies by √c.

    Where the labels' stresses want another factor than their forces, stresses are not scaled. They are no derivative
    of E' then: a cell that moves does not keep its energy, but relaxations end where they ended before.

    Parameters
    ----------
    base : ase.calculators.calculator.Calculator
        The uncorrected potential; energy in eV, forces in eV/Å, stress in eV/Å³.
    factor : float
        c.
    references : mapping of str to float
        Energy per atom of the reference state in eV, by reduced composition as ASE writes it
        (``atoms.get_chemical_formula("metal", empirical=True)``).
    scales_stress : bool
        Whether stresses are multiplied, too.
    """

    implemented_properties: ClassVar[list[str]] = [  # type: ignore[misc]
        "energy",
        "free_energy",
        "forces",
        "stress",
    ]

    def __init__(
        self, base: Calculator, factor: float, references: Mapping[str, float], *, scales_stress: bool = True
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.scales_stress = scales_stress
        self.factor = factor
        self._base = base
        self._references = dict(references)

    @classmethod
    def from_recipe(
        cls,
        path: str | Path,
        *,
        references: Mapping[str, float] | None = None,
        calculator: Calculator | None = None,
    ) -> ScaledCalculator:
        """Load the potential that a recipe names, and apply the recipe.

        Parameters
        ----------
        path : str or pathlib.Path
            A file that ``softdash correct`` wrote.
        references : mapping of str to float, optional
            Further reference states, or others than the recipe's; as for the class.
        calculator : ase.calculators.calculator.Calculator, optional
            What the factor was fitted to, where that was a calculator without a card: whoever gives it answers for
            its weights. Default: the potential that the recipe names.

        Raises
        ------
        InputError
            If the file is no recipe.
        PotentialUnavailableError
            If the potential is not installed here, or its weights are not those the factor was fitted to.
        """
        recipe = read_recipe(Path(path))
        if calculator is None:
            require_same_weights(recipe, card(recipe.potential.name), str(path))
        if not recipe.is_recommended:
            warnings.warn(recipe.advice, NotRecommendedWarning, stacklevel=2)
        scales_stress = "stress" in recipe.holds_for
        if not scales_stress:
            warnings.warn(
                f"Stresses want another factor than {recipe.factor:.4g}, which fits the forces, and are not scaled. "
                "Keep the cell fixed, or fine-tune.",
                StressNotScaledWarning,
                stacklevel=2,
            )
        states = {state.formula: state.energy_per_atom for state in recipe.references}
        base = calculator or PotentialCalculator(load_potential(recipe.potential.name))
        return cls(base, recipe.factor, states | dict(references or {}), scales_stress=scales_stress)

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: Sequence[str] = ("energy",),
        system_changes: Sequence[str] = all_changes,
    ) -> None:
        """Compute the present atoms.

        Raises
        ------
        InputError
            If there is no reference state for their composition.
        PredictionError
            If the potential cannot compute them.
        """
        super().calculate(atoms, list(properties), system_changes)  # type: ignore[no-untyped-call]
        present: Any = self.atoms
        reference = self._reference_energy(present)
        self._base.calculate(present, list(properties), system_changes)
        results: dict[str, Any] = {}
        for name in self.implemented_properties:
            if name not in self._base.results:
                continue
            value = self._base.results[name]
            if name in {"energy", "free_energy"}:
                results[name] = reference + self.factor * (value - reference)
            elif name == "stress" and not self.scales_stress:
                results[name] = value
            else:
                results[name] = self.factor * value
        self.results = results

    def _reference_energy(self, atoms: Atoms) -> float:
        """Energy of as many atoms of the reference state, eV."""
        formula = str(atoms.get_chemical_formula(mode="metal", empirical=True))
        if formula not in self._references:
            raise InputError(
                f"There is no reference energy for {formula}; there is one for {', '.join(sorted(self._references))}. "
                "Without one, energies of different compositions would be scaled about different zeros.",
                advice=(
                    f"Give the energy per atom of a state that shall keep its energy: references={{'{formula}': …}}."
                ),
            )
        return self._references[formula] * len(atoms)


def require_same_weights(recipe: CorrectionRecipe, present: PotentialCard, where: str) -> None:
    """Refuse a recipe that was fitted to other weights than those that are here.

    Raises
    ------
    PotentialUnavailableError
    """
    sha256 = present.weights_sha256()
    if sha256 != recipe.potential.weights_sha256:
        raise PotentialUnavailableError(
            f"The recipe was fitted to {recipe.potential.label} with the weights "
            f"{recipe.potential.weights_sha256[:12]}…, but those installed here are {sha256[:12]}…: the factor does "
            "not belong to them.",
            where=where,
            advice=(
                f"Install {recipe.potential.package} {recipe.potential.package_version}, or fit again with: "
                f"softdash correct FILE --potential {recipe.potential.name}"
            ),
        )
