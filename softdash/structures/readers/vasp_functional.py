"""Which exchange-correlation functional a VASP run used, from its INCAR tags, parameters and pseudopotentials.

Tags: https://www.vasp.at/wiki (GGA, METAGGA, LHFCALC, LDAU, IVDW). After `pymatgen.io.vasp.Vasprun.run_type`, but
``GGA = --`` is resolved by the pseudopotentials, and names are those that people use.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_GGA = {
    "PE": "PBE",
    "PS": "PBEsol",
    "RP": "RPBE",
    "RE": "revPBE",
    "AM": "AM05",
    "91": "PW91",
    "CA": "LDA",
    "PZ": "LDA",
    "B3": "BLYP-B3",
    "OR": "optPBE-vdW",
    "BO": "optB88-vdW",
    "MK": "optB86b-vdW",
}
_META_GGA = {"R2SCAN": "r2SCAN", "RSCAN": "rSCAN", "SCAN": "SCAN", "TPSS": "TPSS", "RTPSS": "revTPSS", "M06L": "M06-L"}
_DISPERSION = {
    1: "D2",
    10: "D2",
    11: "D3",
    12: "D3(BJ)",
    13: "D4",
    2: "TS",
    20: "TS",
    21: "TS-H",
    202: "MBD",
    4: "dDsC",
}
_UNSET = frozenset({"", "--", "NONE"})
_BY_PSEUDOPOTENTIAL = {"PAW_PBE": "PBE", "PAW_GGA": "PW91", "PAW": "LDA"}


def vasp_functional(tags: Mapping[str, str], pseudopotentials: Sequence[str]) -> str | None:
    """Return the functional: ``"PBE"``, ``"PBE+U"``, ``"r2SCAN"``, ``"HSE06"``, ``"PBE+D3(BJ)"``; None if unknown.

    Parameters
    ----------
    tags : mapping of str to str
        INCAR tags and parameters, names in upper case, values as text.
    pseudopotentials : sequence of str
        Titles: ``"PAW_PBE Na_pv 19Sep2006"``.
    """
    base = _hybrid(tags) or _meta_gga(tags) or _gga(tags, pseudopotentials)
    if base is None:
        return None
    return f"{base}{_hubbard(tags)}{_dispersion(tags)}"


def vasp_spin(tags: Mapping[str, str]) -> str | None:
    """Return ``"spin-polarised"``, ``"not spin-polarised"`` or ``"non-collinear"``; None if unknown."""
    if is_true(tags.get("LNONCOLLINEAR")) or is_true(tags.get("LSORBIT")):
        return "non-collinear"
    return {"1": "not spin-polarised", "2": "spin-polarised"}.get(tags.get("ISPIN", "").strip())


def vasp_hubbard_u(tags: Mapping[str, str], pseudopotentials: Sequence[str]) -> str | None:
    """Return the U of each species that has one: ``"Ni 6.2 eV"`` (of Dudarev's form less J); None without any."""
    if not is_true(tags.get("LDAU")):
        return None
    strengths = [_number(word) or 0.0 for word in tags.get("LDAUU", "").split()]
    exchanges = [_number(word) or 0.0 for word in tags.get("LDAUJ", "").split()] or [0.0] * len(strengths)
    symbols = [title.split()[1].split("_")[0] if len(title.split()) > 1 else "?" for title in pseudopotentials]
    if not strengths or len(strengths) != len(symbols) or len(exchanges) != len(strengths):
        return "kind not told"
    less = exchanges if tags.get("LDAUTYPE", "2").strip() in ("", "2") else [0.0] * len(strengths)
    parts = [f"{s} {u - j:g} eV" for s, u, j in zip(symbols, strengths, less, strict=True) if u]
    return ", ".join(dict.fromkeys(parts)) or None


def vasp_dispersion(tags: Mapping[str, str]) -> str | None:
    """Return ``"D3(BJ)"`` and the like, None without a dispersion correction."""
    return _dispersion(tags).lstrip("+") or None


def is_true(text: str | None) -> bool:
    """Whether a Fortran logical is true."""
    return (text or "").strip().strip(".").upper().startswith("T")


def _number(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:
        return None


def _hybrid(tags: Mapping[str, str]) -> str | None:
    if not is_true(tags.get("LHFCALC")):
        return None
    exact = _number(tags.get("AEXX"))
    screening = _number(tags.get("HFSCREEN")) or 0.0
    exact = 0.25 if exact is None else exact
    if exact == 1.0:
        return "Hartree-Fock"
    known = {
        (0.25, 0.2): "HSE06",
        (0.25, 0.21): "HSE06",
        (0.25, 0.3): "HSE03",
        (0.25, 0.0): "PBE0",
        (0.2, 0.0): "B3LYP",
    }
    shown = f"hybrid (AEXX = {exact:g}, HFSCREEN = {screening:g})"
    return known.get((round(exact, 2), round(screening, 2)), shown)


def _meta_gga(tags: Mapping[str, str]) -> str | None:
    tag = tags.get("METAGGA", "").strip().upper()
    return None if tag in _UNSET else _META_GGA.get(tag, tag)


def _gga(tags: Mapping[str, str], pseudopotentials: Sequence[str]) -> str | None:
    tag = tags.get("GGA", "").strip().upper()
    if tag not in _UNSET:
        return _GGA.get(tag, f"GGA {tag}")
    kinds = {title.split()[0] for title in pseudopotentials if title.split()}
    return _BY_PSEUDOPOTENTIAL.get(kinds.pop()) if len(kinds) == 1 else None


def _hubbard(tags: Mapping[str, str]) -> str:
    if not is_true(tags.get("LDAU")):
        return ""
    strengths = [_number(word) for word in tags.get("LDAUU", "").split()]
    return "+U" if not strengths or any(strengths) else ""


def _dispersion(tags: Mapping[str, str]) -> str:
    kind = int(_number(tags.get("IVDW")) or 0)
    nonlocal_part = "+rVV10" if is_true(tags.get("LUSE_VDW")) and _meta_gga(tags) else ""
    return nonlocal_part or (f"+{_DISPERSION.get(kind, f'IVDW={kind}')}" if kind else "")
