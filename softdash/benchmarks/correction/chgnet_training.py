"""Fine-tuning of all parameters of CHGNet 0.3.0 with the library's own trainer and the paper's hyperparameters.

Deng et al., npj Comput. Mater. 11, 9 (2025), Methods, "Fine-tuning". Three differences, each for a reason:

- no stress term: the reference sets hold no stresses;
- the trainer lets its learning rate fall by ten steps an epoch, which an epoch of fewer than ten batches does not have,
  so that it would end far above 1e-5; the schedule here counts the steps that there are;
- the trainer tests the weights with the best validation *energy*; the paper takes those with the best force error.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
from ase import Atoms
from numpy.typing import NDArray

from softdash.errors import PredictionError
from softdash.structures.frames.labelled_frame import LabelledFrame

CHGNET_VERSION = "0.3.0"


@dataclass(frozen=True, slots=True)
class Hyperparameters:
    """How the parameters are fitted; the defaults are the paper's, which does not name its batch size.

    Attributes
    ----------
    epochs : int
    learning_rate, final_learning_rate : float
        Adam's, falling along a cosine.
    energy_weight, force_weight : float
        Of the mean squared errors of the energy per atom (eV²) and of the force components ((eV/Å)²) in the loss.
    validation_share : float
        Share of the training frames that is held out to choose the epoch; at least one frame, none of a single frame.
    batch_frames : int
        Frames of one step.
    """

    epochs: int = 100
    learning_rate: float = 1e-3
    final_learning_rate: float = 1e-5
    energy_weight: float = 0.1
    force_weight: float = 100.0
    validation_share: float = 0.1
    batch_frames: int = 1

    def validation_count(self, frame_count: int) -> int:
        """Return how many of `frame_count` training frames are held out."""
        return 0 if frame_count < 2 else max(1, round(self.validation_share * frame_count))


@dataclass(frozen=True, slots=True, eq=False)
class TrainedModel:
    """A fine-tuned model and how it came about.

    Attributes
    ----------
    model : chgnet.model.CHGNet
    epoch : int
        Whose weights they are, counted from 1.
    energy_offset : float
        eV/atom, what was taken off the labels' energies.
    train_force_mae : ndarray, shape (epochs,)
        eV/Å; while the weights change within the epoch.
    validation_force_mae : ndarray, shape (epochs,), or None
        eV/Å, after the epoch; None without validation frames.
    """

    model: Any
    epoch: int
    energy_offset: float
    train_force_mae: NDArray[np.float64]
    validation_force_mae: NDArray[np.float64] | None


def load_pretrained(threads: int) -> Any:
    """Return a fresh CHGNet 0.3.0 that may be changed."""
    import torch
    from chgnet.model import CHGNet

    torch.set_num_threads(threads)
    with contextlib.redirect_stdout(io.StringIO()):
        return CHGNet.load(model_name=CHGNET_VERSION, use_device="cpu", verbose=False)


def fine_tune(
    frames: Sequence[LabelledFrame],
    hyperparameters: Hyperparameters,
    folder: Path,
    *,
    seed: int,
    threads: int,
) -> TrainedModel:
    """Fit all parameters but the atoms' reference energies to labelled frames; the last ones are the validation set.

    The energies of the labels differ from CHGNet's (MP2020 corrections, pseudopotentials) by a constant per
    composition: the mean difference to the pretrained model over these frames is taken off before.

    Parameters
    ----------
    frames : sequence of LabelledFrame
        With energies, of one composition (or of one element).
    hyperparameters : Hyperparameters
    folder : pathlib.Path
        For the trainer's checkpoints. A training that was stopped goes on after its last finished epoch (the order of
        the frames is drawn anew then).
    seed : int
        Of the order of the frames in each epoch.
    threads : int

    Raises
    ------
    PredictionError
        If the training ends in numbers that are not finite.
    """
    from chgnet.trainer import Trainer

    model = load_pretrained(threads)
    offset = _energy_offset(model, frames)
    held_out = hyperparameters.validation_count(len(frames))
    training = _loader(model, frames[: len(frames) - held_out], offset, hyperparameters.batch_frames, shuffle=True)
    # The trainer wants a validation set; of a single frame nothing is held out, and its last epoch is taken.
    validation = _loader(model, frames[len(frames) - held_out :] if held_out else frames, offset, 1, shuffle=False)
    stopped = _checkpoint(folder)
    trainer = Trainer(
        model=model if stopped is None else _model_of(stopped),
        targets="ef",
        optimizer="Adam",
        criterion="MSE",
        epochs=hyperparameters.epochs,
        learning_rate=hyperparameters.learning_rate,
        energy_loss_ratio=hyperparameters.energy_weight,
        force_loss_ratio=hyperparameters.force_weight,
        torch_seed=seed,
        use_device="cpu",
    )
    trainer.scheduler = _cosine(trainer.optimizer, hyperparameters, len(training))
    if stopped is not None:
        _continue(trainer, stopped)
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.redirect_stdout(io.StringIO()):
        trainer.train(training, validation, save_dir=str(folder))
        history = trainer.training_history["f"]
        if len(history["val"]) < hyperparameters.epochs or not np.isfinite(history["val"]).all():
            raise PredictionError("The fine-tuning ended in numbers that are not finite.")
        chosen, epoch = _chosen_weights(trainer.model, folder, history["val"], by_validation=held_out > 0)
    return TrainedModel(
        model=chosen,
        epoch=epoch,
        energy_offset=offset,
        train_force_mae=np.asarray(history["train"], dtype=np.float64),
        validation_force_mae=np.asarray(history["val"], dtype=np.float64) if held_out else None,
    )


def predict_forces(model: Any, frames: Sequence[LabelledFrame]) -> list[NDArray[np.float64]]:
    """Predict the forces of all frames, eV/Å, one frame at a time."""
    forces, _ = _predict(model, frames)
    return forces


def _predict(model: Any, frames: Sequence[LabelledFrame]) -> tuple[list[NDArray[np.float64]], NDArray[np.float64]]:
    """Return forces (eV/Å) and energies (eV/atom)."""
    model.eval()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Converting a tensor with requires_grad")
        answers = [model.predict_structure(_structure(frame.atoms), task="ef") for frame in frames]
    forces = [np.asarray(answer["f"], dtype=np.float64) for answer in answers]
    return forces, np.array([float(answer["e"]) for answer in answers])


def _energy_offset(model: Any, frames: Sequence[LabelledFrame]) -> float:
    _, energies = _predict(model, frames)
    return float(np.mean([_energy_per_atom(frame) for frame in frames] - energies))


def _energy_per_atom(frame: LabelledFrame) -> float:
    if frame.reference_energy is None:
        raise ValueError(f"{frame.origin} has no energy")
    return frame.reference_energy / len(frame.atoms)


def _loader(model: Any, frames: Sequence[LabelledFrame], offset: float, batch: int, *, shuffle: bool) -> Any:
    from chgnet.data.dataset import StructureData, collate_graphs
    from torch.utils.data import DataLoader

    with contextlib.redirect_stdout(io.StringIO()):
        data = StructureData(
            [_structure(frame.atoms) for frame in frames],
            [_energy_per_atom(frame) - offset for frame in frames],
            [frame.reference_forces for frame in frames],  # type: ignore[misc]
            graph_converter=model.graph_converter,
            shuffle=False,
        )
    return DataLoader(data, batch_size=batch, shuffle=shuffle, collate_fn=collate_graphs)


def _cosine(optimizer: Any, hyperparameters: Hyperparameters, batches: int) -> Any:
    """Return a schedule that ends at the final learning rate with the steps that the trainer makes in each epoch."""
    from torch.optim.lr_scheduler import CosineAnnealingLR

    steps_of_an_epoch = {int(step) for step in np.arange(1, 11) * batches // 10 if step > 0}
    return CosineAnnealingLR(
        optimizer,
        T_max=hyperparameters.epochs * len(steps_of_an_epoch),
        eta_min=hyperparameters.final_learning_rate,
    )


def _chosen_weights(last: Any, folder: Path, errors: Sequence[float], *, by_validation: bool) -> tuple[Any, int]:
    """Return the model of the best validation force error, or the last one, and the number of its epoch."""
    if not by_validation:
        return last, len(errors)
    best = next(folder.glob("bestF_epoch*"))
    return _model_of(_read_checkpoint(best)), int(best.name.removeprefix("bestF_epoch").split("_")[0]) + 1


def _checkpoint(folder: Path) -> dict[str, Any] | None:
    """Return what the trainer kept after its last finished epoch; None where there is nothing, or half a file."""
    try:
        return _read_checkpoint(next(folder.glob("epoch*")))
    except (StopIteration, OSError, RuntimeError, EOFError, KeyError, UnpicklingError):
        return None


def _read_checkpoint(file: Path) -> dict[str, Any]:
    import torch

    # It holds more than tensors, and comes from this benchmark's own folder.
    state: dict[str, Any] = torch.load(file, map_location="cpu", weights_only=False)
    return state


def _model_of(state: dict[str, Any]) -> Any:
    from chgnet.model import CHGNet

    with contextlib.redirect_stdout(io.StringIO()):
        return CHGNet.from_dict(state["model"])


def _continue(trainer: Any, state: dict[str, Any]) -> None:
    """Set a trainer to where another one stopped: as its own ``load``, which torch 2.6 and later refuse."""
    trainer.optimizer.load_state_dict(state["optimizer"])
    trainer.scheduler.load_state_dict(state["scheduler"])
    trainer.training_history = state["training_history"]
    trainer.starting_epoch = len(trainer.training_history["f"]["val"])


def _structure(atoms: Atoms) -> Any:
    from pymatgen.io.ase import AseAtomsAdaptor

    return AseAtomsAdaptor.get_structure(atoms)
