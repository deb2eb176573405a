"""Many files, none of them trusted: workers that can be killed, limits, results that last.

Each file is looked at in a worker with an address-space limit; one that takes too long, or takes
its worker down, is one undetermined row, and the next file gets a new worker (DESIGN 7).
"""

from __future__ import annotations

from kzlabel.batch._files import Found, assets_of, found_in
from kzlabel.batch._lists import arriving_in, paths_in
from kzlabel.batch._patterns import Among, Rule, is_pattern
from kzlabel.batch._results import Results
from kzlabel.batch._tally import Tally
from kzlabel.batch._verifying import TIME_LIMIT, time_for, verify_each, verify_many

__all__ = [
    "TIME_LIMIT",
    "Among",
    "Found",
    "Results",
    "Rule",
    "Tally",
    "arriving_in",
    "assets_of",
    "found_in",
    "is_pattern",
    "paths_in",
    "time_for",
    "verify_each",
    "verify_many",
]
