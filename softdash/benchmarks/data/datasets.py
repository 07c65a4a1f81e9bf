"""The sets of reference forces that softdash knows, each with its origin, licence and grouping.

Only ``wbm-high-energy`` has the states of the paper's Fig. 5b, and it is not shipped: with the others, medians may be
compared with the paper in direction, not in value.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from softdash.catalog.resources import ReferenceSource
from softdash.errors import ReferenceDataError

_FIGSHARE = "https://api.figshare.com/v2"
_MATTERSIM = "29663037"
_MATTERSIM_PAGE = "https://github.com/microsoft/mattersim/blob/29663037/data/benchmarks"
_PBE_U = "PBE(+U), VASP, Materials-Project-like"

WBM = "wbm-high-energy"
"""The set of the paper's Figs 5b and 6b."""


class DatasetKind(StrEnum):
    """What a set is good for."""

    HIGH_ENERGY = "high-energy states"
    CONTROL = "control: near equilibrium"
    STRESS_TEST = "stress test: random mixtures"
    RANDOM_DISPLACEMENT = "random displacements"
    AIMD = "ab initio molecular dynamics"
    MIXED = "mixed configurations"


@dataclass(frozen=True, slots=True)
class OriginalFile:
    """A file as published, which softdash can fetch and read: address, name in the cache, SHA-256."""

    url: str
    file_name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class FigshareArticle:
    """A data set published on figshare, of which the files with some endings are wanted.

    Attributes
    ----------
    number : int
        Of the article: 27307776 for doi:10.6084/m9.figshare.27307776.
    folder : str
        Name of the folder for its files in the cache.
    endings : tuple of str
        Of the names of the files wanted, lower case.
    api : str
        Address of figshare's interface.
    """

    number: int
    folder: str
    endings: tuple[str, ...]
    api: str = _FIGSHARE

    @property
    def listing(self) -> str:
        """Address of the list of its files."""
        return f"{self.api}/articles/{self.number}/files?page_size=1000"


@dataclass(frozen=True, slots=True)
class ReferenceDataset:
    """One set of reference forces.

    Attributes
    ----------
    name : str
        Identifier in tables, files and commands.
    label : str
        Name for people.
    kind : DatasetKind
    level_of_theory : str
        Code and functional, for people. The functional of each material stands in the tables.
    files : tuple of str
        Files in extended XYZ form, relative to the data folder; ``.xz`` where compressed.
    sources : tuple of ReferenceSource
        Where the data was published, with commit and licence.
    note : str
        What to keep in mind when reading its numbers.
    material_ids : tuple of str
        Only these materials of the files; empty for all.
    excluded_ids : tuple of str
        Materials of the files that belong to another set.
    shipped : bool
        Whether the files are part of softdash, under ``precomputed/``.
    frames_per_material : int or None
        At most so many frames of each material are used, evenly spaced through the file; None for all.
    smallest_reference_max : float
        Frames whose largest reference force component is below this are left out, in eV/Å.
    original : OriginalFile, FigshareArticle or None
        What `softdash.benchmarks.data.download.fetch_dataset` fetches; None where the set must be in the data folder.
    """

    name: str
    label: str
    kind: DatasetKind
    level_of_theory: str
    files: tuple[str, ...]
    sources: tuple[ReferenceSource, ...]
    note: str
    material_ids: tuple[str, ...] = ()
    excluded_ids: tuple[str, ...] = ()
    shipped: bool = False
    frames_per_material: int | None = None
    smallest_reference_max: float = 0.0
    original: OriginalFile | FigshareArticle | None = None

    @property
    def licence(self) -> str:
        """Licences of all sources."""
        return "; ".join(dict.fromkeys(source.licence for source in self.sources))


def _mattersim(file: str) -> tuple[ReferenceSource, ...]:
    return (
        ReferenceSource(
            title=f"MatterSim benchmark data, {file}",
            path=f"{_MATTERSIM_PAGE}/{file}",
            commit=_MATTERSIM,
            licence="MIT",
        ),
    )


def _repository(owner_and_name: str, commit: str, licence: str) -> ReferenceSource:
    return ReferenceSource(
        title=owner_and_name, path=f"https://github.com/{owner_and_name}/tree/{commit}", commit=commit, licence=licence
    )


_VASP_TESTS = "forces/vasp_repo_tests.extxyz.xz"
_LGPS = "pymatgen-core:Li10GeP2S12"
_SILICON_MD = "pymatgen-core:Si"
_PYMATGEN = ReferenceSource(
    title="pymatgen test files", path="https://github.com/materialsproject/pymatgen-core", licence="MIT"
)

DATASETS = (
    ReferenceDataset(
        name=WBM,
        label="WBM high-energy states",
        kind=DatasetKind.HIGH_ENERGY,
        level_of_theory=_PBE_U,
        files=("forces/wbm-high-energy-states.json*",),
        sources=(
            ReferenceSource(
                title="Deng, WBM high energy states",
                path="https://doi.org/10.6084/m9.figshare.27307776",
                licence="CC-BY-4.0",
            ),
        ),
        note=(
            "The states of the paper's Figs 5b and 6b: about 1,000 compounds of WBM (the published file is counted as "
            "972 or 979 of them), ten frames each of molecular dynamics at 1000 K, ±3 % strain on four. The dynamics "
            "were CHGNet's own: states of other potentials' dynamics would differ."
        ),
        original=FigshareArticle(number=27307776, folder="wbm-high-energy", endings=(".json", ".json.gz")),
    ),
    ReferenceDataset(
        name="mpf-TP",
        label="MatterSim mpf-TP",
        kind=DatasetKind.HIGH_ENERGY,
        level_of_theory=_PBE_U,
        files=("forces/mattersim_mpf-TP.extxyz.xz",),
        sources=_mattersim("mpf-TP.xyz"),
        note=(
            "Compounds at finite temperature and pressure, about five frames of each trajectory. Pressures reach "
            "hundreds of GPa; the states below 15 GPa are the ones closest to the paper's 1000 K states. A material is "
            "a formula with an atom count: 217 of them with 214 formulas (Bi, BiLiSr and Yb come in two cells). The "
            "one-atom cell of Yb has no forces, which leaves 216."
        ),
        original=OriginalFile(
            url="https://github.com/microsoft/mattersim/raw/29663037/data/benchmarks/mpf-TP.xyz",
            file_name="mpf-TP.xyz",
            sha256="5d07c81a4061ee314c84d6e5fb5913dc527e8536bc359fa00090bd206965d516",
        ),
    ),
    ReferenceDataset(
        name="random-displacements",
        label="Random displacements",
        kind=DatasetKind.RANDOM_DISPLACEMENT,
        level_of_theory="PBEsol, VASP",
        files=("forces/random_disp_pbesol.extxyz.xz",),
        sources=(
            _repository("phonopy/phono3py", "2dc8200a", "BSD-3-Clause"),
            _repository("symfc/symfc", "fcf38e14", "BSD-3-Clause"),
            _repository("sekocha/pypolymlp", "9f47f077", "BSD-3-Clause"),
            _repository("ttadano/alamode", "8e9c353e", "MIT"),
        ),
        note="Supercells of simple crystals. The references are PBEsol: part of the slope is the functional.",
    ),
    ReferenceDataset(
        name="lgps-aimd",
        label="LGPS, ab initio MD",
        kind=DatasetKind.AIMD,
        level_of_theory="PBEsol, VASP",
        files=(_VASP_TESTS,),
        sources=(_PYMATGEN,),
        note="One short trajectory of the lithium conductor Li10GeP2S12, 50 atoms.",
        material_ids=(_LGPS,),
    ),
    ReferenceDataset(
        name="si-aimd",
        label="Silicon, ab initio MD",
        kind=DatasetKind.AIMD,
        level_of_theory="PBE, VASP",
        files=(_VASP_TESTS,),
        sources=(_PYMATGEN,),
        note="One short trajectory of silicon, 64 atoms.",
        material_ids=(_SILICON_MD,),
    ),
    ReferenceDataset(
        name="mptrj-1k",
        label="MPtrj sample",
        kind=DatasetKind.CONTROL,
        level_of_theory=_PBE_U,
        files=("forces/mattersim_mptrj-random-1k.extxyz.xz",),
        sources=_mattersim("mptrj-random-1k.xyz"),
        note=(
            "The control: frames of the potentials' own training data, one per material. Only frames with a force of "
            "at least 1 eV/Å, as in the high-energy sets, are used. Below, every regression shrinks: where a potential "
            "explains a share R² of the forces, the best slope it can learn is R² (CHGNet 0.3.0 reaches 0.77 over all "
            "frames with forces, 0.98 where they are above 3 eV/Å), which is not softening."
        ),
        smallest_reference_max=1.0,
    ),
    ReferenceDataset(
        name="random-TP",
        label="MatterSim random-TP",
        kind=DatasetKind.STRESS_TEST,
        level_of_theory=_PBE_U,
        files=("forces/mattersim_random-TP.extxyz.xz",),
        sources=_mattersim("random-TP.xyz"),
        note="Random mixtures of 16 atoms of up to 16 elements: a stress test, not chemistry.",
    ),
    ReferenceDataset(
        name="gpaw_pbe",
        label="softdash's own 1000 K states",
        kind=DatasetKind.HIGH_ENERGY,
        level_of_theory="PBE, GPAW 26.7, PAW, plane waves 520 eV",
        files=("references/gpaw_pbe/*.extxyz",),
        sources=(ReferenceSource(title="softdash", path="precomputed/references/gpaw_pbe", licence="CC0-1.0"),),
        note=(
            "19 small compounds sampled like the paper's (CHGNet MD at 1000 K, ±3 % strain on four of ten frames) in "
            "cells of 4 to 12 atoms: a demonstration, not a statistic of chemistry."
        ),
        shipped=True,
    ),
    ReferenceDataset(
        name="gpaw-relaxations",
        label="softdash's own slabs, defects and images",
        kind=DatasetKind.MIXED,
        level_of_theory="PBE, GPAW 26.7, PAW, plane waves 400 to 600 eV",
        files=("references/gpaw_pbe_relaxations/*.extxyz",),
        sources=(
            ReferenceSource(title="softdash", path="precomputed/references/gpaw_pbe_relaxations", licence="CC0-1.0"),
        ),
        note=(
            "Frames on the way of relaxations, with a force of at least 0.3 eV/Å: surfaces, vacancies, cation "
            "orderings and images of a hop, away from the crystals that potentials mostly learnt. One or two frames "
            "each: an illustration."
        ),
        shipped=True,
    ),
    ReferenceDataset(
        name="vasp-tests",
        label="VASP runs of test suites",
        kind=DatasetKind.MIXED,
        level_of_theory="VASP; the functional differs between materials",
        files=(_VASP_TESTS,),
        sources=(
            ReferenceSource(
                title="atomate", path="https://github.com/hackingmaterials/atomate", licence="BSD-3-Clause-LBNL"
            ),
            ReferenceSource(
                title="atomate2", path="https://github.com/materialsproject/atomate2", licence="BSD-3-Clause-LBNL"
            ),
            _PYMATGEN,
            ReferenceSource(
                title="pymatgen-analysis-defects",
                path="https://github.com/materialsproject/pymatgen-analysis-defects",
                licence="BSD-3-Clause-LBNL",
            ),
        ),
        note="Relaxations, defects, migration paths and adsorbates: few frames each, several functionals.",
        excluded_ids=(_LGPS, _SILICON_MD),
    ),
    ReferenceDataset(
        name="mvl-metals",
        label="Metals and alloys",
        kind=DatasetKind.MIXED,
        level_of_theory="PBE, VASP",
        files=("forces/mvl_metals.extxyz.xz",),
        sources=(
            _repository("materialsvirtuallab/snap", "5fc2251b", "BSD-3-Clause"),
            _repository("materialsvirtuallab/mlearn", "10c427a5", "BSD-3-Clause"),
        ),
        note=(
            "Li, Si, Ge, Mo, Cu, Ni, Nb, Ta, W and alloys: MD at several temperatures, vacancies, surfaces, strain. Of "
            "each material at most eight frames are used, evenly spaced through the file."
        ),
        frames_per_material=8,
    ),
)


def dataset(name: str) -> ReferenceDataset:
    """Return one data set's description.

    Raises
    ------
    ReferenceDataError
        If there is none of that name; the message lists the names there are.
    """
    for candidate in DATASETS:
        if candidate.name == name:
            return candidate
    raise ReferenceDataError(
        f"There is no reference data set named '{name}'.",
        advice=f"Choose one of: {', '.join(known.name for known in DATASETS)}.",
    )


_ORDER = {known.name: place for place, known in enumerate(DATASETS)}


def dataset_order(name: str) -> tuple[int, str]:
    """Return a sort key: the order in which softdash lists its data sets, unknown ones last."""
    return _ORDER.get(name, len(_ORDER)), name
