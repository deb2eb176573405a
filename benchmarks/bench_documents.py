"""Speed on documents and texts: a PDF of 100 pages against what cannot be avoided, texts a second.

The PDF is made here with reportlab, from nothing that changes: words, a table and rules on every
page, an outline, a link.
"""

from __future__ import annotations

import io
from pathlib import Path

import c2pa

import kzlabel
from benchmarks import _bare
from benchmarks._checks import Checks, disclosure, note
from benchmarks._timing import alternating, described, seconds
from kzlabel.credential import Credential
from kzlabel.trust import store_of

PAGES = 100
TEXTS, LINES = 100, 400
_MEDIA_TYPE = "application/pdf"
_LINE = "The path leaves the village by the mill and climbs along the stream to the ridge, {}."


def paged(path: Path, pages: int = PAGES) -> Path:
    """Write a PDF of so many pages."""
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(path), pagesize=A4, invariant=1, pageCompression=1)
    for page in range(1, pages + 1):
        canvas.bookmarkPage(f"p{page}")
        canvas.addOutlineEntry(f"Page {page}", f"p{page}")
        canvas.setFont("Helvetica", 11)
        for row in range(40):
            canvas.drawString(72, 720 - 16 * row, _LINE.format(page * 40 + row))
            canvas.line(72, 716 - 16 * row, 520, 716 - 16 * row)
        canvas.linkURL("https://example.org/", (72, 700, 300, 720))
        canvas.showPage()
    canvas.save()
    return path


def run(checks: Checks, folder: Path, signer: Credential) -> None:
    """Run every comparison on documents and texts."""
    source = paged(folder / "pages.pdf")
    label_pdf(checks, source, signer)
    verify_pdf(checks, source, signer)
    texts(folder, signer)


def label_pdf(checks: Checks, source: Path, signer: Credential) -> None:
    """Label 100 pages against a pypdf read and write, and a bare c2pa sign."""
    count = 0

    def ours() -> None:
        nonlocal count
        count += 1
        kzlabel.label(source, source.with_name(f"pages-{count}.pdf"), disclosure(), signer)

    def peer() -> None:
        _unavoidable(source, signer)

    note(f"PDF of {PAGES} pages: {described([source])}; peer: pypdf read and write, c2pa sign")
    inverse = [1 / ratio for ratio in alternating(ours, peer)]
    checks.ratio("label a PDF of 100 pages, wall time", inverse, 1.5, at_least=False)


def _unavoidable(source: Path, signer: Credential) -> None:
    from pypdf import PdfReader, PdfWriter

    written, signed = io.BytesIO(), io.BytesIO()
    PdfWriter(clone_from=PdfReader(source)).write(written)
    written.seek(0)
    _bare.sign(written, signed, _MEDIA_TYPE, signer, _bare.context())


def verify_pdf(checks: Checks, source: Path, signer: Credential) -> None:
    """Verify it, its notice judged on its first page, against a bare Reader and sha256."""
    target, own = source.with_name("labelled.pdf"), store_of(signer)
    kzlabel.label(source, target, disclosure(), signer)
    used = c2pa.Context.from_dict(_bare.READING | {"trust": {"user_anchors": own.lists[0].pem}})

    def ours() -> None:
        assert kzlabel.verify(target, trust=own).verdict == "compliant"

    def peer() -> None:
        with target.open("rb") as file:
            _bare.read(file, _MEDIA_TYPE, used)
        _bare.digest(target)

    note(f"labelled PDF: {described([target])}; peer: c2pa.Reader, json(), sha256")
    inverse = [1 / ratio for ratio in alternating(ours, peer)]
    checks.ratio("verify a PDF of 100 pages, wall time", inverse, 3, at_least=False)


def texts(folder: Path, signer: Credential) -> None:
    """Say how many plain texts a second are labelled and verified."""
    own, made = store_of(signer), []
    sources = [folder / f"text-{at}.txt" for at in range(TEXTS)]
    for at, source in enumerate(sources):
        lines = (_LINE.format(at * LINES + line) for line in range(LINES))
        source.write_text("\n".join(lines) + "\n", "utf-8")

    def label() -> None:
        for source in sources:
            target = source.with_name(f"labelled-{source.name}")
            kzlabel.label(source, target, disclosure(), signer)
            made.append(target)

    def verify() -> None:
        for target in made:
            assert kzlabel.verify(target, trust=own).verdict == "compliant"

    labelled, verified = TEXTS / seconds(label), TEXTS / seconds(verify)
    note(f"plain texts: {described(sources)}")
    note(f"plain texts a second: {labelled:.0f} labelled, {verified:.0f} verified")
