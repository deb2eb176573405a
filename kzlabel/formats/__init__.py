"""formats room."""

from __future__ import annotations
