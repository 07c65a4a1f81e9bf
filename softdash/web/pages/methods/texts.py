"""Rules, caveats and references of the methods page; thresholds come from the code that applies them."""

from __future__ import annotations

from dataclasses import dataclass

from softdash.softening import notices, refusals
from softdash.softening.sample_size import reference_noise_bias
from softdash.version import __version__

REFUSALS: tuple[str, ...] = (
    (
        f"Reference forces that are all zero or nearly so (root mean square below {refusals.SMALLEST_REFERENCE_RMS:g} "
        "eV/Å): the slope would be 0/0. Other programs return exactly 1.000 there."
    ),
    f"NaN or infinite forces on either side, and forces above {refusals.LARGEST_FORCE:,.0f} eV/Å.",
    "Another number of atoms, or another order of atoms, in structure and forces.",
    f"Fewer than {refusals.FEWEST_COMPONENTS} force components.",
    "A potential that predicts no force on any atom.",
)
"""When softdash gives a clear error instead of a number."""

WARNINGS: tuple[tuple[str, str], ...] = (
    (
        "Net force",
        (
            f"The forces of a frame sum to more than {notices.NET_FORCE_PER_ATOM:g} eV/Å per atom: a drift of the DFT "
            "run, or a constraint."
        ),
    ),
    (
        "Constant offset",
        f"Slopes with and without intercept differ by more than {notices.INTERCEPT_SLOPE_DIFFERENCE:g}.",
    ),
    ("Outliers", f"s and the Huber slope differ by more than {notices.HUBER_SLOPE_DIFFERENCE:g}."),
    (
        "Near equilibrium",
        (
            f"The root mean square of the reference forces is below {notices.near_equilibrium_rms():.2f} eV/Å: noise "
            f"of {notices.LABEL_NOISE:g} eV/Å in the labels, which is assumed, would lower the slope by more than "
            f"{100 * notices.NEAR_EQUILIBRIUM_BIAS:g} %."
        ),
    ),
    (
        "Reference noise",
        (
            f"Noise of {notices.LABEL_NOISE:g} eV/Å would lower the slope by more than "
            f"{100 * notices.REFERENCE_NOISE_BIAS:g} %. For forces of 1 eV/Å (rms), noise of 0.05 lowers it by "
            f"{100 * reference_noise_bias(0.05, 1.0):.2g} %, noise of 0.3 by "
            f"{100 * reference_noise_bias(0.3, 1.0):.2g} %."
        ),
    ),
    (
        "Leverage",
        (
            f"One component holds more than {100 * notices.HIGH_LEVERAGE:g} % of Σx², or one of several frames more "
            f"than {100 * notices.DOMINANT_FRAME:g} %."
        ),
    ),
    (
        "Scatter",
        (
            f"R² is below {notices.LOW_R_SQUARED:g}. Where scatter is also the larger part of the squared error, no "
            "factor repairs it; else the predicted forces follow the reference too loosely for one slope."
        ),
    ),
    (
        "Few frames",
        f"Fewer than {notices.FEW_FRAMES} frames: the interval is rough. One frame never gives a verdict.",
    ),
    (
        "Elements",
        (
            f"The slopes of two elements differ by more than {notices.ELEMENT_DIFFERENCE:g} with separate intervals, "
            "or an element is outside the potential's training set."
        ),
    ),
    (
        "Functional",
        (
            "The references are not the functional that the potential learnt (PBE, PBEsol, r2SCAN), or lack the "
            "Hubbard U that it learnt for oxides and fluorides of Co, Cr, Fe, Mn, Mo, Ni, V and W, or have one that it "
            "did not learn: part of the deviation from 1 is the functional."
        ),
    ),
    ("Structure", "Isolated atoms and very short distances."),
)
"""Name and condition of each warning."""

NEVER: tuple[str, ...] = (
    (
        "Total least squares, reduced major axis, or ratios of norms: in a noisy potential they hide softening (a true "
        "slope of 0.85 reads 0.97 to 1.12)."
    ),
    "Exchanged axes: x is always the reference, y always the potential.",
    "Bins of the predicted force.",
    (
        "A percentage for a material without enough data. A bad frame costs that frame, never the material, and is "
        "listed with its reason."
    ),
)
"""What softdash never does."""

CAVEATS: tuple[str, ...] = (
    (
        "The paper's 229 phonon references are PBEsol while the potentials learnt PBE: part of that softening is the "
        "functional."
    ),
    "The paper's WBM frames were sampled with CHGNet's own molecular dynamics.",
    (
        "Relaxed energies come out too low even for an unbiased potential, because it relaxes to its own minimum: the "
        "bias of surface and defect energies is not pure softening."
    ),
    (
        "The force slope does not predict the accuracy of migration barriers: M3GNet-MatPES is the least softened of "
        "the potentials compared in the literature, and has the worst barriers."
    ),
    "The values of U and the pseudopotentials of labels and training set may differ.",
    (
        "None of the recomputed sets are the WBM high-energy states of the paper's Fig. 5b. Compare directions, not "
        "values."
    ),
    "Digitised violins give approximate medians; their tails are not used.",
)
"""What to keep in mind when reading any page."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One publication; `what_for` says what softdash takes from it."""

    text: str
    address: str
    what_for: str


REFERENCES: tuple[Reference, ...] = (
    Reference(
        "B. Deng et al., Systematic softening in universal machine learning interatomic potentials, npj Comput. "
        "Mater. 11, 9 (2025)",
        "https://doi.org/10.1038/s41524-024-01500-6",
        "definitions; published values; digitised figures (CC BY 4.0)",
    ),
    Reference(
        "B. Deng et al., CHGNet, Nat. Mach. Intell. 5, 1031 (2023)",
        "https://doi.org/10.1038/s42256-023-00716-3",
        "potential and training set MPtrj",
    ),
    Reference("X. Huang et al., CHGNet r2SCAN, arXiv:2504.05565", "https://arxiv.org/abs/2504.05565", "potential"),
    Reference(
        "C. Chen, S. P. Ong, M3GNet, Nat. Comput. Sci. 2, 718 (2022)",
        "https://doi.org/10.1038/s43588-022-00349-3",
        "published values",
    ),
    Reference("I. Batatia et al., MACE-MP-0, arXiv:2401.00096", "https://arxiv.org/abs/2401.00096", "published values"),
    Reference("H. Yang et al., MatterSim, arXiv:2405.04967", "https://arxiv.org/abs/2405.04967", "reference forces"),
    Reference(
        "H.-C. Wang, S. Botti, M. A. L. Marques, WBM, npj Comput. Mater. 7, 12 (2021)",
        "https://doi.org/10.1038/s41524-020-00481-6",
        "compounds of the paper's high-energy states",
    ),
    Reference(
        "A. Togo et al., phonopy, J. Phys.: Condens. Matter 35, 353001 (2023)",
        "https://doi.org/10.1088/1361-648X/acd831",
        "phonons and PhononDB",
    ),
    Reference(
        "A. C. Cameron, D. L. Miller, Cluster-robust inference, J. Human Resources 50, 317 (2015)",
        "https://doi.org/10.3368/jhr.50.2.317",
        "interval of the slope",
    ),
    Reference(
        "E. B. Wilson, J. Am. Stat. Assoc. 22, 209 (1927)",
        "https://doi.org/10.1080/01621459.1927.10502953",
        "interval of a share",
    ),
    Reference("B. Efron, Ann. Statist. 7, 1 (1979)", "https://doi.org/10.1214/aos/1176344552", "bootstrap"),
    Reference(
        "P. J. Huber, Ann. Math. Statist. 35, 73 (1964)", "https://doi.org/10.1214/aoms/1177703732", "robust slope"
    ),
)

CITATION = (
    f"softdash {__version__}: softening of universal machine-learning interatomic potentials, measured. The softdash "
    "developers. Definitions after B. Deng et al., npj Comput. Mater. 11, 9 (2025), doi:10.1038/s41524-024-01500-6."
)
"""How to cite softdash; the same as in CITATION.cff."""
