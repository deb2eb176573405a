"""The nouns: frozen values and contracts, no I/O.

Words follow the standards: C2PA (asset, manifest, claim, ingredient, validation status), IPTC
(digital source type) and the law (synthetic result, machine-readable form, notice). The four axes
(`Origin`, `Integrity`, `Trust`, `NoticeState`) are never folded into one another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Protocol

import msgspec

from kzlabel._identity import new_label_id, now
from kzlabel.errors import texts_of
from kzlabel.locale import sentence

if TYPE_CHECKING:
    from kzlabel.credential import Credential
    from kzlabel.trust import TrustStore

Tags = Mapping[str, Mapping[str, str]]
"""Tags of a container by family: {"xmp": {"Iptc4xmpExt:DigitalSourceType": "…"}, "exif": …}.

| family | a name is |
| --- | --- |
| xmp | the property with its usual prefix, extended XMP too: `photoshop:Credit`, `TC260:AIGC` |
| exif | the tag as EXIF calls it, its text decoded: `Software`, `ImageDescription`, `UserComment` |
| iim | the dataset as IPTC-IIM calls it: `Credit`, `Caption-Abstract` |
| png-text | the keyword |
| comment | `COM`: of JPEG and GIF |
| jpeg-app | `APP4` …: text in a segment that has no standard |
| samsung | the key of a JSON object in Samsung's trailer |
| stealth | `stealth_pnginfo`, `stealth_pngcomp`: text in the lowest bits of the alpha channel |
| id3 | the frame: `TSSE`, `TXXX:description`, `COMM:description`, `WOAS` |
| vorbis, matroska | the name in capitals |
| mp4 | the atom `©cmt`, `----:mean:name`, or `mdta:key` |
| riff-info, riff | the chunk: `ISFT`; `AIGC` |
| pdf-info, odf, epub, html-meta, front-matter | the key |
| json | the member of the top object; only what says AI |
| ooxml | the custom property, or `core:creator`, `app:Application` |
| html-attr | the attribute: `ai-disclosure`; `root:ai-disclosure` of `html` and `body` |
| json-ld | the path of keys: `digitalSourceType` of the page, `image.digitalSourceType` of a part |
| c2pa | what a manifest says beside source types (`labels/_manifest_marks.py`) |
| unread | a family of which something was beyond a limit, `tags` for any; how often |

Where a name stands more than once, the others are `NAME#2`, `NAME#3` … up to eight.
"""

COMPANION_SUFFIXES = (".c2pa", ".kzlabel.json")
"""What lies beside an asset under its name, and is never an asset itself."""

SNIFFED_BYTES = 65536
"""How many bytes of a file's head a format is shown to recognise it."""


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """A frozen value that validates and has a JSON form."""


# --- The axes, the verdict (DESIGN 1) -------------------------------------------------------------


class Origin(StrEnum):
    """What the labels declare; the most AI value first."""

    AI_GENERATED = "ai-generated"
    AI_MODIFIED = "ai-modified"
    POSSIBLY_AI = "possibly-ai"
    NOT_AI = "not-ai"
    UNDECLARED = "undeclared"


class Integrity(StrEnum):
    """Whether the deciding signed label still matches the bytes."""

    INTACT = "intact"
    BROKEN = "broken"
    UNREADABLE = "unreadable"
    UNPROTECTED = "unprotected"
    ABSENT = "absent"


class Trust(StrEnum):
    """Whether the deciding label's signer chains to the caller's trust list."""

    TRUSTED = "trusted"
    UNTRUSTED = "untrusted"
    UNKNOWN = "unknown"


class NoticeState(StrEnum):
    """Whether a person can see, hear or read the notice."""

    PERCEIVABLE = "perceivable"
    IMPAIRED = "impaired"
    ABSENT = "absent"
    UNDETERMINED = "undetermined"


class Verdict(StrEnum):
    """What a profile makes of the axes."""

    COMPLIANT = "compliant"
    NONCOMPLIANT = "noncompliant"
    UNDECLARED = "undeclared"
    UNDETERMINED = "undetermined"


class Level(StrEnum):
    """How binding a requirement is in a profile."""

    MUST = "must"
    SHOULD = "should"


class Outcome(StrEnum):
    """What became of a requirement."""

    PASS = "pass"  # noqa: S105  an outcome, not a password
    FAIL = "fail"
    UNDETERMINED = "undetermined"
    NOT_APPLICABLE = "not-applicable"


# --- Findings -------------------------------------------------------------------------------------


class FindingOutcome(StrEnum):
    """How a finding weighs; C2PA's three outcomes, and `warning`."""

    SUCCESS = "success"
    INFORMATIONAL = "informational"
    WARNING = "warning"
    FAILURE = "failure"


class LabelKind(StrEnum):
    """What kind of label a report row is about."""

    MANIFEST = "manifest"
    SIDECAR = "sidecar"
    METADATA = "metadata"
    MARKER = "marker"
    WATERMARK = "watermark"
    CODE = "code"
    """A signed 2D barcode beside a notice."""
    REPORT = "report"
    """The signature of a report of kzlabel's, in the report itself."""


SIGNED_KINDS = frozenset({LabelKind.MANIFEST, LabelKind.SIDECAR, LabelKind.REPORT})
"""Labels that are signed and bound to the asset: a code beside a notice is not."""

REPORT_MEDIA_TYPE = "application/vnd.kzlabel.report+json"
"""Of a signed report."""


class Evidence(StrEnum):
    """What a label or mark rests on, the strongest first."""

    SIGNED = "signed"
    """A signature that holds."""
    STANDARD = "standard"
    """Metadata as a standard has it."""
    VENDOR = "vendor"
    """A maker's own words."""
    RESIDUE = "residue"
    """What a tool's workflow left behind."""


class LabelState(StrEnum):
    """How a label stands."""

    ABSENT = "absent"
    UNSIGNED = "unsigned"
    INVALID = "invalid"
    VALID = "valid"
    TRUSTED = "trusted"
    REFERENCED = "referenced"


class Finding(Value, frozen=True):
    """What was seen: C2PA's status codes verbatim, ours `kz.*`."""

    code: str
    outcome: FindingOutcome
    message: str
    label: LabelKind | None = None
    values: dict[str, str] = {}
    """What the sentence names, so that it can be said in another language."""

    def sentence(self, language: str) -> str:
        """Return the finding as one sentence in kk, ru or en."""
        return sentence(self.code, language, **self.values)


def finding(
    code: str, outcome: FindingOutcome, label: LabelKind | None = None, /, **values: object
) -> Finding:
    """Return a finding whose message is the English sentence of its code."""
    texts = texts_of(values)
    message = sentence(code, "en", **texts)
    return Finding(code=code, outcome=outcome, message=message, label=label, values=texts)


# --- What a label says ----------------------------------------------------------------------------


class Statement(StrEnum):
    """The law's two statements (Art. 1(4)): a result was created, or altered, by an AI system."""

    CREATED = "created"
    MODIFIED = "modified"

    @property
    def origin(self) -> Origin:
        """The origin this statement declares."""
        return Origin.AI_GENERATED if self is Statement.CREATED else Origin.AI_MODIFIED

    @property
    def digital_source_type(self) -> str:
        """The IPTC digital source type (a URI) this statement declares."""
        name = {
            Statement.CREATED: "trainedAlgorithmicMedia",
            Statement.MODIFIED: "compositeWithTrainedAlgorithmicMedia",
        }[self]
        return f"http://cv.iptc.org/newscodes/digitalsourcetype/{name}"


class System(Value, frozen=True):
    """The AI system that made or altered the asset."""

    name: str
    version: str | None = None


class Provider(Value, frozen=True):
    """The owner or possessor of the AI system, on whom the duty lies (Art. 21(3))."""

    name: str
    bin: str | None = None
    """Business identification number of Kazakhstan: 12 digits, the last a control digit."""
    country: str | None = None
    """ISO 3166-1 alpha-2."""
    url: str | None = None


class Disclosure(Value, frozen=True):
    """What one label says; the same in the metadata, the manifest and the sidecar."""

    statement: Statement
    system: System
    provider: Provider
    label_id: str = msgspec.field(default_factory=new_label_id)
    """urn:uuid:, version 7."""
    issued: datetime = msgspec.field(default_factory=now)
    training_allowed: bool | None = None
    """False opts out of training (Art. 23(5)); None says nothing."""
    prompt: str | None = None
    """Personal data: only when the caller asks for it."""


# --- Notices --------------------------------------------------------------------------------------


class Medium(StrEnum):
    """What people perceive."""

    IMAGE = "image"
    AUDIO = "audio"
    VIDEO = "video"
    DOCUMENT = "document"
    TEXT = "text"


class NoticeStyle(StrEnum):
    """How the notice is given."""

    OVERLAY = "overlay"
    """Drawn on the picture, on every frame of a video."""
    STRIP = "strip"
    """Drawn on a band added below the picture."""
    PREPEND = "prepend"
    """Heard before the programme, and again after it; nothing of it is replaced."""
    MIX = "mix"
    """Heard over the programme, which is turned down under it; its duration stays."""
    PAGE = "page"
    """At the start of a document: its first page, paragraph, sheet or slide."""
    PAGES = "pages"
    """On every page, sheet or slide of a document."""
    INLINE = "inline"
    """The first of a text that people see: its first line, banner, cue or comment."""
    EXTERNAL = "external"
    NONE = "none"


STYLES: Mapping[Medium, tuple[NoticeStyle, ...]] = {
    Medium.IMAGE: (NoticeStyle.OVERLAY, NoticeStyle.STRIP),
    Medium.AUDIO: (NoticeStyle.PREPEND, NoticeStyle.MIX),
    Medium.VIDEO: (NoticeStyle.OVERLAY, NoticeStyle.STRIP, NoticeStyle.MIX),
    Medium.DOCUMENT: (NoticeStyle.PAGE, NoticeStyle.PAGES),
    Medium.TEXT: (NoticeStyle.INLINE,),
}
"""The styles in which a medium carries a notice inside, the default first."""

OUTSIDE = (NoticeStyle.EXTERNAL, NoticeStyle.NONE)
"""The styles that put nothing into the asset; any medium may have them."""

MEDIUM_OF: Mapping[NoticeStyle, str] = {
    NoticeStyle.OVERLAY: "visible",
    NoticeStyle.STRIP: "visible",
    NoticeStyle.PREPEND: "audible",
    NoticeStyle.MIX: "audible",
    NoticeStyle.PAGE: "visible",
    NoticeStyle.PAGES: "visible",
    NoticeStyle.INLINE: "visible",
}
"""By which sense a notice inside is perceived."""


class Corner(StrEnum):
    """Where an overlay lies on the displayed picture."""

    TOP_LEFT = "top-left"
    TOP_RIGHT = "top-right"
    BOTTOM_LEFT = "bottom-left"
    BOTTOM_RIGHT = "bottom-right"


class Region(Value, frozen=True):
    """A rectangle, as fractions (0 to 1) of the displayed picture, after EXIF orientation."""

    x: float
    y: float
    w: float
    h: float


class Span(Value, frozen=True):
    """A stretch of time, in seconds from the start of the asset."""

    start: float
    end: float


class Notice(Value, frozen=True):
    """The notice that is asked for."""

    statement: Statement
    languages: tuple[str, ...] = ("kk", "ru")
    style: NoticeStyle = NoticeStyle.OVERLAY
    corner: Corner | None = None
    """None: the calmest corner."""
    avoid: tuple[Region, ...] = ()
    """Where notices already lie: one that says something else is not drawn over them."""
    every: float | None = None
    """Seconds from one to the next; None: an audible one at the start and at the end."""
    seconds: float | None = None
    """How long a visible one is shown on video, each time; None: the whole duration."""
    recording: str | None = None
    """Path of the caller's own recording of the words; None: the clips of kzlabel."""
    code: str = ""
    """Base64 of the signed bytes that a 2D barcode beside the words holds; empty: none."""


class Placement(Value, frozen=True):
    """Where and how a notice was put: all that is needed to render it again."""

    statement: Statement
    style: NoticeStyle
    languages: tuple[str, ...]
    lines: tuple[str, ...]
    """The words, one row each, as rendered or spoken."""
    medium: str = "visible"
    """`visible` or `audible`."""
    font: str = ""
    font_size: float = 0.0
    """Font size (em) in pixels of the displayed picture; of a PDF's page in points (1/72 inch)."""
    width: int = 0
    height: int = 0
    """Size of the displayed picture in pixels, the band of a `strip` included; of a PDF's first
    page in points."""
    region: Region | None = None
    """The plate, on a PDF's first page; None where none was drawn (`external`, words in text)."""
    pages: int = 0
    """How many pages, sheets or slides of a document carry it, from the first on."""
    spans: tuple[Span, ...] = ()
    """When it is heard, or shown; a visible one without any is shown the whole time."""
    duration: float = 0.0
    """Seconds of the whole asset with its notice; 0 where it has none."""
    recording: str = ""
    """SHA-256 of the caller's own recording; empty: the clips of kzlabel."""
    code: str = ""
    """Base64 of the bytes in the 2D barcode on the plate, at its left; empty: none."""
    code_side: int = 0
    """Side of that barcode, its quiet zone included, in pixels of the displayed picture."""
    flaws: tuple[str, ...] = ()
    """What is amiss with its place, as codes of findings: `kz.notice.covers`, `.unprinted`."""

    @property
    def inside(self) -> bool:
        """Whether the notice is in the asset itself, and so can be judged."""
        if self.style in _WRITTEN:
            return True
        return self.region is not None or (self.medium == "audible" and bool(self.spans))


_WRITTEN = frozenset({NoticeStyle.PAGE, NoticeStyle.PAGES, NoticeStyle.INLINE})
"""Styles whose notice is words in a document or a text, found by reading it."""


SYMBOL, CODE_ALONE = "symbol", "kz.notice.symbol"
"""Medium and finding of a 2D barcode alone, which says nothing to people."""


class NoticeReport(Value, frozen=True):
    """One notice as it was found, judged and not believed."""

    medium: str
    """`visible`, `audible`; `symbol` for a 2D barcode alone, which says nothing to people."""
    text: str
    languages: tuple[str, ...]
    perceivable: bool | None
    """None: could not be judged."""
    code: str
    """The finding that says why: `kz.notice.perceivable`, `.covered`, `.faint`, `.small`, …"""
    where: Region | None = None
    measures: dict[str, float] = {}
    """Documents: `page` (from 1), `pages` (that carry it), `em_points`; texts: `line` (from 1),
    `before` (visible characters before it). Pictures: `correlation` (-1 to 1), `contrast` (WCAG
    ratio, 1 to 21), `height_ratio` (em by the shorter side), `em_px`, `frames` (judged),
    `frames_shown`, `confidence` (of reading words, 0 to 1); audible: `correlation`, `loudness` and
    `programme` (LUFS), `seconds`, `declared` and `found` (times)."""
    spans: tuple[Span, ...] = ()
    """When it was heard, or seen."""
    symbol: str = ""
    """Base64 of the bytes in the 2D barcode that was read beside the words, or alone."""


# --- The report (schema report-1, DESIGN 4) -------------------------------------------------------


class Standing(StrEnum):
    """How a signer's certificate stands, for a signature that verifies."""

    TRUSTED = "trusted"
    """It leads to a list of the caller's."""
    UNLISTED = "unlisted"
    """It leads to no list of the caller's."""
    UNSUITABLE = "unsuitable"
    """It is not of the kind that may sign (C2PA 14.5.1)."""
    EXPIRED = "expired"
    """It did not hold at the moment that counts: a trusted time-stamp's, else now."""
    REVOKED = "revoked"
    """An OCSP response that the label holds says so; none is ever fetched."""


class Signer(Value, frozen=True):
    """Who signed a label."""

    name: str | None = None
    issuer: str | None = None
    not_after: datetime | None = None
    standing: Standing | None = None
    """None where the signature does not verify, so that nobody is known to have signed."""
    development: bool = False
    """A development credential (`kzlabel keys init`) says so in its name."""


class LabelReport(Value, frozen=True):
    """One label, and how it stands."""

    kind: LabelKind
    scheme: str
    """`c2pa`, `kzlabel`, `iptc`, or the marker's own."""
    state: LabelState
    origin: Origin = Origin.UNDECLARED
    system: str | None = None
    provider: str | None = None
    signer: Signer | None = None
    created: datetime | None = None
    label_id: str | None = None
    where: str | None = None
    """`embedded`, the companion's file name, or the tag."""
    evidence: Evidence | None = None
    personal: dict[str, str] = {}
    """Prompts, names of users: only where the caller asked for them."""
    findings: tuple[int, ...] = ()
    """Indexes into the asset's findings."""


class Citation(Value, frozen=True):
    """The article a requirement rests on, with its words."""

    article: str
    text: dict[str, str]
    """kk, ru, en."""


class Requirement(Value, frozen=True):
    """One requirement of a profile, and what became of it."""

    id: str
    level: Level
    outcome: Outcome
    citation: Citation
    findings: tuple[int, ...] = ()


class ReportError(Value, frozen=True):
    """Why an asset could not be looked at."""

    code: str
    message: str
    values: dict[str, str] = {}


FileSize = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
"""Bytes; as many as a file system (`off_t`) and a Parquet column can count."""


class Seen(Value, frozen=True):
    """A file as it was when it was looked at, and the run that looked: what resuming goes by."""

    uri: str
    """A URL, or a path of any bytes as a relative reference or path, percent-encoded (RFC 3986)."""
    modified: str
    """When it, or a companion of it, was last modified, ISO 8601 in UTC to the nanosecond."""
    run: str
    """Tool, profile and a digest of all else that rows depend on, by spaces."""
    bytes: FileSize | None = None
    """Its size and its companions' together, where known."""


class Thumbnail(Value, frozen=True):
    """A small picture of an asset as it is displayed, without any metadata."""

    media_type: str
    width: int
    height: int
    content: bytes
    """In JSON: base64."""


class Companion(Value, frozen=True):
    """A file beside an asset that labels of it were read from."""

    name: str
    sha256: str


class AssetReport(Value, frozen=True):
    """One asset's row. Where `error` is set, the four axes are null."""

    path: str
    verdict: Verdict
    media_type: str | None = None
    bytes: FileSize | None = None
    sha256: str | None = None
    companions: tuple[Companion, ...] = ()
    """As they were read."""
    origin: Origin | None = None
    integrity: Integrity | None = None
    trust: Trust | None = None
    notice: NoticeState | None = None
    requirements: tuple[Requirement, ...] = ()
    labels: tuple[LabelReport, ...] = ()
    notices: tuple[NoticeReport, ...] = ()
    findings: tuple[Finding, ...] = ()
    error: ReportError | None = None
    seen: Seen | msgspec.UnsetType = msgspec.UNSET
    """Of a batch."""
    thumbnail: Thumbnail | msgspec.UnsetType = msgspec.UNSET
    """Where a report that shows it was asked for."""


class LabellingReport(Value, frozen=True):
    """One source of a batch that labels: what was released, or why nothing was."""

    source: str
    destination: str
    companions: tuple[str, ...] = ()
    label_id: str | None = None
    findings: tuple[Finding, ...] = ()
    error: ReportError | None = None
    uri: str | msgspec.UnsetType = msgspec.UNSET
    """The destination as `seen.uri` gives the source, whatever bytes its name has."""
    seen: Seen | msgspec.UnsetType = msgspec.UNSET
    """The source."""
    bytes: FileSize | msgspec.UnsetType = msgspec.UNSET
    """The size of the destination and its companions together, as released."""
    modified: str | msgspec.UnsetType = msgspec.UNSET
    """When any of them was last modified, as `seen.modified` says it of the source."""


class TrustListReport(Value, frozen=True):
    """A trust list that a report rests on."""

    name: str
    kind: str
    date: str
    sha256: str


class Summary(Value, frozen=True):
    """Counts over a batch."""

    assets: int
    verdicts: dict[str, int]
    origins: dict[str, int]


class Report(Value, frozen=True):
    """A batch: what was asked, what was seen, and the premises it rests on."""

    schema: str
    tool: str
    profile: str
    verified_at: datetime
    premises: tuple[str, ...]
    trust_lists: tuple[TrustListReport, ...]
    assets: tuple[AssetReport, ...]
    summary: Summary


# --- Contracts ------------------------------------------------------------------------------------


class CarrierKind(StrEnum):
    """Where the C2PA manifest of a file goes."""

    EMBEDDED = "embedded"
    COMPANION = "companion"
    NONE = "none"


class ManifestPlace(StrEnum):
    """Where a caller wants the C2PA manifest; what a container cannot carry lies beside it."""

    AUTO = "auto"
    """Embedded, but beside a text that is shorter than its manifest would be."""
    EMBED = "embed"
    SIDECAR = "sidecar"


class Enclosed(Value, frozen=True):
    """A manifest store in a text, or what is left of one."""

    start: int
    length: int
    """Bytes of the file, as stored, that hold it: the exclusion of the hard binding."""
    store: bytes = b""
    """The manifest store; empty where there is none to be had."""
    url: str = ""
    """Where the store lies elsewhere; it is never fetched."""
    failure: str = ""
    """A C2PA status (`manifest.text.corruptedWrapper`, …) where it cannot be used."""


class Enclosure(Protocol):
    """How one kind of text carries a manifest store (C2PA 2.4, A.7 to A.9); c2pa-rs has none."""

    least: int
    """Bytes of text from which on `auto` embeds."""

    def enclose(self, content: bytes, store: bytes) -> tuple[bytes, Enclosed]:
        """Return the text with the store inside, and where; an earlier one is replaced.

        How many bytes that is depends on nothing but the length of `store`. Raises `RefusedError`
        where the text has no place for it.
        """
        ...

    def agreed(self, store: bytes) -> bool:
        """Whether validators agree where a frame of this store ends; by chance one may not."""
        ...

    def enclosed(self, content: bytes) -> Sequence[Enclosed]:
        """Return every store in the text, and every ruin of one, in the order they stand."""
        ...

    def bound(self, content: bytes, exclusion: tuple[int, int]) -> bytes:
        """Return the bytes that the hard binding hashes: all but the exclusion, normalised."""
        ...


class Carrier(Value, frozen=True):
    """Where the C2PA manifest of this file goes, and why."""

    kind: CarrierKind
    reason: str
    """A code of the table of sentences (`kz.carrier.*`)."""


class FormatSpec(Value, frozen=True):
    """What a container is called."""

    name: str
    medium: Medium
    media_types: tuple[str, ...]
    """Canonical first."""
    suffixes: tuple[str, ...]
    """Lower case, with the dot; canonical first."""
    tags: tuple[str, ...] = ()
    """Families of unsigned metadata that `write_tags` writes."""
    extra: str | None = None
    """The extra of kzlabel that decodes it for the notice."""

    @property
    def named(self) -> dict[str, str]:
        """The name as a value of sentences, which some languages have their own word for."""
        code = f"kz.format-name.{self.name.lower().replace(' ', '-')}"
        return {"name": self.name, "name.code": code}


class Format(Protocol):
    """One container. It knows bytes, nothing about law or labels.

    Writers copy `src` to `dst` (a new file), never edit in place, and change nothing they were not
    asked to. All methods raise `UnreadableAssetError` on a damaged file, `LimitError` on a bomb,
    and `OSError` where the file system refuses; nothing else.
    """

    @property
    def spec(self) -> FormatSpec:
        """What the container is called."""
        ...

    def sniff(self, head: bytes, path: Path) -> bool:
        """Whether a file that begins with `head` (its first 64 KiB) is of this container."""
        ...

    def manifest_carrier(self, path: Path) -> Carrier:
        """Say where the C2PA manifest of this very file goes."""
        ...

    def enclosure(self, path: Path) -> Enclosure | None:
        """Return how the text at `path` carries its manifest; None where c2pa-rs does, or nobody.

        Its name decides, or its first line: to sign, `path` is the source, as staged copies have
        other names. Raises `OSError`.
        """
        ...

    def read_tags(self, path: Path) -> Tags:
        """Read the unsigned metadata, bounded in bytes and depth; damaged tags are left out."""
        ...

    def write_tags(self, src: Path, dst: Path, tags: Tags) -> None:
        """Copy `src` to `dst` with `tags` spliced in: same names replaced, all else kept.

        Raises `UnsupportedTagsError` where this file has no sound place for them.
        """
        ...

    def write_notice(self, src: Path, dst: Path, notice: Notice) -> Placement:
        """Copy `src` to `dst` with the notice, on every frame or page, and say where.

        `notice.style` is one of `STYLES[spec.medium]`. `overlay` becomes `strip` where the picture
        is too small. Raises `RefusedError` where something would be lost (16-bit colour, say),
        `MissingExtraError` without the decoder.
        """
        ...

    def find_notices(
        self, path: Path, hints: Sequence[Placement], *, search: bool
    ) -> Sequence[NoticeReport]:
        """Judge each hinted notice; where none is hinted and `search`, look for our own texts.

        Raises `MissingExtraError` or `LimitError` where the content cannot be decoded.
        """
        ...


@dataclass(frozen=True)
class Asset:
    """A file to be checked, read once."""

    path: Path
    format: Format | None
    media_type: str
    size: int
    sha256: str
    content: bytes | None
    """The file's bytes, or None where it is too large to be held."""
    tags: Tags = field(default_factory=dict)

    def companion(self, suffix: str) -> Path:
        """Return the path of NAME.EXT + `suffix` beside the asset."""
        return self.path.with_name(self.path.name + suffix)


class CodeKey(Value, frozen=True):
    """A key that a signed label vouches for: 2D barcodes beside notices are checked with it."""

    key: bytes
    """DER SubjectPublicKeyInfo."""
    signer: Signer | None = None
    own: bool = True
    """Whether this very label's signer vouches for it, not one of an earlier label."""
    label_id: str | None = None


class Reading(Value, frozen=True):
    """What one label's check came to."""

    report: LabelReport
    """Without finding indexes: the workflow numbers them."""
    integrity: Integrity
    trust: Trust = Trust.UNKNOWN
    findings: tuple[Finding, ...] = ()
    hints: tuple[Placement, ...] = ()
    """Notices this label declares."""
    embedded: bool = False
    said: Origin | None = None
    """What it says of the origin, where its row counts it for less: a broken `not-ai`."""
    path: str = ""
    """Where inside it that stands: `urn:c2pa:… c2pa.actions.v2 actions[0].digitalSourceType`."""
    marks: dict[str, str] = {}
    """What rules for third parties may read in it: the family `c2pa` of `Tags`."""
    companion: Companion | None = None
    """The file that it was read from, where that is not the asset."""
    code_keys: tuple[CodeKey, ...] = ()
    """Its signer's, and those of the labels it inherits."""


LEAST_MINUTES, LONGEST_MINUTES = 0.1, 1e5
"""What an interval may be: from six seconds to two months."""
SHORTEST_SECONDS = 2.0
"""What is shown for less cannot be read."""


class NoticeConfig(Value, frozen=True):
    """The notice as a caller configures it."""

    style: NoticeStyle | tuple[NoticeStyle, ...] | None = None
    """None: the medium's default. Of several, each medium takes those that it can carry."""
    languages: tuple[str, ...] = ("kk", "ru")
    corner: Corner | None = None
    every: Annotated[float, msgspec.Meta(ge=LEAST_MINUTES, le=LONGEST_MINUTES)] | None = None
    """Minutes from one notice to the next in audio and video."""
    seconds: Annotated[float, msgspec.Meta(ge=SHORTEST_SECONDS, le=LONGEST_MINUTES)] | None = None
    """How long a visible notice stays on video; None: the whole duration."""
    recording: str | None = None
    """Path of the caller's own recording of the words, for audible notices."""
    code: bool = False
    """Whether a visible notice on a picture has a signed 2D barcode beside its words."""

    def styles_of(self, medium: Medium) -> tuple[NoticeStyle, ...]:
        """Return the styles in which `medium` gets its notice; none where it can carry none.

        What it can carry inside comes before `external` and `none`, which go for every medium. What
        is written is one family: a text asked for a page's words has them in its first lines.
        """
        carried = STYLES[medium]
        if self.style is None:
            return carried[:1]
        asked = self.style if isinstance(self.style, tuple) else (self.style,)
        inside = tuple(style for style in dict.fromkeys(asked) if style in carried)
        if not inside and not _WRITTEN.isdisjoint(asked) and not _WRITTEN.isdisjoint(carried):
            return carried[:1]
        return inside or tuple(style for style in asked if style in OUTSIDE)[:1]


@dataclass(frozen=True)
class Step:
    """A label being made: what the next label must know."""

    source: Path
    """The caller's file: read, never written."""
    asset: Path
    """The file as the labels before left it; `source` itself at first."""
    folder: Path
    """A private directory on the destination's file system; each step writes new files in it."""
    name: str
    """The destination's file name; companions are NAME.c2pa and NAME.kzlabel.json in `folder`."""
    format: Format
    media_type: str
    disclosure: Disclosure
    notice: NoticeConfig
    credential: Credential
    trust: TrustStore
    """What the finished labels are checked against: the credential's own root."""
    prior: tuple[Reading, ...] = ()
    """What the source's labels said."""
    finished: Asset | None = None
    """The asset under its own name, read back, once nothing changes it any more."""
    manifest: ManifestPlace = ManifestPlace.AUTO
    kept_notices: tuple[Placement, ...] = ()
    """Perceivable notices with the same statement that the source already carries."""
    companions: tuple[Path, ...] = ()
    placements: tuple[Placement, ...] = ()
    findings: tuple[Finding, ...] = ()


class Label(Protocol):
    """One kind of label that we write and check."""

    kind: ClassVar[str]

    def apply(self, step: Step) -> Step:
        """Make the label; never writes to `step.source` or `step.asset`."""
        ...

    def check(self, asset: Asset, trust: TrustStore) -> Sequence[Reading]:
        """Read this kind of label; empty where there is none. A broken label is a reading.

        Raises `OSError` where the file system refuses; nothing else.
        """
        ...


class Marker(Value, frozen=True):
    """A third-party, unsigned mark that was recognised."""

    scheme: str
    origin: Origin
    """`undeclared` for what says nothing of it (a watermark that we cannot read)."""
    tag: str
    """Where it was read: family and name."""
    evidence: Evidence
    kind: LabelKind = LabelKind.MARKER
    system: str | None = None
    provider: str | None = None
    label_id: str | None = None
    personal: dict[str, str] = {}
    """Prompts, names of users: shown only on request, and in no finding."""
    findings: tuple[Finding, ...] = ()


class MarkerDetector(Protocol):
    """One family of third-party marks: tags in, marker out; pure."""

    scheme: ClassVar[str]

    def detect(self, tags: Tags) -> Marker | None:
        """Return the mark these tags carry, or None."""
        ...
