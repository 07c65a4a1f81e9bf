"""What every potential behind softdash must do, for the tests of a plug-in as for softdash's own.

One test per check, from `checks`::

    @pytest.mark.parametrize("check", checks())
    def test_contract(check):
        getattr(PotentialContract(CARD, CARD.load()), check)()
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from ase import Atoms
from ase.build.supercells import make_supercell
from numpy.typing import NDArray

from softdash.errors import PredictionError
from softdash.potentials.contract_crystals import crystals_of, displaced
from softdash.potentials.interface import Potential, PotentialCard, Prediction
from softdash.potentials.registry import check_known_energies

# Graph networks compute in float32: sums over some hundred neighbours are good to about 1e-5 eV/Å.
NET_FORCE_PER_ATOM = 1e-5
ROTATION_FORCE = 5e-5
PERMUTATION_FORCE = 2e-5
SUPERCELL_FORCE = 5e-5
SUPERCELL_ENERGY_PER_ATOM = 5e-6
BATCH_FORCE = 1e-5
BATCH_ENERGY_PER_ATOM = 5e-6
# One structure in two cells: other images, other sums, other rounding.
CELL_FORCE = 5e-5
CELL_ENERGY_PER_ATOM = 1e-5
CELL_STRESS = 5e-6
# Central differences of float32 energies with a step of 0.02 Å: noise of about 1e-6 × |E| / step, and the third
# derivative. Smaller steps only show more noise.
DIFFERENCE_STEP = 0.02
DIFFERENCE_FORCE = 0.02
DIFFERENCE_RELATIVE = 0.02
STRESS_STRAIN = 2e-3
STRESS_TOLERANCE = 2e-3
SMALLEST_FORCE_OF_A_FAIR_TEST = 0.05


class PotentialContract:
    """The checks of one potential, each an assertion with numbers in its message.

    Parameters
    ----------
    card : PotentialCard
    potential : Potential
    """

    def __init__(self, card: PotentialCard, potential: Potential) -> None:
        self.card = card
        self.potential = potential
        self.crystal, self.other_crystal = crystals_of(card.elements)

    def predict(self, *frames: Atoms) -> list[Prediction]:
        """Return what the potential says of some frames."""
        return self.potential.predict(frames)

    def check_shapes_and_types(self) -> None:
        """Forces are (N, 3) of float64, the energy is a float, no stress unasked; no frames give no predictions."""
        frames = [self.crystal, self.other_crystal]
        for frame, prediction in zip(frames, self.potential.predict(frames), strict=True):
            assert prediction.forces.shape == (len(frame), 3)
            assert prediction.forces.dtype == np.float64
            assert isinstance(prediction.energy, float)
            assert np.isfinite(prediction.forces).all()
            assert np.isfinite(prediction.energy)
            assert prediction.stress is None
        assert self.potential.predict([]) == []

    def check_forces_are_there(self) -> None:
        """The test crystal has forces: without them other checks would say nothing."""
        (prediction,) = self.predict(self.crystal)
        largest = np.abs(prediction.forces).max()
        assert largest > SMALLEST_FORCE_OF_A_FAIR_TEST, f"largest force {largest}: the other checks would be empty"

    def check_newtons_third_law(self) -> None:
        """Forces of a frame sum to zero."""
        for frame in (self.crystal, self.other_crystal):
            (prediction,) = self.predict(frame)
            net = np.abs(prediction.forces.sum(axis=0)).max() / len(frame)
            assert net < NET_FORCE_PER_ATOM, f"net force {net:.2e} eV/Å per atom"

    def check_rotation(self) -> None:
        """Forces turn with the crystal, and its energy stays."""
        rotation = _rotation_matrix(axis=(1.0, -2.0, 0.5), angle=0.7)
        turned = self.crystal.copy()
        turned.set_cell(self.crystal.cell.array @ rotation.T)
        turned.positions = self.crystal.positions @ rotation.T
        straight, rotated = self.predict(self.crystal, turned)
        _assert_forces(rotated.forces, straight.forces @ rotation.T, ROTATION_FORCE)
        per_atom = abs(rotated.energy - straight.energy) / len(turned)
        assert per_atom < BATCH_ENERGY_PER_ATOM, f"energy per atom differs by {per_atom:.2e} eV"

    def check_permutation(self) -> None:
        """Forces follow the order of the atoms."""
        order = np.random.default_rng(3).permutation(len(self.crystal))
        straight, permuted = self.predict(self.crystal, self.crystal[order])
        _assert_forces(permuted.forces, straight.forces[order], PERMUTATION_FORCE)

    def check_translation_by_lattice_vector(self) -> None:
        """An atom moved by a lattice vector changes nothing."""
        moved = self.crystal.copy()
        moved.positions[0] += self.crystal.cell.array[1]
        straight, translated = self.predict(self.crystal, moved)
        _assert_forces(translated.forces, straight.forces, SUPERCELL_FORCE)

    def check_supercell(self) -> None:
        """A supercell has the forces of its cell, and its energy per atom."""
        supercell = make_supercell(self.crystal, np.diag([2, 1, 1]), order="cell-major")
        single, double = self.predict(self.crystal, supercell)
        _assert_forces(double.forces, np.tile(single.forces, (2, 1)), SUPERCELL_FORCE)
        per_atom = abs(double.energy / len(supercell) - single.energy / len(self.crystal))
        assert per_atom < SUPERCELL_ENERGY_PER_ATOM, f"energy per atom differs by {per_atom:.2e} eV"

    def check_batch_equals_single(self) -> None:
        """A frame has the same numbers alone and in a batch."""
        frames = [self.crystal, self.other_crystal, self.crystal.repeat((1, 2, 1)), self.crystal] * 3
        batch = self.potential.predict(frames)
        for frame, together in zip(frames, batch, strict=True):
            (alone,) = self.predict(frame)
            _assert_forces(together.forces, alone.forces, BATCH_FORCE)
            per_atom = abs(together.energy - alone.energy) / len(frame)
            assert per_atom < BATCH_ENERGY_PER_ATOM, f"energy per atom differs by {per_atom:.2e} eV"

    def check_batch_of_unlike_frames(self) -> None:
        """A frame's numbers are its own, whatever it shares a batch with."""
        symbol = str(self.crystal.symbols[0])
        nearest = _nearest_distance(self.crystal)
        sparse = Atoms(symbol, cell=3 * [max(4.6, 1.3 * nearest)], pbc=True)  # neighbours, but no short bonds or angles
        dense = Atoms(symbol, cell=3 * [nearest], pbc=True)
        pair = Atoms(2 * symbol, positions=[[0, 0, 0], [0, 0, 1.1 * nearest]])
        sparse_crystal = displaced(sparse.repeat((2, 2, 1)), 0.05, seed=4)
        large = displaced(self.crystal.repeat((2, 2, 2)), 0.03, seed=5)
        slab = self.crystal.copy()
        slab.pbc = (True, True, False)
        kinds = [self.crystal, sparse, large, pair, sparse_crystal, dense, slab, self.other_crystal]
        singles = [self.predict(frame)[0] for frame in kinds]
        largest = max(np.abs(single.forces).max() for single in singles)
        assert largest > SMALLEST_FORCE_OF_A_FAIR_TEST
        for order in (range(8), reversed(range(8)), (1, 0), (0, 1), (1, 4, 3), (1, 2), (5, 1)):
            places = list(order)
            together = self.predict(*(kinds[place] for place in places))
            for place, prediction in zip(places, together, strict=True):
                _assert_forces(prediction.forces, singles[place].forces, BATCH_FORCE)
                per_atom = abs(prediction.energy - singles[place].energy) / len(kinds[place])
                assert per_atom < CELL_ENERGY_PER_ATOM, f"energy per atom differs by {per_atom:.2e} eV in a batch"

    def check_partly_periodic_cells(self) -> None:
        """A slab, a wire, a molecule equals itself with vacuum in a periodic cell, whatever its cell says of vacuum."""
        for pbc in ("TTF", "FTT", "TFT", "FFT", "TFF", "FFF"):
            periodic = np.array([letter == "T" for letter in pbc])
            twin = self.crystal.copy()
            vectors = twin.cell.array.copy()
            vectors[~periodic] *= 1 + 20.0 / np.linalg.norm(vectors[~periodic], axis=1, keepdims=True)
            twin.set_cell(vectors)
            as_it_is, short, absent, skewed = (twin.copy() for _ in range(4))
            short.set_cell(self.crystal.cell)
            absent.set_cell(vectors * periodic[:, np.newaxis])
            lean = vectors.copy()
            lean[~periodic] += 0.7 * self.crystal.cell.array[periodic].sum(axis=0)
            skewed.set_cell(lean)
            for frame in (as_it_is, short, absent, skewed):
                frame.pbc = periodic
                self._assert_equals_twin(frame, twin, compare_stress=frame is as_it_is)

    def check_left_handed_cell(self) -> None:
        """A left-handed cell is the crystal that its right-handed twin is."""
        for vectors in (self.crystal.cell.array[[1, 0, 2]], -self.crystal.cell.array):
            mirrored = self.crystal.copy()
            mirrored.set_cell(vectors)
            assert np.linalg.det(mirrored.cell.array) < 0
            self._assert_equals_twin(mirrored, self.crystal)

    def check_skewed_cell(self) -> None:
        """A strongly skewed cell is the crystal that its compact twin is."""
        for count in (1, 3, 40, -500):
            skewed = self.crystal.copy()
            vectors = self.crystal.cell.array.copy()
            vectors[2] += count * (vectors[0] - vectors[1])
            skewed.set_cell(vectors)
            self._assert_equals_twin(skewed, self.crystal)

    def check_atoms_outside_the_cell(self) -> None:
        """Atoms outside the cell stand for their images inside."""
        for count in (1, 3, 100_000):
            scattered = self.crystal.copy()
            scattered.positions[0] += count * self.crystal.cell.array[0]
            scattered.positions[-1] -= count * (self.crystal.cell.array[1] + self.crystal.cell.array[2])
            self._assert_equals_twin(scattered, self.crystal)

    def check_one_atom_cell(self) -> None:
        """All forces in a lattice of one atom vanish, and its energy is an atom's share of a larger piece."""
        single = Atoms(str(self.crystal.symbols[0]), cell=3 * [_nearest_distance(self.crystal)], pbc=True)
        piece = single.repeat((3, 2, 2))
        alone, together = self.predict(single, piece)
        assert alone.forces.shape == (1, 3)
        largest = max(np.abs(alone.forces).max(), np.abs(together.forces).max())
        assert largest < CELL_FORCE, f"largest force {largest:.2e} eV/Å"
        per_atom = abs(alone.energy - together.energy / len(piece))
        assert per_atom < CELL_ENERGY_PER_ATOM, f"energy per atom differs by {per_atom:.2e} eV"

    def check_unknown_elements(self) -> None:
        """Refused with the frame and in the same words by every potential, before anything is computed."""
        foreign = [symbol for symbol in ("Po", "Lr", "Og") if symbol not in self.card.computable_elements]
        assert foreign, "no test of an unknown element"
        for symbol in foreign:
            frame = self.crystal.copy()
            frame.symbols[1] = symbol
            calls: list[int] = []
            refusal: PredictionError | None = None
            try:
                frames = [self.crystal, frame]
                self.potential.predict(frames, progress=partial(_note, calls))
            except PredictionError as error:
                refusal = error
            assert refusal is not None, f"{symbol} was not refused"
            assert refusal.where == "frame 2"
            assert refusal.what == f"{self.card.label} does not know {symbol}."
            assert refusal.advice
            assert not calls

    def _assert_equals_twin(self, frame: Atoms, twin: Atoms, *, compare_stress: bool = True) -> None:
        (actual,) = self.potential.predict([frame], stress=compare_stress)
        (expected,) = self.potential.predict([twin], stress=True)
        _assert_forces(actual.forces, expected.forces, CELL_FORCE)
        per_atom = abs(actual.energy - expected.energy) / len(frame)
        assert per_atom < CELL_ENERGY_PER_ATOM, f"energy per atom differs by {per_atom:.2e} eV"
        if compare_stress and (actual.stress is not None or expected.stress is not None):
            assert actual.stress is not None, "no stress of one of two equal cells"
            assert expected.stress is not None, "no stress of one of two equal cells"
            difference = np.abs(actual.stress - expected.stress).max()
            assert difference < CELL_STRESS, f"stress differs by {difference:.2e} eV/Å³"

    def check_forces_are_the_derivative_of_the_energy(self) -> None:
        """Forces are −dE/dx, by central differences."""
        (prediction,) = self.predict(self.crystal)
        # The largest component of two atoms: small ones drown in the rounding of the energy.
        for atom in np.argsort(np.abs(prediction.forces).max(axis=1))[-2:]:
            axis = int(np.argmax(np.abs(prediction.forces[atom])))
            displaced = []
            for sign in (1, -1):
                frame = self.crystal.copy()
                frame.positions[atom, axis] += sign * DIFFERENCE_STEP
                displaced.append(frame)
            plus, minus = (answer.energy for answer in self.predict(*displaced))
            numerical = -(plus - minus) / (2 * DIFFERENCE_STEP)
            analytical = prediction.forces[atom, axis]
            allowed = DIFFERENCE_FORCE + DIFFERENCE_RELATIVE * abs(analytical)
            assert abs(numerical - analytical) < allowed, f"force {analytical:.4f}, −ΔE/Δx {numerical:.4f} eV/Å"

    def check_stress_is_the_derivative_of_the_energy(self) -> None:
        """The stress is dE/dε per volume, by central differences, and symmetric."""
        (prediction,) = self.potential.predict([self.crystal], stress=True)
        assert prediction.stress is not None, "no stress"
        assert prediction.stress.shape == (3, 3), f"the stress has the shape {prediction.stress.shape}"
        skew = np.abs(prediction.stress - prediction.stress.T).max()
        assert skew < STRESS_TOLERANCE, f"the stress differs from its transpose by {skew:.2e} eV/Å³"
        strained = []
        for sign in (1, -1):
            frame = self.crystal.copy()
            deformation = np.eye(3)
            deformation[0, 0] += sign * STRESS_STRAIN
            frame.set_cell(frame.cell.array @ deformation, scale_atoms=True)
            strained.append(frame)
        plus, minus = (answer.energy for answer in self.predict(*strained))
        numerical = (plus - minus) / (2 * STRESS_STRAIN * self.crystal.get_volume())
        difference = abs(numerical - prediction.stress[0, 0])
        assert difference < STRESS_TOLERANCE, f"stress {prediction.stress[0, 0]:.5f}, ΔE/(VΔε) {numerical:.5f} eV/Å³"

    def check_forces_do_not_depend_on_stress(self) -> None:
        """Asking for stresses leaves forces as they are."""
        (with_stress,) = self.potential.predict([self.crystal], stress=True)
        (without,) = self.predict(self.crystal)
        _assert_forces(with_stress.forces, without.forces, BATCH_FORCE)

    def check_known_energies(self) -> None:
        """The energies that the card names come out."""
        assert self.card.known_energies, "a card needs at least one known energy: wrong weights must not serve"
        check_known_energies(self.card, self.potential)

    def check_progress(self) -> None:
        """Progress is told in frames, up to all of them."""
        calls: list[tuple[int, int]] = []
        frames = [self.crystal] * 7
        self.potential.predict(frames, progress=lambda done, total: calls.append((done, total)))
        assert calls, "progress was never called"
        assert calls[-1] == (7, 7)
        assert [done for done, _ in calls] == sorted({done for done, _ in calls})
        assert {total for _, total in calls} == {7}

    def check_cancellation_by_progress(self) -> None:
        """An exception from progress ends the prediction."""

        class Cancelled(Exception):  # noqa: N818
            pass

        def cancel(done: int, total: int) -> None:
            raise Cancelled

        try:
            self.potential.predict([self.crystal] * 3, progress=cancel)
        except Cancelled:
            return
        raise AssertionError("an exception from progress must stop the prediction")

    def check_input_is_left_as_it_was(self) -> None:
        """Frames and their calculators stay as they were."""
        frame = self.crystal.copy()
        frame.calc = calculator = object()
        before = [array.copy() for array in (frame.numbers, frame.positions, frame.cell.array, frame.pbc)]
        self.potential.predict([frame], stress=True)
        for old, new in zip(before, (frame.numbers, frame.positions, frame.cell.array, frame.pbc), strict=True):
            np.testing.assert_array_equal(old, new)
        assert frame.calc is calculator

    def check_isolated_atom(self) -> None:
        """An atom alone: either no force on it, or a clear refusal that names the frame."""
        symbol = str(self.crystal.symbols[0])
        lonely = Atoms(symbol, cell=[30.0, 30.0, 30.0], pbc=True)
        refusal: PredictionError | None = None
        try:
            _, prediction = self.predict(self.crystal, lonely)
        except PredictionError as error:
            refusal = error
        if refusal is None:
            largest = np.abs(prediction.forces).max()
            assert largest < NET_FORCE_PER_ATOM, f"force of {largest:.2e} eV/Å on an atom alone"
        else:
            assert "frame 2" in str(refusal), str(refusal)
            assert refusal.advice

    def check_cluster_without_cell(self) -> None:
        """A molecule without periodicity does not feel images of itself."""
        cluster = Atoms(self.crystal.symbols, positions=self.crystal.positions)
        periodic = cluster.copy()
        periodic.center(vacuum=15.0)
        periodic.pbc = True
        free, boxed = self.predict(cluster, periodic)
        _assert_forces(free.forces, boxed.forces, SUPERCELL_FORCE)


def _note(calls: list[int], done: int, _total: int) -> None:
    calls.append(done)


def checks() -> list[str]:
    """Return the names of all checks of `PotentialContract`."""
    return sorted(name for name in dir(PotentialContract) if name.startswith("check_"))


def _nearest_distance(atoms: Atoms) -> float:
    distances = atoms.get_all_distances(mic=True)
    return float(distances[distances > 0].min())


def _rotation_matrix(axis: Sequence[float], angle: float) -> NDArray[np.float64]:
    x, y, z = np.asarray(axis) / np.linalg.norm(axis)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    found: NDArray[np.float64] = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    return found


def _assert_forces(actual: NDArray[np.float64], expected: NDArray[np.float64], tolerance: float) -> None:
    difference = np.abs(actual - expected).max()
    assert difference < tolerance, f"forces differ by {difference:.2e} eV/Å, allowed {tolerance:.0e}"
