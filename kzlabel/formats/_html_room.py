"""HTML pages (https://html.spec.whatwg.org/): tags and notice are spliced into the bytes.

Whether people see a notice is judged by what `_html_judge` can know without a browser.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kzlabel import _ai_properties as names
from kzlabel.errors import LimitError, RefusedError, UnreadableAssetError, UnsupportedTagsError
from kzlabel.formats._html_banner import (
    banner,
    declarations,
    earlier_banner,
    meta,
    without_metas,
)
from kzlabel.formats._html_judge import judge, lays_out
from kzlabel.formats._html_page import UTF8, Edit, Page, page_of, read_head, read_page
from kzlabel.formats._html_scan import MAX_BYTES, check_effort
from kzlabel.formats._html_tags import FAMILY, page_tags
from kzlabel.formats._new_file import new_file
from kzlabel.formats._unread import cut
from kzlabel.model import Carrier, CarrierKind, Notice, NoticeReport, Placement, Statement, Tags
from kzlabel.notices.reasons import reason_of
from kzlabel.notices.words import words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class HtmlRoom:
    """What the HTML room does."""

    def manifest_carrier(self, path: Path) -> Carrier:
        size = path.stat().st_size
        if not size:
            raise UnreadableAssetError("kz.error.html-empty", path=path)
        if size > MAX_BYTES:
            return Carrier(kind=CarrierKind.COMPANION, reason="kz.carrier.html-large")
        content = path.read_bytes()
        if not page_of(path, content).wide:
            try:
                content.decode(UTF8)
            except UnicodeDecodeError:
                pass
            else:
                return Carrier(kind=CarrierKind.EMBEDDED, reason="kz.carrier.html")
        return Carrier(kind=CarrierKind.COMPANION, reason="kz.carrier.html-encoding")

    def read_tags(self, path: Path) -> Tags:
        if path.stat().st_size > MAX_BYTES:
            cut(FAMILY)
        return page_tags(read_head(path, MAX_BYTES))

    def write_tags(self, src: Path, dst: Path, tags: Tags) -> None:
        said = tags.get(FAMILY, {})
        try:
            page = read_page(src)
        except LimitError as exc:
            raise UnsupportedTagsError(exc.code, **exc.values) from exc
        if page.wide:
            raise UnsupportedTagsError("kz.error.html-encoding", path=src, encoding=page.encoding)
        edits = without_metas(page, set(said))
        lines = "".join(meta(name, value) for name, value in said.items() if value)
        at = page.places.head
        edits += [Edit(at, at, page.encoded(lines)), *_declared(page, tags)]
        _write(dst, page.edited(edits))

    def write_notice(self, src: Path, dst: Path, notice: Notice) -> Placement:
        said = words(notice.statement, notice.languages)
        try:
            page = _writable(read_page(src))
        except LimitError as exc:
            raise RefusedError("kz.error.html-large", path=src, detail=exc) from exc
        edits = [edit for edit in (earlier_banner(page),) if edit]
        text = banner(notice, on_top=lays_out(page))
        at = page.places.body
        edits += declarations(page, notice.statement, {})
        edits.append(Edit(at, at, page.encoded(text)))  # after them, where head and body meet
        placement = Placement(
            statement=notice.statement, style=notice.style, languages=notice.languages,
            lines=tuple(line.long for line in said),
        )  # fmt: skip
        content = page.edited(edits)
        judged = judge(page_of(src, content), (placement,), search=False)
        if judged.reports[0].perceivable is not True:
            code = "kz.error.html-doubts" if judged.doubts else "kz.error.html-hides"
            detail = ", ".join(judged.doubts) or reason_of(judged.reports[0])
            raise RefusedError(code, path=src, detail=detail)
        _write(dst, content)
        return placement

    def find_notices(
        self, path: Path, hints: Sequence[Placement], *, search: bool
    ) -> Sequence[NoticeReport]:
        if not hints and not search:
            return ()
        page = read_page(path)
        check_effort(path, page.content)
        return judge(page, hints, search=search).reports


def _writable(page: Page) -> Page:
    """Return `page`; raises `RefusedError` where no notice can be put into it."""
    check_effort(page.path, page.content)
    if not page.content:
        raise UnreadableAssetError("kz.error.html-empty", path=page.path)
    if page.wide:
        raise RefusedError("kz.error.html-encoding", path=page.path, encoding=page.encoding)
    if page.places.frames:
        raise RefusedError("kz.error.html-frames", path=page.path)
    return page


def _declared(page: Page, tags: Tags) -> list[Edit]:
    """Return the edits that declare the label for machines too, where the tags are a label."""
    said = names.read_from(tags, FAMILY)
    kinds = {statement.digital_source_type: statement for statement in Statement}
    statement = kinds.get(said.get(names.SOURCE_TYPE, ""))
    return declarations(page, statement, said) if statement else []


def _write(dst: Path, content: bytes) -> None:
    with new_file(dst) as file:
        file.write(content)
