"""The answer in a few words: what is known is in them, and what more frames would tell."""

from __future__ import annotations

from softdash.diagnosis.answer_records import AnswerCode, AnswerReason

ANSWER_NAMES: dict[AnswerCode, str] = {
    "good_enough": "Good enough as it is",
    "one_factor": "Good enough with one factor",
    "fine_tune": "Fine-tune",
    "do_not_conclude": "No answer",
}
"""What answers are called in tables, where no reason stands beside them."""
_LEVELS = {
    "softened": "Softer than DFT",
    "stiffened": "Stiffer than DFT",
    "unbiased": "Neither soft nor stiff",
}
"""What a firm verdict knows, whatever is open about the errors."""
_OPEN: dict[AnswerReason, str] = {
    "at_the_limit": "whether its forces are good enough, more frames would tell",
    "factor_at_the_limit": "a factor helps, and whether it is enough, more frames would tell",
    "slope_at_the_limit": "whether its slope is off by more than the limit, more frames would tell",
    "factor_not_known": "not good enough as it is, and whether a factor helps, more frames would tell",
}
"""An interval holds a limit; stands behind a firm verdict."""
_TITLES: dict[AnswerReason, str] = {
    "within_limits": "Good enough as it is",
    "better_with_factor": "Good enough as it is; a factor is optional",
    "factor_within_limits": "Good enough with one factor",
    "error_too_large": "Fine-tune",
    "factor_not_enough": "Fine-tune: one factor helps, but is not enough",
    "factor_not_advised": "Fine-tune",
    "slope_too_far": "Fine-tune",
    "doubtful_reading": "First settle how the files are read",
    "demonstration_potential": "No answer: a potential for demonstrations",
    "functional_mismatch": "No answer: the labels are of another functional",
    "hubbard_u_unknown": "No answer: the Hubbard U of the labels is not known",
    "element_outside_training_set": "No answer: an element was not learnt",
    "negative_slope": "No answer: the forces point the wrong way",
    "near_equilibrium": "No answer: the forces are too small",
    "one_component": "No answer: one force decides",
    "single_frame": "No answer: one independent frame is too few",
    "no_interval": "No answer: no independent frames",
    "wide_interval": "No answer: too few independent frames",
}


def answer_title(reason: AnswerReason, level: str = "inconclusive") -> str:
    """Return the title of an answer.

    Parameters
    ----------
    reason : str
        Of the answer.
    level : str
        Of the verdict on the same frames, which a title with an open end begins with where it is firm.
    """
    if reason not in _OPEN:
        return _TITLES[reason]
    known = _LEVELS.get(level)
    return f"{known}; {_OPEN[reason]}" if known else _OPEN[reason][:1].upper() + _OPEN[reason][1:]
