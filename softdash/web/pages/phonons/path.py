"""The choices of the path control of the phonon page, and the stretch that a choice stands for."""

from __future__ import annotations

from softdash.catalog import Catalog, PhononBands
from softdash.errors import SoftdashError
from softdash.web.pages.phonons.bands import Branch, branches

WHOLE_PATH = "all"
_WHOLE = {"value": WHOLE_PATH, "label": "Whole path"}


def path_options(bands: PhononBands) -> list[dict[str, str]]:
    """Return the choices of the path control: all of it, and each stretch without a break."""
    stretches = branches(bands.path)
    options = [_WHOLE]
    if len(stretches) > 1:
        options += [{"value": str(i), "label": branch.label} for i, branch in enumerate(stretches, start=1)]
    return options


def chosen_branch(bands: PhononBands, value: str | None) -> Branch | None:
    """Return the stretch named by the path control; None for the whole path."""
    stretches = branches(bands.path)
    index = int(value) if value and value.isdecimal() else 0
    return stretches[index - 1] if 1 <= index <= len(stretches) else None


def paths_of(catalog: Catalog, material: str) -> list[dict[str, str]]:
    """Return `path_options` of a material; the whole path alone where its bands cannot be read."""
    try:
        return path_options(catalog.phonon_bands(material))
    except SoftdashError:
        # The figure says what is wrong; the control stays usable.
        return [_WHOLE]
