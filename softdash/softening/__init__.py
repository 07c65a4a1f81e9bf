"""Force statistics, numpy only: slopes, intervals, corrections, refusals.

`analyse_forces` says everything about one material, `summarise_population` about many; the single numbers are here
under their own names.
"""

from __future__ import annotations

from softdash.softening.agreement import mae, r_squared, rmse
from softdash.softening.corrections import corrected_mae, error_reduction, linear_correction, mae_at_linear_correction
from softdash.softening.intervals import cluster_interval, wilson_interval
from softdash.softening.json_form import softening_statistics_as_dict, softening_statistics_from_dict
from softdash.softening.material import analyse_forces
from softdash.softening.notices import three_digits
from softdash.softening.paired import correlate, reduction_of_medians
from softdash.softening.population import summarise_population
from softdash.softening.refusals import check_frame
from softdash.softening.sample_size import labels_needed, reference_noise_bias
from softdash.softening.slopes import curvature, huber_slope, largest_leverage, slope_with_intercept, softening_scale

__all__ = [
    "analyse_forces",
    "check_frame",
    "cluster_interval",
    "corrected_mae",
    "correlate",
    "curvature",
    "error_reduction",
    "huber_slope",
    "labels_needed",
    "largest_leverage",
    "linear_correction",
    "mae",
    "mae_at_linear_correction",
    "r_squared",
    "reduction_of_medians",
    "reference_noise_bias",
    "rmse",
    "slope_with_intercept",
    "softening_scale",
    "softening_statistics_as_dict",
    "softening_statistics_from_dict",
    "summarise_population",
    "three_digits",
    "wilson_interval",
]
