"""A potential as an ASE calculator, for ASE's optimisers and molecular dynamics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes
from ase.stress import full_3x3_to_voigt_6_stress

from softdash.potentials.interface import Potential


class PotentialCalculator(Calculator):
    """Energy (eV), forces (eV/Å) and stress (eV/Å³, ASE's sign) of a loaded potential.

    All three are computed in one call whichever is asked first: an optimiser of the cell wants them all.

    Parameters
    ----------
    potential : Potential
        See `softdash.potentials.registry.load_potential`.
    with_stress : bool
        Off for dynamics at constant volume, which it makes a third faster.
    """

    implemented_properties: ClassVar[list[str]] = [  # type: ignore[misc]
        "energy",
        "free_energy",
        "forces",
        "stress",
    ]

    def __init__(self, potential: Potential, *, with_stress: bool = True) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._potential = potential
        self._with_stress = with_stress

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: Sequence[str] = ("energy",),  # noqa: ARG002 - the signature is ASE's
        system_changes: Sequence[str] = all_changes,
    ) -> None:
        """Compute the present atoms.

        Raises
        ------
        PredictionError
            If the potential cannot compute them.
        """
        super().calculate(atoms, ["energy"], system_changes)  # type: ignore[no-untyped-call]
        present: Any = self.atoms
        bare = present.copy()
        # Symmetry constraints act on what the optimiser sees, not on what the potential says.
        bare.set_constraint()
        prediction = self._potential.predict([bare], stress=self._with_stress)[0]
        results: dict[str, Any] = {
            "energy": prediction.energy,
            "free_energy": prediction.energy,
            "forces": prediction.forces,
        }
        if prediction.stress is not None:
            results["stress"] = full_3x3_to_voigt_6_stress(prediction.stress)
        self.results = results
