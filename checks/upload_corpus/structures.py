"""Kinds of upload that differ in the structure: order, orientation, frames, symmetry, rounding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from ase import Atoms
from ase.spacegroup import crystal
from numpy.typing import NDArray

from upload_corpus.cases import Variant, kind
from upload_corpus.materials import SELF_SLOPE, Material, State, in_setting
from upload_corpus.writing import BOHR, HARTREE, cif, rows, site_labels

Floats = NDArray[np.float64]


def _files(
    state: State, forces: Floats, columns: Sequence[Sequence[object] | Floats] = (), header: str = "", decimals: int = 8
) -> dict[str, str | bytes]:
    return {"structure.cif": cif(state.atoms, decimals=decimals), "forces.csv": header + rows([*columns, forces])}


def _is_shuffled(order: NDArray[np.int_]) -> bool:
    return bool((order != np.arange(len(order))).any())


def _regrouped(atoms: Atoms) -> NDArray[np.int_]:
    """Return the order with the elements grouped the other way round, the order inside a species kept."""
    kinds = list(dict.fromkeys(atoms.symbols))[::-1]
    return np.array([place for one in kinds for place, symbol in enumerate(atoms.symbols) if symbol == one])


@kind("another order, told by the table")
def order_told(material: Material, generator: np.random.Generator) -> Iterator[Variant]:
    """By the labels of the CIF, by atom numbers under several headings, by positions."""
    state, truth = material.upright, material.truth()
    order = generator.permutation(len(state.atoms))
    labels = site_labels(state.atoms)
    numbers = [int(place) + 1 for place in order]
    forces, header = state.forces[order], "fx,fy,fz\n"
    yield "labels", _files(state, forces, [[labels[place] for place in order]], f"site,{header}"), truth
    for heading in ("n", "Atom #", "site_index", "atom no."):
        yield f"numbers under {heading!r}", _files(state, forces, [numbers], f"{heading},{header}"), truth
    places = [[state.atoms.symbols[place] for place in order], state.atoms.positions[order]]
    yield "positions", _files(state, forces, places, f"element,x,y,z,{header}"), truth


@kind("another order, elements told")
def order_of_elements(material: Material, _: np.random.Generator) -> Iterator[Variant]:
    """Species grouped another way, under several headings."""
    state = material.upright
    order = _regrouped(state.atoms)
    symbols = [state.atoms.symbols[place] for place in order]
    if not _is_shuffled(order):
        return
    for heading in ("element", "type", "atom_type", "name"):
        yield heading, _files(state, state.forces[order], [symbols], f"{heading},fx,fy,fz\n"), material.truth()


@kind("another order, nothing told")
def order_silent(material: Material, generator: np.random.Generator) -> Iterator[Variant]:
    """Species regrouped, all atoms of one species permuted, or all atoms."""
    state, truth = material.upright, material.truth()
    regrouped = _regrouped(state.atoms)
    if _is_shuffled(regrouped):
        yield "regrouped", _files(state, state.forces[regrouped]), truth
    order = np.arange(len(state.atoms))
    for number in dict.fromkeys(state.atoms.numbers):
        places = np.flatnonzero(state.atoms.numbers == number)
        order[places] = generator.permutation(places)
    if _is_shuffled(order):
        yield "inside the species", _files(state, state.forces[order]), truth
    yield "all atoms", _files(state, state.forces[generator.permutation(len(order))]), truth


@kind("a few rows exchanged")
def few_exchanged(material: Material, generator: np.random.Generator) -> Iterator[Variant]:
    """Two or three atoms of one species in a larger cell."""
    state = material.upright
    if len(state.atoms) < 8:
        return
    for count in (2, 3):
        order = np.arange(len(state.atoms))
        number = np.bincount(state.atoms.numbers).argmax()
        places = generator.choice(np.flatnonzero(state.atoms.numbers == number), count, replace=False)
        order[places] = np.roll(places, 1)
        yield f"{count} rows", _files(state, state.forces[order]), material.truth()


@kind("orientation of ASE")
def setting_of_ase(material: Material, _: np.random.Generator) -> Iterator[Variant]:
    """Lay forces into the axes in which softdash builds the cell."""
    yield "silent", _files(material.upright, material.upright.forces), material.truth()


@kind("orientation of pymatgen and VASP")
def setting_of_pymatgen(material: Material, _: np.random.Generator) -> Iterator[Variant]:
    """Lay forces into the axes in which pymatgen builds the cell; with and without positions beside them."""
    state, truth = in_setting(material.first, "pymatgen"), material.truth()
    yield "silent", _files(state, state.forces), truth
    columns = [list(state.atoms.symbols), state.atoms.positions]
    yield "with positions", _files(state, state.forces, columns, "element,x,y,z,fx,fy,fz\n"), truth


@kind("any other orientation")
def other_orientations(material: Material, generator: np.random.Generator) -> Iterator[Variant]:
    """Use the axes of the calculation, exchanged axes, a rotation that only positions tell."""
    state, truth = material.first, material.truth()
    yield "as calculated", _files(state, state.forces), truth
    cyclic = np.eye(3)[[1, 2, 0]]
    upright = material.upright.forces
    yield "axes exchanged", _files(state, upright @ cyclic.T), truth
    yield "one axis mirrored", _files(state, upright * [-1, 1, 1]), truth
    matrix, upper = np.linalg.qr(generator.normal(size=(3, 3)))
    matrix = matrix * np.sign(np.diag(upper))
    matrix = matrix * np.linalg.det(matrix)
    columns = [list(state.atoms.symbols), state.atoms.positions @ matrix.T]
    forces = state.forces @ matrix.T
    yield "rotated, with positions", _files(state, forces, columns, "element,x,y,z,fx,fy,fz\n"), truth
    yield "rotated, silent", _files(state, forces), None


@kind("two things at once")
def two_at_once(material: Material, generator: np.random.Generator) -> Iterator[Variant]:
    """Join a silent unit with another fault: one step cannot mend both, and a refusal is all that is asked."""
    state, truth = material.upright, material.truth()
    turned = in_setting(material.first, "pymatgen")
    atomic = BOHR / HARTREE
    yield "unit and orientation", _files(state, turned.forces * atomic), truth
    yield "sign and orientation", _files(state, -turned.forces), truth
    order = generator.permutation(len(state.atoms))
    yield "unit and order", _files(state, state.forces[order] * atomic), truth
    yield "unit and rounding", _files(state, state.forces * atomic, decimals=3), truth


@kind("forces of another structure")
def other_structure(material: Material, generator: np.random.Generator) -> Iterator[Variant]:
    """Another frame, the relaxed crystal, another material with as many atoms."""
    state, other = material.upright, in_setting(material.states[1], "ase")
    yield "another frame", _files(state, other.forces), None
    still = _at_rest(material)
    if still is not None:
        yield "relaxed structure", {"structure.cif": cif(still), "forces.csv": rows([state.forces])}, None
    strange = generator.normal(scale=float(np.sqrt((state.forces**2).mean())), size=state.forces.shape)
    yield "another material", _files(state, strange - strange.mean(axis=0)), None


def _at_rest(material: Material) -> Atoms | None:
    """Return the crystal with every atom on its site: the places halfway between high-symmetry fractions rounded."""
    if material.name in ("water", "TiO2") or material.name.startswith("Al2O3"):
        return None  # their sites have free parameters
    atoms = material.first.atoms.copy()
    fractional = atoms.get_scaled_positions(wrap=False)
    shift = fractional[0] - np.round(fractional[0] * 4) / 4
    atoms.set_scaled_positions(np.round((fractional - shift) * 4) / 4)
    return atoms if atoms.get_all_distances(mic=True)[np.triu_indices(len(atoms), 1)].min() > 1.2 else None


@kind("coordinates rounded")
def rounded(material: Material, _: np.random.Generator) -> Iterator[Variant]:
    """To four, three and two decimals of the fraction."""
    state = material.upright
    for decimals in (4, 3, 2):
        yield f"{decimals} decimals", _files(state, state.forces, decimals=decimals), material.truth()


@kind("several frames")
def several(material: Material, _: np.random.Generator) -> Iterator[Variant]:
    """Pairs of files, one table for several CIFs, several blocks in one CIF."""
    numbers = tuple(range(len(material.states)))
    truth = material.truth(numbers)
    cifs = [cif(state.atoms, name=f"frame{n}") for n, state in enumerate(material.states)]
    forces = [in_setting(state, "ase").forces for state in material.states]
    tables = ["fx,fy,fz\n" + rows([one]) for one in forces]
    pairs: dict[str, str | bytes] = {f"frame{n}.cif": cifs[n] for n in numbers}
    stacked = "fx,fy,fz\n" + rows([np.concatenate(forces)])
    yield "same names", pairs | {f"frame{n}.csv": tables[n] for n in numbers}, truth
    yield "same numbers", pairs | {f"forces{n}.csv": tables[n] for n in numbers}, truth
    yield "one table", pairs | {"forces.csv": stacked}, truth
    yield "blocks of one CIF", {"frames.cif": "\n".join(cifs), "forces.csv": stacked}, truth


def _rutile(shift: float) -> Atoms:
    return crystal(
        ("Ti", "O"),
        [(0, 0, 0), (0.305 + shift, 0.305 + shift, 0)],
        spacegroup=136,
        cellpar=[4.6, 4.6, 2.96, 90, 90, 90],
    )


def _symmetric_rutile() -> str:
    """Return the CIF of rutile with its oxygen displaced along its free parameter, and symmetry operations."""
    operations = (
        "x,y,z;-x,-y,z;-y+1/2,x+1/2,z+1/2;y+1/2,-x+1/2,z+1/2;-x+1/2,y+1/2,-z+1/2;x+1/2,-y+1/2,-z+1/2;y,x,-z;-y,-x,-z;"
        "-x,-y,-z;x,y,-z;y+1/2,-x+1/2,-z+1/2;-y+1/2,x+1/2,-z+1/2;x+1/2,-y+1/2,z+1/2;-x+1/2,y+1/2,z+1/2;-y,-x,z;y,x,z"
    ).split(";")
    return "\n".join(
        [
            "data_rutile", "_cell_length_a 4.6", "_cell_length_b 4.6", "_cell_length_c 2.96", "_cell_angle_alpha 90",
            "_cell_angle_beta 90", "_cell_angle_gamma 90", "_symmetry_space_group_name_H-M 'P 42/m n m'",
            "_symmetry_Int_Tables_number 136", "loop_", "_symmetry_equiv_pos_as_xyz",
            *(f"'{operation}'" for operation in operations), "loop_", "_atom_site_label", "_atom_site_type_symbol",
            "_atom_site_fract_x", "_atom_site_fract_y", "_atom_site_fract_z",
            "Ti1 Ti 0.0 0.0 0.0", "O1 O 0.325000 0.325000 0.0", "",
        ]
    )  # fmt: skip


@kind("symmetric CIF, forces of all atoms")
def symmetric(material: Material, generator: np.random.Generator) -> Iterator[Variant]:
    """Sites multiplied by symmetry; labelled by the potential itself."""
    if material.name != "TiO2":
        return
    state = material.labelled_by_potential(_rutile(0.02))
    order = generator.permutation(len(state.atoms))
    symbols = [state.atoms.symbols[place] for place in order]
    places = [symbols, state.atoms.positions[order]]
    listed: dict[str, str | bytes] = {"structure.cif": _symmetric_rutile()}
    whole = "element,x,y,z,fx,fy,fz\n" + rows([*places, state.forces[order]])
    yield "with positions, mixed", listed | {"forces.csv": whole}, SELF_SLOPE
    elements = "element,fx,fy,fz\n" + rows([list(state.atoms.symbols), state.forces])
    yield "with elements", listed | {"forces.csv": elements}, SELF_SLOPE
    yield "nothing told", listed | {"forces.csv": rows([state.forces])}, SELF_SLOPE


@kind("all atoms listed, operations left in")
def stale_operations(material: Material, generator: np.random.Generator) -> Iterator[Variant]:
    """Keep the operations of the undistorted crystal in the CIF of a displaced one."""
    if material.name != "TiO2":
        return
    atoms = _rutile(0.0)
    atoms.positions += generator.normal(scale=0.08, size=atoms.positions.shape)
    state = material.labelled_by_potential(atoms)
    head = _symmetric_rutile().split("Ti1 Ti")[0]
    sites = "\n".join(
        f"{label} {symbol} " + " ".join(f"{value:.8f}" for value in place)
        for label, symbol, place in zip(site_labels(atoms), atoms.symbols, atoms.get_scaled_positions(), strict=True)
    )
    yield "a row per listed site", {"structure.cif": f"{head}{sites}\n", "forces.csv": rows([state.forces])}, SELF_SLOPE
