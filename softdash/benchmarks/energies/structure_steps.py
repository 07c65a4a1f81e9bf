"""What the four energy tasks share: structures to relax, cases whose value follows from their energies, tasks.

A method - density-functional theory or a potential - goes through the same steps, each from its own results before:
it relaxes its own bulk crystal, cuts the slab or makes the defect from that, and relaxes again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ase import Atoms


class Freedom(StrEnum):
    """What may move while a structure is relaxed."""

    NOTHING = "nothing"
    POSITIONS = "positions"
    CELL_AND_POSITIONS = "cell and positions"


@dataclass(frozen=True, slots=True)
class StructureStep:
    """One structure to be relaxed by every method.

    Parameters
    ----------
    name : str
        Unique over all tasks, so that tasks share a bulk crystal.
    build : callable
        Makes the starting structure from the relaxed structures of `parents`; may carry ASE constraints.
    freedom : Freedom
        What is relaxed.
    parents : tuple of str
        Steps that come first.
    is_metal : bool
        Density-functional theory takes the denser k-points for it.
    k_axes : tuple of bool
        Axes that are sampled by k-points: not the vacuum of a slab, none of a molecule.
    spin : float or None
        Total magnetic moment (µB) to start density-functional theory from; None for no spin polarisation.
    """

    name: str
    build: Callable[[Mapping[str, Atoms]], Atoms]
    freedom: Freedom
    parents: tuple[str, ...] = ()
    is_metal: bool = False
    k_axes: tuple[bool, bool, bool] = (True, True, True)
    spin: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class RelaxedStructure:
    """A structure as one method left it.

    Parameters
    ----------
    atoms : ase.Atoms
        Without calculator and constraints.
    energy : float
        eV.
    steps : int
        Of the relaxation; 0 for a static calculation.
    max_force : float
        Largest force on a free atom, eV/Å.
    has_converged : bool
        Whether the tolerance was reached.
    details : str
        How it was computed.
    """

    atoms: Atoms
    energy: float
    steps: int
    max_force: float
    has_converged: bool
    details: str = ""


Results = Mapping[str, RelaxedStructure]


@dataclass(frozen=True, slots=True)
class EnergyCase:
    """One number of a task: a surface energy, a formation energy, a mixing energy, an energy along a path.

    Parameters
    ----------
    case_id : str
    material, label, kind : str
        What the tables say: ``"MgO"``, ``"(100)"``, ``"surface"``.
    steps : tuple of str
        The steps whose results `value` needs.
    subject : str
        The one of them that the case is about: the slab, the defect, the image; tables tell its size and forces.
    value : callable
        Results of those steps to the number, in the task's unit.
    coordinate : float or None
        Calcium fraction, or place along the path (0 to 1).
    note : str
        What a reader has to know.
    """

    case_id: str
    material: str
    label: str
    kind: str
    steps: tuple[str, ...]
    subject: str
    value: Callable[[Results], float]
    coordinate: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class EnergyTask:
    """One of the paper's tasks on our own structures."""

    name: str
    title: str
    unit: str
    steps: tuple[StructureStep, ...]
    cases: tuple[EnergyCase, ...]

    def case(self, case_id: str) -> EnergyCase:
        """Return one case.

        Raises
        ------
        KeyError
            If the task has no such case.
        """
        return next(case for case in self.cases if case.case_id == case_id)


def in_order(steps: Sequence[StructureStep], wanted: Sequence[str]) -> list[StructureStep]:
    """Return the wanted steps and all they build on, parents first, each once, in the order first needed."""
    by_name = {step.name: step for step in steps}
    ordered: dict[str, StructureStep] = {}

    def add(name: str) -> None:
        if name in ordered:
            return
        for parent in by_name[name].parents:
            add(parent)
        ordered[name] = by_name[name]

    for name in wanted:
        add(name)
    return list(ordered.values())


def energy_per_atom(result: RelaxedStructure) -> float:
    """Return the energy per atom, eV."""
    return result.energy / len(result.atoms)
