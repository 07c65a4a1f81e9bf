"""Ready inputs for one static DFT calculation of each frame: VASP, Quantum ESPRESSO and GPAW, in one zip archive.

The functional is the one that the potential learnt: labels of another one would blur its softening.
"""

from __future__ import annotations

import io
import tempfile
import warnings
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

from ase import Atoms
from ase.calculators.calculator import kptdensity2monkhorstpack
from ase.io import write

from softdash.errors import InputError
from softdash.potentials.functionals import plain_functional

K_DENSITY = 3.5
"""k-points per 1/Å of reciprocal length, ASE's convention; high enough for metals."""
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # a time stamp would make equal content differ in its SHA-256
_SMEARING_RY = 0.05 / 13.605693
_MAGNETIC = {"Cr": 3.0, "Mn": 5.0, "Fe": 5.0, "Co": 5.0, "Ni": 5.0, "Eu": 7.0, "Gd": 7.0}
"""First guesses, Bohr magnetons per atom: those of MPStaticSet where it has them."""
# Names of one functional in VASP's INCAR, for pw.x and for GPAW. VASP's PBE POTCAR files give PBE by themselves.
_VASP_TAGS: dict[str, dict[str, Any]] = {
    "pbe": {},
    "pbesol": {"GGA": "Ps"},
    "r2scan": {"METAGGA": "R2SCAN", "LASPH": True, "LMIXTAU": True, "ALGO": "All", "ENCUT": 680},
}
_ESPRESSO_NAMES = {"pbe": "PBE", "pbesol": "PBESOL", "r2scan": "R2SCAN"}
_GPAW_NAMES = {"pbe": "PBE", "pbesol": "PBEsol", "r2scan": "MGGA_X_R2SCAN+MGGA_C_R2SCAN"}
_SHOWN_NAMES = {"pbe": "PBE", "pbesol": "PBEsol", "r2scan": "r2SCAN"}


@dataclass(frozen=True, slots=True)
class LevelOfTheory:
    """What the inputs compute.

    Attributes
    ----------
    functional : str
        ``"pbe"``, ``"pbesol"`` or ``"r2scan"``.
    has_hubbard_u : bool
        Whether oxides and fluorides of some transition metals get the Hubbard U of Materials Project.
    substitutes : str or None
        The functional that the potential learnt, where there are no inputs of it and PBE stands in.
    """

    functional: str
    has_hubbard_u: bool
    substitutes: str | None = None

    @classmethod
    def of_potential(cls, functional: str) -> LevelOfTheory:
        """Return the level of a potential's training set, ``"PBE / PBE+U"``."""
        plain = plain_functional(functional.split("/")[0])
        if plain not in _VASP_TAGS:
            return cls("pbe", has_hubbard_u=False, substitutes=functional)
        return cls(plain, has_hubbard_u="+u" in functional.lower().replace(" ", ""))

    @property
    def name(self) -> str:
        """For people: ``"PBE, with +U as in Materials Project"``."""
        shown = _SHOWN_NAMES[self.functional]
        return f"{shown}, with the Hubbard U of Materials Project where it sets one" if self.has_hubbard_u else shown


def write_inputs_zip(destination: Path, frames: Sequence[Atoms], functional: str, source: str) -> None:
    """Write frames and inputs into one zip archive; equal input gives equal bytes.

    Parameters
    ----------
    destination : Path
        Replaced at once or not at all.
    frames : sequence of ase.Atoms
        As `softdash.benchmarks.sampling.sample_states` makes them, of one composition.
    functional : str
        Of the potential's training set; chooses the level of theory.
    source : str
        How the frames were made, a few lines, for the README.

    Raises
    ------
    InputError
        If there is no frame, or an element has no pseudopotential in Materials Project's sets.
    """
    if not frames:
        raise InputError("There is no frame to make inputs of.", advice="Sample at least one.")
    level = LevelOfTheory.of_potential(functional)
    part = destination.with_name(destination.name + ".part")
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in _files(frames, level, source):
                entry = zipfile.ZipInfo(name, date_time=_LONG_AGO)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, text)
        part.replace(destination)
    finally:
        part.unlink(missing_ok=True)


def frame_names(frames: Sequence[Atoms]) -> list[str]:
    """Return one name per frame, part of the names of its files: ``NaCl-01``."""
    formula = frames[0].get_chemical_formula(empirical=True, mode="metal")
    return [f"{formula}-{number:02d}" for number in range(1, len(frames) + 1)]


def _files(frames: Sequence[Atoms], level: LevelOfTheory, source: str) -> Iterable[tuple[str, str]]:
    names = frame_names(frames)
    hubbard_u: dict[str, float] = {}
    vasp: list[tuple[str, str]] = []
    for name, frame in zip(names, frames, strict=True):
        texts, hubbard_u = _vasp_files(frame, level)
        vasp += [(f"vasp/{name}/{file}", text) for file, text in texts.items()]
    yield "README.txt", _readme(frames, names, level, hubbard_u, source)
    yield "frames.extxyz", _written(list(frames), "extxyz")
    for name, frame in zip(names, frames, strict=True):
        yield f"structures/{name}.vasp", _written(frame, "vasp", direct=True)
        yield f"structures/{name}.cif", _written(frame, "cif")
    yield from vasp
    for name, frame in zip(names, frames, strict=True):
        yield f"quantum_espresso/{name}.pwi", _espresso_input(frame, name, level, hubbard_u)
    yield "gpaw/static.py", _gpaw_script(frames[0], level, hubbard_u)


def _written(frames: Atoms | list[Atoms], kind: str, **options: Any) -> str:
    """Return what ASE writes, as text."""
    buffer = io.BytesIO() if kind == "cif" else io.StringIO()
    write(buffer, frames, format=kind, **options)
    content = buffer.getvalue()
    return content.decode() if isinstance(content, bytes) else content


def _vasp_files(frame: Atoms, level: LevelOfTheory) -> tuple[dict[str, str], dict[str, float]]:
    """Return VASP's files by name, without POTCAR, which is licensed, and the Hubbard U by element, eV."""
    from pymatgen.io.ase import AseAtomsAdaptor
    from pymatgen.io.vasp.sets import MPStaticSet

    # The tetrahedron method of MPStaticSet gives wrong forces in metals (VASP's manual on ISMEAR): Gaussian smearing.
    tags: dict[str, Any] = {"ISMEAR": 0, "SIGMA": 0.05, "EDIFF": 1e-6, "ISIF": 2, "NSW": 0, "LCHARG": False}
    tags |= _VASP_TAGS[level.functional]
    if not level.has_hubbard_u:
        tags |= {"LDAU": False}
    bare = Atoms(numbers=frame.numbers, positions=frame.positions, cell=frame.cell.array, pbc=True)
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter("ignore")  # on POTCARs that pymatgen was not given
        try:
            inputs = MPStaticSet(AseAtomsAdaptor.get_structure(bare), user_incar_settings=tags)
            inputs.write_input(folder, potcar_spec=True)
        except (KeyError, ValueError) as error:
            raise InputError(
                f"Materials Project has no VASP settings for this composition ({error}).",
                where=frame.get_chemical_formula(),
                advice="Take the frames without inputs.",
            ) from error
        texts = {file.name: file.read_text(encoding="utf-8") for file in sorted(Path(folder).iterdir())}
        return texts, _hubbard_u(inputs)


def _hubbard_u(inputs: Any) -> dict[str, float]:
    incar = inputs.incar
    if not incar.get("LDAU"):
        return {}
    species = [site.split()[0] for site in inputs.poscar.site_symbols]
    return {symbol: float(u) for symbol, u in zip(species, incar["LDAUU"], strict=True) if u}


def _espresso_input(frame: Atoms, name: str, level: LevelOfTheory, hubbard_u: dict[str, float]) -> str:
    bare = Atoms(numbers=frame.numbers, positions=frame.positions, cell=frame.cell.array, pbc=True)
    symbols = set(bare.get_chemical_symbols())
    system: dict[str, Any] = {
        "ecutwfc": 90.0,
        "ecutrho": 720.0,
        "occupations": "smearing",
        "smearing": "gaussian",
        "degauss": round(_SMEARING_RY, 6),
        "input_dft": _ESPRESSO_NAMES[level.functional],
    }
    if symbols & set(_MAGNETIC):
        # A fraction of the valence electrons, in pw.x.
        bare.set_initial_magnetic_moments([0.4 * (symbol in _MAGNETIC) for symbol in bare.get_chemical_symbols()])
        system["nspin"] = 2
    options: dict[str, Any] = {}
    if hubbard_u:
        # pw.x 7.1 and later; the manifold is the outermost d shell.
        rows = [f"U {symbol}-{_d_shell(symbol)} {u:g}" for symbol, u in hubbard_u.items()]
        options["additional_cards"] = ["HUBBARD (atomic)", *rows]
    return _written(
        bare,
        "espresso-in",
        input_data={
            "control": {
                "calculation": "scf",
                "prefix": name,
                "outdir": f"./scratch-{name}",
                "pseudo_dir": "./pseudo",
                "tprnfor": True,
                "tstress": True,
                "disk_io": "none",
            },
            "system": system,
            "electrons": {"conv_thr": 1e-8 * len(bare), "electron_maxstep": 200, "mixing_beta": 0.4},
        },
        pseudopotentials={symbol: f"{symbol}.UPF" for symbol in sorted(symbols)},
        kpts=tuple(int(points) for points in kptdensity2monkhorstpack(bare, K_DENSITY, even=False)),
        **options,
    )


def _d_shell(symbol: str) -> str:
    from ase.data import atomic_numbers

    number = atomic_numbers[symbol]
    return "3d" if number < 31 else "4d" if number < 49 else "5d"


_GPAW = Template('''"""Static $name calculations of the frames in ../frames.extxyz with GPAW: python static.py

One text output per frame, FRAME.txt, which softdash reads. A frame that is done is not computed again.
With several cores: mpiexec -n 4 gpaw python static.py
"""

from pathlib import Path

from ase.io import read
from gpaw import GPAW, PW, FermiDirac, KohnShamConvergenceError

NAMES = "$formula-{:02d}"

for number, atoms in enumerate(read(Path(__file__).parent.parent / "frames.extxyz", ":"), start=1):
    output = Path(__file__).parent / f"{NAMES.format(number)}.txt"
    if output.exists() and "Forces in eV/" in output.read_text(encoding="utf-8", errors="replace"):
        continue
$magnetism    atoms.calc = GPAW(
        mode=PW(600),
        xc="$functional",
        kpts={"density": $density, "gamma": True},
        occupations=FermiDirac(0.05),
        convergence={"density": 1e-6},$setups
        txt=str(output),
    )
    try:
        atoms.get_forces()
    except KohnShamConvergenceError as error:
        print(f"{output.name}: {error}")
''')


def _gpaw_script(frame: Atoms, level: LevelOfTheory, hubbard_u: dict[str, float]) -> str:
    magnetic = {symbol: _MAGNETIC[symbol] for symbol in sorted(set(frame.get_chemical_symbols()) & set(_MAGNETIC))}
    magnetism = (
        f"    moments = {magnetic!r}\n"
        "    atoms.set_initial_magnetic_moments([moments.get(symbol, 0.0) for symbol in atoms.symbols])\n"
        if magnetic
        else ""
    )
    # The third field keeps GPAW from normalising the projections, as VASP does not either.
    setups = {symbol: f":d,{u:g},0" for symbol, u in hubbard_u.items()}
    return _GPAW.substitute(
        name=_SHOWN_NAMES[level.functional],
        formula=frame.get_chemical_formula(empirical=True, mode="metal"),
        functional=_GPAW_NAMES[level.functional],
        density=f"{K_DENSITY:g}",
        magnetism=magnetism,
        setups=f"\n        setups={setups!r}," if setups else "",
    )


def _readme(
    frames: Sequence[Atoms], names: Sequence[str], level: LevelOfTheory, hubbard_u: dict[str, float], source: str
) -> str:
    values = {symbol: f"{u:g} eV" for symbol, u in hubbard_u.items()}
    notes = [_U_NOTE + ", ".join(f"{s} {u}" for s, u in values.items()) + "."] if values else []
    if level.substitutes:
        notes.append(
            f"The potential learnt {level.substitutes}, for which softdash writes no inputs: change the functional in "
            "them before you compute, or the comparison is between two functionals."
        )
    if set(frames[0].get_chemical_symbols()) & set(_MAGNETIC):
        notes.append(
            "The magnetic order starts ferromagnetic: change MAGMOM (VASP), starting_magnetization (pw.x) or moments "
            "(GPAW) where you know a better one."
        )
    return _README.substitute(
        count=len(frames),
        formula=frames[0].get_chemical_formula(mode="metal"),
        atoms=len(frames[0]),
        first=names[0],
        last=names[-1],
        level=level.name,
        notes="".join(f"\n* {note}" for note in notes),
        source=source.strip(),
    )


_U_NOTE = (
    "A Hubbard U acts on projectors that differ between codes: VASP is nearest to what the potential learnt. "
    "pw.x takes it from version 7.1 on. All inputs have "
)
_README = Template("""From sampled states to a softening scale
========================================

$count high-energy frames of $formula ($atoms atoms each), $first to $last. They hold positions and cells, no forces:
those of a potential must never be taken for DFT's.

$source

What to do
----------
1. Compute each frame once, at fixed positions, with ONE of the three codes. One frame shows its own slope and gives no
   verdict on the material; a verdict takes several, and more of them make its interval narrower. Level of theory of the
   inputs: $level.

   vasp/NAME/              INCAR, KPOINTS, POSCAR as pymatgen's MPStaticSet makes them, with Gaussian smearing (its
                           tetrahedron method gives wrong forces in metals) and tighter convergence. POTCAR is licensed
                           and not here: POTCAR.spec names what to concatenate, in that order.
   quantum_espresso/       pw.x -in NAME.pwi > NAME.out. Put pseudopotentials of the same functional into pseudo/,
                           named ELEMENT.UPF; 90 and 720 Ry are enough for the SSSP library.
   gpaw/static.py          python static.py; writes NAME.txt.
   structures/, frames.extxyz   the same frames for any other code.

2. Bring the results back: upload to softdash ("Diagnose your material") the outputs of the code, several files at once
   or one zip of the folder. Each output holds its structure and its forces, so nothing has to be matched by hand:

   VASP                 zip -r results.zip vasp           (vasprun.xml or OUTCAR of each folder; keep the folders)
   Quantum ESPRESSO     zip results.zip quantum_espresso/*.out
   GPAW                 zip results.zip gpaw/*.txt
   another code         one extended XYZ with the forces, or NAME.cif from structures/ beside NAME.csv
                        (Fx Fy Fz per atom, eV/A): structures and forces are matched by NAME.

   On the command line: softdash diagnose results.zip --potential chgnet-0.3.0

Good to know
------------
* Inputs are a sound start, not a converged study: check cut-off and k-points on one frame.
* A frame that does not converge can be left out; the others count without it.$notes
""")
