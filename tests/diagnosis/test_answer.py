"""The answer that a report begins with: its code follows the limits, and stands beside verdict and advice."""

from __future__ import annotations

import re

import numpy as np
import pytest

from softdash.catalog import Catalog
from softdash.diagnosis import correction, findings
from softdash.diagnosis.analysis import analyse
from softdash.diagnosis.answer import Limits, answer_in_doubt, reach_answer, settled
from softdash.diagnosis.answer_records import Answer
from softdash.diagnosis.answer_titles import answer_title
from softdash.diagnosis.benchmark_findings import FEWEST_FOR_INTERVAL, benchmark_findings
from softdash.diagnosis.correction import fit_correction
from softdash.diagnosis.records import ReadingDoubt
from softdash.potentials.registry import card
from softdash.settings import Settings
from softdash.softening import three_digits
from softdash.softening.statistics import Notice
from tests.diagnosis.test_fitted_correction import frames
from tests.diagnosis.test_verdict import MISMATCH, NUMBER, Case

DOUBT = ReadingDoubt(code="order", headline="The order is in doubt.", text="Rows.", numbers={})
U_UNKNOWN = Notice("hubbard_u_unknown", "The files do not say which functional made the forces of Fe.")
UNLEARNT = Notice("element_outside_training_set", "Kr did not occur in the training set.")


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog(Settings().precomputed_dir)


def answered(
    catalog: Catalog, case: Case, doubts: tuple[ReadingDoubt, ...] = (), limits: Limits | None = None
) -> Answer:
    _, statistics, answers = case.verdict()
    assert answers.advice is not None
    return reach_answer(catalog, card("chgnet-0.3.0"), statistics, case.notices, answers.advice, doubts, limits)


CASES: dict[str, tuple[Case, str, str]] = {
    "unbiased": (Case(1.0, noise=0.05), "good_enough", "within_limits"),
    "a little soft, nothing to gain": (Case(0.97, noise=0.15, frames=30), "good_enough", "within_limits"),
    "a little soft": (Case(0.94, noise=0.05), "good_enough", "better_with_factor"),
    "soft": (Case(0.75, noise=0.05), "one_factor", "factor_within_limits"),
    "stiff": (Case(1.3, noise=0.05), "one_factor", "factor_within_limits"),
    "soft and noisy": (Case(0.6, noise=0.2), "fine_tune", "error_too_large"),
    "noise alone": (Case(1.0, noise=0.6), "fine_tune", "error_too_large"),
    "hardly related": (Case(0.8, noise=3.0), "fine_tune", "error_too_large"),
    "loosely related": (Case(0.3, noise=0.4), "fine_tune", "error_too_large"),
    "one element soft": (Case(1.0, chlorine_slope=0.6, noise=0.02), "fine_tune", "error_too_large"),
    "one element a little soft": (Case(1.0, chlorine_slope=0.85, noise=0.02), "fine_tune", "slope_too_far"),
    "energies want another factor": (
        Case(0.75, with_labels=True, energy_slope=1.2, noise=0.02),
        "fine_tune",
        "factor_not_advised",
    ),
    "at the limit": (Case(1.0, noise=0.2), "do_not_conclude", "at_the_limit"),
    "a factor brings it to the limit": (Case(0.75, noise=0.15), "do_not_conclude", "factor_at_the_limit"),
    "one frame": (Case(0.8, frames=1), "do_not_conclude", "single_frame"),
    "one frame that scatters": (Case(0.8, frames=1, noise=3.0), "do_not_conclude", "single_frame"),
    "two frames": (Case(0.9, frames=2, frame_spread=0.2), "do_not_conclude", "wide_interval"),
    "near equilibrium": (Case(0.8, size=0.05, noise=0.001), "do_not_conclude", "near_equilibrium"),
    "one force": (Case(0.95, outlier=50.0), "do_not_conclude", "one_component"),
    "wrong sign": (Case(-0.9), "do_not_conclude", "negative_slope"),
    "another functional": (Case(0.8, notices=(MISMATCH,)), "do_not_conclude", "functional_mismatch"),
    "with or without U": (Case(0.8, notices=(U_UNKNOWN,)), "do_not_conclude", "hubbard_u_unknown"),
    "an element not learnt": (Case(0.8, notices=(UNLEARNT,)), "do_not_conclude", "element_outside_training_set"),
}


@pytest.mark.parametrize("name", CASES)
def test_the_code_follows_the_limits(catalog: Catalog, name: str) -> None:
    case, code, reason = CASES[name]
    answer = answered(catalog, case)
    assert (answer.code, answer.reason) == (code, reason)
    assert answer.title == answer_title(answer.reason, case.verdict()[0].level)


@pytest.mark.parametrize("name", [name for name, (case, _, _) in CASES.items() if not case.notices])
def test_numbers_in_the_words_can_be_traced(catalog: Catalog, name: str) -> None:
    answer = answered(catalog, CASES[name][0])
    known = [*answer.numbers.values(), 95.0]
    words = re.sub(r"20 ?Å|eV/Å", "", answer.text)
    for shown in NUMBER.findall(words):
        value = float(shown.replace("−", "-"))
        assert any(np.isclose(value, number, rtol=6e-3, atol=1e-9) for number in known), (shown, answer.text)


def test_a_title_says_what_is_known_and_what_is_open(catalog: Catalog) -> None:
    titles = {name: answered(catalog, case) for name, (case, _, _) in CASES.items()}
    assert all(answer.title.lower().strip(".") != "do not conclude" for answer in titles.values())
    assert "more frames" in titles["a factor brings it to the limit"].title
    assert titles["at the limit"].title.startswith("Neither soft nor stiff; ")
    assert "optional" in titles["a little soft"].title
    assert titles["a little soft"].code == "good_enough"
    assert answer_title("at_the_limit", "inconclusive")[0].isupper()


@pytest.mark.parametrize(
    ("name", "is_optional", "words"),
    [
        ("a little soft", True, "Optional"),
        ("soft", False, "Yes"),
        ("a factor brings it to the limit", False, "more frames would tell"),
    ],
)
def test_an_advice_is_worded_beside_its_answer(catalog: Catalog, name: str, is_optional: bool, words: str) -> None:
    case = CASES[name][0]
    advice = case.verdict()[2].advice
    assert advice is not None
    found = settled(advice, answered(catalog, case))
    assert (found.code, found.is_recommended, found.is_optional) == ("multiply", True, is_optional)
    assert words in found.text
    assert found.held_out is not None
    assert three_digits(found.held_out.mae_after) in found.text


def test_a_caveat_about_stresses_outlives_the_words_of_the_answer(catalog: Catalog) -> None:
    case = Case(0.92, with_labels=True, stress_slope=1.13, noise=0.02)
    advice = case.verdict()[2].advice
    assert advice is not None
    assert advice.holds_for == ("energy", "forces")
    found = settled(advice, answered(catalog, case))
    assert found.is_optional
    assert found.caveat
    assert found.text.endswith(found.caveat)
    assert "1.13" in found.caveat
    alike = Case(0.92, with_labels=True, noise=0.02).verdict()[2].advice
    assert alike is not None
    assert (alike.holds_for, alike.caveat) == (("energy", "forces", "stress"), "")


def test_an_unnamed_functional_is_a_clause_of_the_answer(catalog: Catalog) -> None:
    unnamed = Notice("functional_unknown", "Not said.")
    told, silent = (answered(catalog, Case(0.75, noise=0.05, notices=found)) for found in ((unnamed,), ()))
    assert (told.code, told.reason) == (silent.code, silent.reason)
    assert told.text.startswith(silent.text)
    assert "functional" in told.text[len(silent.text) :]


def test_the_text_names_the_limit_and_what_it_is_about(catalog: Catalog) -> None:
    for name in ("unbiased", "a little soft", "soft"):
        text = answered(catalog, CASES[name][0]).text
        assert "below your limit of 20 %" in text
        assert "not about barriers, phonons, energies" in text
        assert "dynamics" not in text


def test_a_reference_that_is_not_converged_is_named(catalog: Catalog) -> None:
    found = {one.quantity: one.text for one in benchmark_findings(catalog, card("chgnet-0.3.0"))}
    assert "DFT of Al(111) carries a k-point error of 5 %" in found["surface energies of metals"]
    assert sum("carries" in text for text in found.values()) == 1


def test_the_limits_decide(catalog: Catalog) -> None:
    case = Case(1.0, noise=0.12)
    assert answered(catalog, case).code == "good_enough"
    assert answered(catalog, case, limits=Limits(force_error=0.08)).code == "fine_tune"
    soft = Case(0.75, noise=0.05)
    assert answered(catalog, soft, limits=Limits(force_error=0.03)).code == "fine_tune"
    assert answered(catalog, soft, limits=Limits(force_error=0.03)).reason == "factor_not_enough"
    little = CASES["a little soft"][0]
    assert answered(catalog, little, limits=Limits(slope_error=0.01)).code == "one_factor"
    kept = answered(catalog, case, limits=Limits(0.3, 0.2))
    assert (kept.force_error_limit, kept.slope_error_limit) == (0.3, 0.2)


def test_limits_are_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Limits.of(Settings()) == Limits()
    monkeypatch.setenv("SOFTDASH_ANSWER_FORCE_ERROR", "0.1")
    monkeypatch.setenv("SOFTDASH_ANSWER_SLOPE_ERROR", "0.05")
    assert Limits.of(Settings()) == Limits(0.1, 0.05)


def test_a_doubt_forbids_an_answer_and_leaves_what_the_benchmark_shows(catalog: Catalog) -> None:
    answer = answered(catalog, Case(0.75), (DOUBT,))
    assert (answer.code, answer.reason, answer.errors) == ("do_not_conclude", "doubtful_reading", None)
    assert DOUBT.headline in answer.text
    assert answer.findings
    later = answer_in_doubt(answered(catalog, Case(0.75)), (DOUBT,))
    assert later == answer


@pytest.mark.parametrize("hardness", [1.0, 1.25])
def test_diagnose_and_correct_answer_alike(catalog: Catalog, hardness: float, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (correction, findings):  # effective medium theory in the place of a universal potential
        monkeypatch.setattr(module, "notices_about", lambda *_: ())
    labelled, emt = frames(hardness=hardness, noise=0.02), card("emt")
    limits = Limits(0.15, 0.08)
    diagnosed = analyse(labelled, emt, catalog, limits=limits).result.answer
    fitted = fit_correction(labelled, emt, (), catalog=catalog, limits=limits).answer
    assert diagnosed is not None
    assert fitted is not None
    assert fitted.code == ("good_enough" if hardness == 1.0 else "one_factor")
    assert (fitted.code, fitted.reason, fitted.text) == (diagnosed.code, diagnosed.reason, diagnosed.text)


def test_findings_are_those_of_the_tables(catalog: Catalog) -> None:
    found = benchmark_findings(catalog, card("chgnet-0.3.0"))
    by_quantity = {finding.quantity: finding for finding in found}
    assert [finding.topic for finding in found] == sorted(
        (finding.topic for finding in found), key=["phonons", "barriers", "energies"].index
    )
    phonons = by_quantity["highest phonon frequency"]
    rows = catalog.phonon_materials()
    rows = rows[(rows["potential"] == "chgnet-0.3.0") & (rows["method"] == "relaxed") & rows["has_converged"]]
    rows = rows[rows["material_id"].isin(catalog.phonon_max_frequencies()["material_id"])]
    assert phonons.count == len(rows) >= FEWEST_FOR_INTERVAL
    assert phonons.value == pytest.approx(rows["ratio"].median())
    assert phonons.interval is not None
    barriers = catalog.table(by_quantity["migration barriers in ionic crystals"].table)
    chosen = barriers[(barriers["kind"] == "barrier") & barriers["excluded"].isna()]
    chosen = chosen[(chosen["material_class"] == "ionic crystal") & (chosen["geometry"] == "relaxed")]
    pairs = chosen.pivot_table(index="case_id", columns="method", values="value")[["chgnet-0.3.0", "DFT"]].dropna()
    finding = by_quantity["migration barriers in ionic crystals"]
    assert finding.count == len(pairs)
    assert finding.value == pytest.approx((pairs["chgnet-0.3.0"] - pairs["DFT"]).mean())
    assert (finding.interval is None) == (finding.count < FEWEST_FOR_INTERVAL)


def test_every_finding_has_its_count_and_table(catalog: Catalog) -> None:
    for name in ("chgnet-0.3.0", "sevennet-0", "tensornet-matpes-pbe"):
        for finding in benchmark_findings(catalog, card(name)):
            assert catalog.has(finding.table)
            if finding.value is None:
                assert finding.count == 0
            else:
                assert f"n = {finding.count}" in finding.text
                assert finding.count == 1 or finding.interval is not None or " from " in finding.text


def test_a_potential_without_phonons_says_so_and_a_demonstration_says_nothing(catalog: Catalog) -> None:
    (phonons,) = (found for found in benchmark_findings(catalog, card("sevennet-0")) if found.topic == "phonons")
    assert phonons.value is None
    assert benchmark_findings(catalog, card("emt")) == ()


def test_a_damaged_table_costs_its_findings_only(catalog: Catalog, tmp_path_factory: pytest.TempPathFactory) -> None:
    empty = Catalog(tmp_path_factory.mktemp("precomputed"))
    found = benchmark_findings(empty, card("chgnet-0.3.0"))
    assert [finding.value for finding in found] == [None, None, None]
    _, statistics, answers = Case(0.75).verdict()
    assert answers.advice is not None
    answer = reach_answer(empty, card("chgnet-0.3.0"), statistics, (), answers.advice)
    assert answer.code == "one_factor"
