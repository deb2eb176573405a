"""Type names of the notices rooms; no work is done here."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]
    """Mono, between -1 and 1."""
    Floats = NDArray[np.floating]
    """Figures made of them."""
