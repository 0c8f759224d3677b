"""Regular expressions: how slow they can get, and what they let through."""

from buckler.review.regexes.analyse import analyse, javascript_flags
from buckler.review.regexes.model import Ambiguity, Verdict
from buckler.review.regexes.validators import judge_validator, judges

__all__ = ["Ambiguity", "Verdict", "analyse", "javascript_flags", "judge_validator", "judges"]
