"""`python -m kzlabel` is `kzlabel`."""

from __future__ import annotations

from kzlabel.cli.start import main

main()
