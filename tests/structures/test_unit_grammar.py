"""Units of force in every spelling; what is none, and what is meant as one and not understood."""

from __future__ import annotations

from typing import get_args

import pytest
from ase import units
from hypothesis import given
from hypothesis import strategies as st

from softdash.structures.frames.force_units import IN_EV_PER_ANGSTROM
from softdash.structures.frames.read_options import ForceUnit, ReadOptions
from softdash.structures.units.unit_grammar import looks_like_unit, parse_length, parse_unit, units_in_text

HARTREE = units.Hartree / units.Bohr
SPELLINGS: dict[str, str] = {
    "eV/Å": "eV/Å|eV/A|eV/Ang|eV/Angst|ev/angstrom|eV/angstroms|EV/ANG|eV/Ångström|eV Å⁻¹|eV Å-1|eV.A^-1|eV·Å⁻¹|eV*A^-1"
    "|eV×Å⁻¹|eV A**-1|eV Å^(-1)|eV·Å^{-1}|$\\mathrm{eV}\\,\\AA^{-1}$|\\frac{eV}{\\AA}|eV/\\AA|eV per Å|eV per Angstrom"
    "|electronvolt/angstrom|electron volts per ångström|eVA-1|eVA^-1|eVÅ⁻¹|eVA|eV_A|eV_per_A|eVperA"
    "|eV / Å|(eV/Å)|[eV/Å]|eV/Å)|(eV/Å|/eV Å⁻¹|in eV/Å|eV/Å, PBE|DFT, eV/Å|PBE eV/Å|metal units|eV/Ã…|eV/Å^-1"
    "|eV/Å (DFT)|eV/Å [PBE]|eV/A°|eV/°A|Å⁻¹ eV|eV//Å",
    "meV/Å": "meV/Å|meV/A|meV Å⁻¹|meV-Å^-1|MEV/A|10^-3 eV/Å",
    "eV/nm": "eV/nm|eV nm⁻¹|eV nm^-1|eV per nanometer",
    "eV/pm": "eV/pm|eV pm-1",
    "eV/bohr": "eV/bohr|eV/a0|eV/a.u.",
    "Ry/bohr": "Ry/bohr|Ry/Bohr|Ry/au|RY/A.U.|Ry/a.u.|Ry/a0|Ryd/au|Rydberg/bohr|Rydbergs per bohr|Ry_bohr|Ry a0^-1"
    "|Rydberg atomic units",
    "mRy/bohr": "mRy/bohr|mRy/au|1e-3 Ry/bohr",
    "Ry/Å": "Ry/Å|Ry/Angstrom",
    "Ha/bohr": "Ha/bohr|Ha/a0|Ha/a_0|Eh/a0|E_h/bohr|E_{h}/a_{0}|Eh a₀⁻¹|Hartree per bohr|Ha bohr⁻¹|Ha bohr^-1"
    "|Hartrees/Bohr|H/bohr|H/b|H/a0|Ha/b|a.u.|au|A.U.|atomic units|Hartree atomic units"
    "|Hartree/Bohr (a.u.)|au (Ha/bohr)|Hartree per Bohr radius|E_H/a_B|Eₕ/a₀|atomic_units"
    "|Ha_bohr|Ha-bohr|HaBohr|hartree/bohr",
    "mHa/bohr": "mHa/bohr|mHa/a0|mEh/bohr|10⁻³ Ha/bohr|x10^-3 Ha/bohr|1e-3 a.u.|0.001 Ha/bohr",
    "Ha/Å": "Ha/Å|Ha/Ang|Hartree/Angstrom",
    "kcal/mol/Å": "kcal/mol/Å|kcal/mol/A|kcal mol-1 A-1|kcal mol -1 A -1|kcal/(mol Å)|kcal/(mol·Å)|kcal/(mol*A)"
    "|kcal/mol-Å|kcal/mol Å|kcal/mol·Å|kcal mol⁻¹ Å⁻¹|kcal·mol⁻¹·Å⁻¹|kcal.mol-1.A-1"
    "|kcal/molÅ|kcal/mole/Angstrom|kcal_mol_A"
    "|kcal (mol Å)^-1|kcal per mol per Å|(kcal/(mol Å))|kcal/(mol Å|real units",
    "kcal/mol/bohr": "kcal/mol/bohr|kcal mol^-1 bohr^-1",
    "kJ/mol/Å": "kJ/mol/Å|kJ/mol/A",
    "kJ/mol/nm": "kJ/mol/nm|kJ mol-1 nm-1|kJ/(mol nm)|kJ mol^-1 nm^-1",
    "nN": "nN|nanonewton|nanonewtons",
    "N": "N|newton|Newton|J/m",
}


@pytest.mark.parametrize(
    ("name", "text"), [(name, text) for name, all_ in SPELLINGS.items() for text in all_.split("|")]
)
def test_a_unit_in_any_spelling(name: str, text: str) -> None:
    found = parse_unit(text)
    assert found is not None
    assert (found.name, found.factor) == (name, IN_EV_PER_ANGSTROM[name])
    assert looks_like_unit(text)


def test_all_units_that_can_be_chosen_are_known_and_right() -> None:
    assert set(IN_EV_PER_ANGSTROM) == set(get_args(ForceUnit)) - {"auto"}
    newton = units.J / units.m
    expected = {
        "eV/Å": 1.0,
        "meV/Å": 1e-3,
        "eV/nm": 0.1,
        "eV/pm": 100.0,
        "eV/bohr": 1 / units.Bohr,
        "Ry/bohr": units.Rydberg / units.Bohr,
        "mRy/bohr": 1e-3 * units.Rydberg / units.Bohr,
        "Ry/Å": units.Rydberg,
        "Ha/bohr": HARTREE,
        "mHa/bohr": 1e-3 * HARTREE,
        "Ha/Å": units.Hartree,
        "kcal/mol/Å": units.kcal / units.mol,
        "kcal/mol/bohr": units.kcal / units.mol / units.Bohr,
        "kJ/mol/Å": units.kJ / units.mol,
        "kJ/mol/nm": units.kJ / units.mol / units.nm,
        "nN": 1e-9 * newton,
        "N": newton,
    }
    assert pytest.approx(expected, rel=1e-12) == IN_EV_PER_ANGSTROM
    assert pytest.approx(0.62415, rel=1e-4) == IN_EV_PER_ANGSTROM["nN"]


@pytest.mark.parametrize(
    ("text", "factor"), [("keV/Å", 1e3), ("aJ/Å", 6.2415), ("dyn", 6241.5), ("pN", 6.2415e-4), ("µHa/bohr", 5.1422e-5)]
)
def test_a_unit_without_usual_name_has_its_factor(text: str, factor: float) -> None:
    found = parse_unit(text)
    assert found is not None
    assert found.factor == pytest.approx(factor, rel=1e-4)
    assert found.name not in IN_EV_PER_ANGSTROM


@given(
    energy=st.sampled_from(["eV", "meV", "Ry", "mRy", "Ha", "Hartree", "E_h"]),
    length=st.sampled_from(["Å", "Angstrom", "nm", "bohr", "a0", "a.u."]),
    style=st.sampled_from(
        ["{e}/{l}", "{e} / {l}", "{e} {l}^-1", "{e} {l}⁻¹", "{e}·{l}^{{-1}}", "{e} per {l}", "({e}/{l})"]
    ),
)
def test_energies_lengths_and_styles_combine(energy: str, length: str, style: str) -> None:
    energies = {
        "eV": 1.0,
        "meV": 1e-3,
        "Ry": units.Rydberg,
        "mRy": 1e-3 * units.Rydberg,
        "Ha": units.Hartree,
        "Hartree": units.Hartree,
        "E_h": units.Hartree,
    }
    lengths = {"Å": 1.0, "Angstrom": 1.0, "nm": 10.0, "bohr": units.Bohr, "a0": units.Bohr, "a.u.": units.Bohr}
    text = style.format(e=energy, l=length)
    found = parse_unit(text)
    assert found is not None
    assert found.factor == pytest.approx(energies[energy] / lengths[length], rel=1e-9)
    (mention,) = units_in_text(f"# forces in {text}")
    assert mention.unit is not None
    assert mention.unit.factor == found.factor


@pytest.mark.parametrize(
    "text",
    "foo/Å|eV/furlong|lbf|kgf|eV|Ry|bohr|Å|eV·Å|eV Å|kcal/Å|kJ/Å|kcal/mol|eV/atom|eV/Å^3|eV/Å²|eV/A3|N/m|J/m^2|MeV/Å"
    "|GPa|Ha/bohr/atom|cm-1/Å|1/furlong|arb. units|%|eV/mol/Å".split("|"),
)
def test_what_is_meant_as_a_unit_and_is_none_of_force(text: str) -> None:
    assert parse_unit(text) is None
    assert looks_like_unit(text)


@pytest.mark.parametrize(
    "text",
    "DFT|CHGNet|PBE|ref|x|1|DFT PBE|relaxed|this work|NN|Mn|A|B|cal|DFT-D3|MACE-MP-0|run 1|PBE/DZP|n/a|dE/dx|-dE/dx"
    "|∂E/∂x|QM/MM|unit cell|".split("|"),
)
def test_labels_are_no_units(text: str) -> None:
    assert parse_unit(text) is None
    assert not looks_like_unit(text)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("# forces in Ha/bohr", "Ha/bohr"),
        ("# Forces (Ry/au)", "Ry/bohr"),
        ("units: eV/Angstrom", "eV/Å"),
        ("#unit=kcal mol-1 A-1", "kcal/mol/Å"),
        ("# forces in N", "N"),
        ("# F in nN", "nN"),
        ("# units metal", "eV/Å"),
        ("# units real", "kcal/mol/Å"),
        ("# units: atomic", "Ha/bohr"),
        ("# a.u.", "Ha/bohr"),
        ("# all in atomic units", "Ha/bohr"),
        ("# forces and positions in atomic units", "Ha/bohr"),
        ("# positions in bohr, forces in hartree/bohr", "Ha/bohr"),
        ("# energies in kcal/mol, forces in kcal/mol/Å", "kcal/mol/Å"),
        ("# energy -3.2 eV/atom, stress eV/Å^3, forces eV/A", "eV/Å"),
        ("# max force: 1e-3 Ry/bohr, forces in eV/Å", "eV/Å"),
        ("# forces in units of 10^-3 eV/Å", "meV/Å"),
        ("# converted from Ha/bohr to eV/Å", "eV/Å"),
        ("# Ha/bohr -> eV/Å", "eV/Å"),
        ("# Kräfte in eV/Å", "eV/Å"),
        ("# Einheit: Ha/bohr", "Ha/bohr"),
        ("# Fx Fy Fz [Ha/bohr]", "Ha/bohr"),
        ("# Fx Fy Fz Ry/bohr", "Ry/bohr"),
        ("fx Ha/bohr", "Ha/bohr"),
        ("fx_Ha_bohr", "Ha/bohr"),
        ("Fx/Ha bohr^-1", "Ha/bohr"),
        ("Forces acting on atoms (cartesian axes, Ry/au):", "Ry/bohr"),
        ("POSITION                   TOTAL-FORCE (eV/Angst)", "eV/Å"),
        ("ATOMIC FORCES in [a.u.]", "Ha/bohr"),
        ("forces_Ha_bohr.csv", "Ha/bohr"),
        ("F_eVA.csv", "eV/Å"),
        ("forces-mRy-bohr.dat", "mRy/bohr"),
        ("forces_kcal_mol_A.csv", "kcal/mol/Å"),
        ("forces_eV_per_A.csv", "eV/Å"),
    ],
)
def test_a_text_states_a_unit(line: str, name: str) -> None:
    assert [mention.unit and mention.unit.name for mention in units_in_text(line)] == [name]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("# energy in eV, forces in eV/furlong", "eV/furlong"),
        ("# forces in eV", "eV"),
        ("# forces (kcal/Å)", "kcal/Å"),
        ("# forces in lbf", "lbf"),
        ("# unit: foo/bar", "foo/bar"),
        ("# multiply by 51.42 to get eV/Å", "eV/Å"),
        ("# not in eV/Å", "eV/Å"),
        ("# converted from Ha/bohr", "Ha/bohr"),
        ("forces_Ha.csv", "Ha"),
        ("forces_meV.csv", "meV"),
    ],
)
def test_a_unit_that_is_not_understood_is_named(line: str, text: str) -> None:
    assert [(mention.text, mention.unit) for mention in units_in_text(line)] == [(text, None)]


@pytest.mark.parametrize(
    "line",
    """H 0.1 0.2
5 A
total 3 atoms
ecut 60 Ry
# fmax 0.01 eV/Å
# relaxed with EDIFFG=-0.01 eV/A
# 1 Ha/bohr = 51.42 eV/Å
# stress in eV/Å^3
# hessian, eV/A^2
# energy -3.2 eV/atom, cutoff 520 eV
# forces, N = 6
# N = 6 atoms
# lattice in a.u.
# forces in data/forces.npy
# unit cell: 4.2 4.2 4.2
# formula units = 4
# DFT forces by me
# f = m a
# F = -dE/dx
# PBE+U with U = 4 eV/Mn
# reference: PBE/DZP
# forces (DFT/PBE)
# forces (CHGNet)
# Ry cutoff, A site, b site
# relaxed by a quasi-Newton method
forces_au.csv
Au_forces.csv
forces_eV.csv
run_520eV.csv
LiH-a-b.csv
forces.csv""".splitlines(),
)
def test_prose_and_data_state_no_unit(line: str) -> None:
    assert units_in_text(line) == []


@given(st.text(alphabet="eVHaRybohrkclmNÅ0123456789^-−⁻¹/·.*()[]{}_$\\ ,;:#fxin", max_size=200))
def test_nothing_breaks_the_grammar(text: str) -> None:
    parse_unit(text)
    looks_like_unit(text)
    for mention in units_in_text(text):
        assert mention.text


def test_long_texts_are_no_units() -> None:
    assert parse_unit("eV/" + "(" * 100_000 + "Å") is None
    assert all(mention.unit is None for mention in units_in_text("# forces in " + "eV/" * 100_000))


@pytest.mark.parametrize(
    ("text", "size"),
    [("Å", 1.0), ("(bohr)", units.Bohr), ("a.u.", units.Bohr), ("nm", 10.0), ("pm", 0.01), ("eV", None)],
)
def test_units_of_length(text: str, size: float | None) -> None:
    assert parse_length(text) == (None if size is None else pytest.approx(size))


@pytest.mark.parametrize(("given_", "name"), [("Ry/au", "Ry/bohr"), ("kcal mol-1 A-1", "kcal/mol/Å"), ("auto", "auto")])
def test_options_take_any_spelling(given_: str, name: str) -> None:
    assert ReadOptions.model_validate({"force_unit": given_}).force_unit == name
    with pytest.raises(ValueError, match="force_unit"):
        ReadOptions.model_validate({"force_unit": "eV/furlong"})
