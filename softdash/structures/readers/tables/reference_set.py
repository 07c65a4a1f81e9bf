"""Which of several sets of forces in one file is the reference, by their names: DFT is, those of a model are not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from softdash.errors import Choice, InputError, RefusalError
from softdash.structures.frames.readings import Reading

SetKind = Literal["reference", "model", "unnamed", "unknown"]

_REFERENCES = frozenset(
    (
        "dft ref reference vasp pbe pbesol rpbe revpbe qe pwscf espresso true truth target targets label labels "
        "labelled gt groundtruth abinitio initio firstprinciples exact qm gpaw castep cp2k aims fhiaims siesta abinit "
        "hse hse06 scan r2scan rscan lda gga pbe0 b3lyp blyp expected outcar vasprun wien2k elk exciting orca "
        "gaussian turbomole crystal onetep openmx dmol3 nwchem psi4 pyscf dftfe quantum hf mp2 ccsd rpa bse soc paw "
        "pw"
    ).split()
)
_FUNCTIONALS = frozenset(
    ("pbe pbesol rpbe revpbe hse hse06 scan r2scan rscan lda gga pbe0 b3lyp blyp omat mp d3").split()
)
_MODELS = frozenset(
    (
        "chgnet mace m3gnet matgl model models ml mlp mlip mlips mlff mlfp nn nnp gnn gnns pred preds predicted "
        "prediction predictions predict potential pot orb orbv2 orbv3 sevennet 7net alignn alignnff nequip allegro "
        "gap snap ace pace mtp deepmd dp dpa eqv2 equiformer esen uma mattersim grace pet fairchem ff forcefield uff "
        "reaxff eam meam lammps tensornet megnet schnet painn ani student surrogate finetuned finetune emt lj nep "
        "hienet matris dpa3 nequix cace eqnorm umlip mlpot interatomic calculator estimated estimate inferred fitted"
    ).split()
)
_UNNAMED = "unnamed"
"""How a set without a name is chosen."""

_JOINS = re.compile(r"[\s_\-./:+]+")
_NAMES_SHOWN = 6


@dataclass(frozen=True, slots=True)
class TakenSet:
    """The set of forces that was taken.

    Attributes
    ----------
    name : str
        As its file calls it; empty without a name.
    others : tuple of str
        Names of the sets left aside.
    readings : tuple of Reading
        What was taken and what was left aside, where there was a choice.
    """

    name: str
    others: tuple[str, ...] = ()
    readings: tuple[Reading, ...] = ()


def is_set_word(word: str) -> bool:
    """Whether a word names the origin of forces: a program, a functional, a model."""
    return word != "nN" and kind_of(word) in ("reference", "model")  # a nanonewton, not a neural network


def kind_of(name: str) -> SetKind:
    """Return what a set of this name is."""
    words = [word for word in _JOINS.split(name.lower().strip(" ()[]'\"")) if word]
    if not words:
        return "unnamed"
    models = [word for word in words if _is_model(word)]
    references = [word for word in words if word in _REFERENCES]
    if models and all(word in _FUNCTIONALS for word in references):
        return "model"  # a model is often called after the functional of its training data
    if models:
        return "unknown"
    return "reference" if references else "unknown"


def _is_model(word: str) -> bool:
    return word in _MODELS or bool(
        re.fullmatch(r"(?:chgnet|mace|m3gnet|sevennet|7net|orb|mattersim|pred|model)\w*", word)
    )


def choose_set(names: Sequence[str], wanted: str | None, where: str) -> TakenSet:
    """Return which of the named sets of forces is the reference.

    Parameters
    ----------
    names : sequence of str
        Distinct names, at least one; an empty one has no name.
    wanted : str or None
        `ReadOptions.forces`.
    where : str
        Name of the file.

    Raises
    ------
    InputError
        If several may be the reference, or there is none of the wanted name; it has one choice per set.
    RefusalError
        If the only set is that of a model.
    """
    if wanted is not None:
        return _wanted(names, wanted, where)
    kinds = {name: kind_of(name) for name in names}
    if all(kind == "model" for kind in kinds.values()):
        raise RefusalError(
            f"The only forces in it are called {_listed(names)}: those are predictions, not the reference.",
            where=where,
            advice="Add the columns of DFT. If these are DFT forces all the same, take them by their name.",
            choices=_choices(names),
        )
    references = [name for name in names if kinds[name] == "reference"]
    others = [name for name in names if kinds[name] != "model"]
    if len(references) == 1:
        return _taken(names, references[0])
    if not references and len(others) == 1 and (len(names) == 1 or kinds[others[0]] == "unnamed"):
        return _taken(names, others[0])
    raise InputError(
        f"It has {len(names)} sets of forces ({_listed(names)}), and nothing says which one is the reference.",
        where=where,
        advice="Choose one, or call it DFT in its heading.",
        choices=_choices(names),
    )


def _wanted(names: Sequence[str], wanted: str, where: str) -> TakenSet:
    found = [name for name in names if _plain(name or _UNNAMED) == _plain(wanted)]
    if not found and len(names) == 1 and not names[0]:
        return _taken(names, names[0])  # a file of several without names
    if not found:
        raise InputError(
            f"It has no forces called {wanted[:40]!r}. Found: {_listed(names)}.",
            where=where,
            advice="Choose one of these.",
            choices=_choices(names),
        )
    others = tuple(name for name in names if name != found[0])
    detail = f"You chose them; left aside: {_listed(others)}." if others else "You chose them."
    return TakenSet(found[0], others, (Reading("columns", _shown(found[0]), "chosen", detail),))


def _plain(name: str) -> str:
    return " ".join(word for word in _JOINS.split(name.lower().strip()) if word)


def _taken(names: Sequence[str], name: str) -> TakenSet:
    others = tuple(other for other in names if other != name)
    if not others:
        return TakenSet(name)
    ground: Literal["stated", "assumed"] = "stated" if kind_of(name) == "reference" else "assumed"
    detail = f"Of {len(names)} sets of forces; left aside: {_listed(others)}."
    return TakenSet(name, others, (Reading("columns", _shown(name), ground, detail),))


def _choices(names: Sequence[str]) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            f"Take the forces called {name[:40]}" if name else "Take the forces without a name",
            {"forces": name[:100] or _UNNAMED},
        )
        for name in names[:20]
    )


def _shown(name: str) -> str:
    return name or "the forces without a name"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(_shown(name)[:40] for name in names[:_NAMES_SHOWN])
    return f"{shown} and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else shown
