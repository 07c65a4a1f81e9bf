"""One upload of the corpus, and the list of kinds that the modules with cases fill."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from upload_corpus.materials import Material

Content = str | bytes


@dataclass(frozen=True)
class Case:
    """Files as a user would upload them, and what a perfect reading gives.

    Attributes
    ----------
    kind : str
        Row of the table of outcomes.
    name : str
        Kind, variant and material, for people.
    files : tuple of (name, content)
    truth : float or None
        Slope of the reading that is meant; None where the files have no true reading and only a refusal is right.
    """

    kind: str
    name: str
    files: tuple[tuple[str, bytes], ...]
    truth: float | None


Variant = tuple[str, dict[str, Content], float | None]
"""What a kind yields: name of the variant, files by name, truth."""

Maker = Callable[[Material, np.random.Generator], Iterable[Variant]]


@dataclass(frozen=True)
class Kind:
    """One kind of upload: its title in the table and the function that makes its variants of a material."""

    title: str
    make: Maker


KINDS: list[Kind] = []
"""All kinds, in the order of the table."""


def kind(title: str) -> Callable[[Maker], Maker]:
    """Enter a function as a kind of upload."""

    def enter(make: Maker) -> Maker:
        KINDS.append(Kind(title, make))
        return make

    return enter


def cases(of: Sequence[Material], wanted: Callable[[str], bool] = lambda _: True) -> Iterator[Case]:
    """Yield the cases of all kinds whose title is wanted; the same ones every time."""
    for one in KINDS:
        if not wanted(one.title):
            continue
        for material in of:
            # A seed of its own, so that a kind's cases stay the same whatever stands before it.
            seed = hashlib.sha256(f"{one.title}|{material.name}".encode()).digest()[:8]
            generator = np.random.default_rng(int.from_bytes(seed, "little"))
            for variant, files, truth in one.make(material, generator):
                contents = tuple(
                    (name, content.encode() if isinstance(content, str) else content) for name, content in files.items()
                )
                yield Case(one.title, f"{one.title}: {variant} ({material.name})", contents, truth)
