"""The high-energy-states task: softening scales of reference sets, material by material.

Deng et al., npj Comput. Mater. 11, 9 (2025), section "High-energy states" and Fig. 5. Two steps: predicted forces go
to a store that survives interruptions (`predict_dataset`), tables are made from the store (`build_tables`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from softdash.benchmarks.data.data_package import potential_version
from softdash.benchmarks.data.datasets import ReferenceDataset
from softdash.benchmarks.data.datasets import dataset as dataset_named
from softdash.benchmarks.data.predictions import MaterialPredictions, PredictionStore, predict_material, refusals
from softdash.benchmarks.data.reference_data import ReferenceMaterial, read_materials
from softdash.benchmarks.data.reference_file import ReferenceFile
from softdash.benchmarks.data.scope import is_within_scope
from softdash.benchmarks.high_energy.frame_spreads import MEASURED_ON, known_frame_spread, write_frame_spreads
from softdash.benchmarks.high_energy.tables import AnalysedMaterial, write_tables
from softdash.catalog import Catalog
from softdash.errors import RefusalError
from softdash.potentials.functionals import UNKNOWN_FUNCTIONAL, functional_differs
from softdash.potentials.interface import PotentialCard
from softdash.potentials.registry import card, load_potential
from softdash.settings import Settings
from softdash.softening import analyse_forces

ConsoleProgress = Callable[[str, int, int], None]
"""Called as ``progress(title, frames_done, frames_total)``."""

logger = logging.getLogger(__name__)

_RELAXATIONS = frozenset(
    {
        "atomate2:Au16O",
        "atomate2:Ga15MgN16",
        "atomate2:Mn16ZnO112P32",
        "atomate:Ir",
        "atomate:Ir16H",
        "atomate:Mg2YO4P",
        "atomate:Mg3Y2O8P2",
        "atomate:MgY2O8P2",
        "atomate:MgYO4P",
        "pymatgen-analysis-defects:Ga16N15",
    }
)


def run_benchmark(
    dataset_names: Sequence[str],
    potential_names: Sequence[str],
    settings: Settings,
    console_progress: ConsoleProgress,
    *,
    reference: ReferenceFile | None = None,
) -> list[Path]:
    """Run the task for each pair of a data set and a potential, and write the tables after each.

    Parameters
    ----------
    dataset_names, potential_names : sequence of str
        Names as in `softdash.benchmarks.data.datasets.DATASETS` and the registry of potentials.
    settings : Settings
        `data_dir` holds the reference data, `state_dir` the store of predictions, `precomputed_dir` the tables.
    console_progress : callable
        See `ConsoleProgress`.
    reference : ReferenceFile, optional
        A reader's own frames, as one more data set.

    Returns
    -------
    list of pathlib.Path
        The files written.

    Raises
    ------
    ReferenceDataError, PotentialUnavailableError
        Before anything is computed, if a name is unknown.
    """
    datasets = [dataset_named(name) for name in dataset_names]
    for potential_name in potential_names:
        card(potential_name)
    written: dict[Path, None] = {}
    for dataset in datasets:
        for potential_name in potential_names:
            files = run(dataset, potential_name, settings, console_progress)
            written.update(dict.fromkeys(files))
    if reference is not None:
        for potential_name in potential_names:
            files = run_materials(reference.dataset, potential_name, reference.materials, settings, console_progress)
            written.update(dict.fromkeys(files))
    return list(written)


def run(
    dataset: ReferenceDataset,
    potential_name: str,
    settings: Settings,
    console_progress: ConsoleProgress,
    limit: int | None = None,
) -> list[Path]:
    """Run one data set with one potential: predict what is missing, then write its tables.

    Compounds that are not within the potential's scope are left out; where none is, nothing is written.

    Parameters
    ----------
    dataset : ReferenceDataset
    potential_name : str
    settings : Settings
    console_progress : callable
    limit : int, optional
        Only the first materials, to try things out.

    Returns
    -------
    list of pathlib.Path
        The files written.
    """
    chosen = card(potential_name)
    materials = [one for one in read_materials(dataset, settings) if _is_tried(chosen, one)][:limit]
    return [] if not materials else run_materials(dataset, potential_name, materials, settings, console_progress)


def _is_tried(chosen: PotentialCard, material: ReferenceMaterial) -> bool:
    return any(is_within_scope(chosen, frame.atoms.get_chemical_symbols()) for frame in material.frames)


def run_materials(
    dataset: ReferenceDataset,
    potential_name: str,
    materials: Sequence[ReferenceMaterial],
    settings: Settings,
    console_progress: ConsoleProgress,
) -> list[Path]:
    """Run materials that are read already with one potential; see `run`."""
    predictions = predict_dataset(dataset, potential_name, materials, settings, console_progress)
    return build_tables(dataset, potential_name, materials, predictions, settings)


def prediction_store(settings: Settings) -> PredictionStore:
    """Return the store of predicted forces in the state folder."""
    return PredictionStore(settings.state_dir / "benchmarks" / "high_energy")


def predict_dataset(
    dataset: ReferenceDataset,
    potential_name: str,
    materials: Sequence[ReferenceMaterial],
    settings: Settings,
    console_progress: ConsoleProgress,
) -> list[MaterialPredictions]:
    """Predict all materials; those in the store are taken from there, those near equilibrium are left out.

    Returns
    -------
    list of MaterialPredictions
        In the order of `materials`.
    """
    chosen = card(potential_name)
    stamp, store = potential_version(chosen), prediction_store(settings)
    title = f"{dataset.label}, {chosen.label}"
    total = sum(len(material.frames) for material in materials)
    done = 0
    predictions = []
    for material in materials:
        present = store.get(stamp, material)
        if present is None and _is_left_out(material, dataset.smallest_reference_max):
            present = MaterialPredictions((None,) * len(material.frames), tuple(refusals(material)))
        elif present is None:
            present = predict_material(load_potential(potential_name), material)
            store.put(stamp, material, present)
        predictions.append(present)
        done += len(material.frames)
        console_progress(title, done, total)
    return predictions


def _is_left_out(material: ReferenceMaterial, smallest_reference_max: float) -> bool:
    """Whether no frame passes `without_small_forces`: then none needs a prediction."""
    return all(np.abs(frame.reference_forces).max() < smallest_reference_max for frame in material.frames)


def build_tables(
    dataset: ReferenceDataset,
    potential_name: str,
    materials: Sequence[ReferenceMaterial],
    predictions: Sequence[MaterialPredictions],
    settings: Settings,
) -> list[Path]:
    """Analyse predicted forces, and put the results of this data set and potential into the tables.

    Rows of other data sets and potentials stay as they are.
    """
    chosen = card(potential_name)
    spread = known_frame_spread(Catalog(settings.precomputed_dir), chosen)
    analysed = [
        analyse_material(
            material,
            without_small_forces(material, predicted, dataset.smallest_reference_max),
            chosen,
            frame_spread=spread,
            relaxation=are_relaxation_steps(dataset.name, material.material_id),
        )
        for material, predicted in zip(materials, predictions, strict=True)
    ]
    written = write_tables(dataset, potential_version(chosen), analysed, settings.precomputed_dir)
    spreads = write_frame_spreads(settings.precomputed_dir) if dataset.name == MEASURED_ON else None
    return [*written, *([spreads] if spreads else [])]


def are_relaxation_steps(dataset_name: str, material_id: str) -> bool:
    """Whether the frames of a material are known to be the steps of one or a few relaxations.

    What a data set says of its frames is better than what their forces look like (`softdash.softening.frame_series`).
    """
    return dataset_name == "gpaw-relaxations" or (dataset_name == "vasp-tests" and material_id in _RELAXATIONS)


def without_small_forces(
    material: ReferenceMaterial, predictions: MaterialPredictions, smallest_reference_max: float
) -> MaterialPredictions:
    """Leave out frames whose largest reference force component is below a limit, in eV/Å, and say so."""
    forces, reasons = list(predictions.forces), list(predictions.reasons)
    for position, frame in enumerate(material.frames):
        largest = float(np.abs(frame.reference_forces).max())
        if not reasons[position] and largest < smallest_reference_max:
            forces[position] = None
            reasons[position] = (
                f"Near equilibrium: no reference force component reaches {smallest_reference_max:g} eV/Å (largest "
                f"{largest:.2g})."
            )
    return MaterialPredictions(tuple(forces), tuple(reasons))


def analyse_material(
    material: ReferenceMaterial,
    predictions: MaterialPredictions,
    potential_card: PotentialCard,
    *,
    frame_spread: float | None = None,
    relaxation: bool | None = None,
) -> AnalysedMaterial:
    """Make the statistics of one material from the frames that were predicted.

    Parameters
    ----------
    material : ReferenceMaterial
    predictions : MaterialPredictions
    potential_card : PotentialCard
    frame_spread, relaxation
        As `softdash.softening.analyse_forces`.
    """
    used = [position for position, forces in enumerate(predictions.forces) if forces is not None]
    predicted = [forces for forces in predictions.forces if forces is not None]
    statistics, refusal = None, ""
    try:
        if used:
            statistics = analyse_forces(
                [material.frames[position].reference_forces for position in used],
                predicted,
                [material.frames[position].atoms.numbers for position in used],
                [material.frames[position].origin for position in used],
                frame_spread=frame_spread,
                relaxation=relaxation,
            )
        else:
            refusal = "All frames were left out."
    except RefusalError as error:
        refusal = error.what
    mismatch = (
        potential_card.is_universal
        and material.functional != UNKNOWN_FUNCTIONAL
        and functional_differs(material.functional, potential_card.functional, material.elements)
    )
    return AnalysedMaterial(
        material=material,
        predictions=predictions,
        statistics=statistics,
        refusal=refusal,
        functional_mismatch=mismatch,
    )
