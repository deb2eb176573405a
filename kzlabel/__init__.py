"""kzlabel: AI-origin labels and perceivable notices for media, and a verifier for both."""

from __future__ import annotations

__version__ = "0.1.0"
