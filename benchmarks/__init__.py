"""Checks against real files, other tools and named peers."""

from __future__ import annotations
