"""The two verbs: `verify` says what labels declare and whether they hold; `label` makes them.

`verify` is total: what could not be looked at becomes a row with its code. `label` releases nothing
that it has not read back: each label made must re-verify intact, each notice must be perceivable.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import msgspec

from kzlabel._assets import open_asset, room_of
from kzlabel._door import valid, valid_disclosure
from kzlabel._looking import inside_hints, read_labels, row_of
from kzlabel._options import Options
from kzlabel._passwords import Password, knowing
from kzlabel._progress import Listener, listening
from kzlabel._seen import state_of
from kzlabel._staging import SHARED, commit, staging, sweep
from kzlabel.credential import Credential
from kzlabel.errors import KzlabelError, LimitError, RefusedError, UsageError
from kzlabel.formats import keeps_kind, suffix_is_honest
from kzlabel.labels import LABELS
from kzlabel.labels.sidecar import SUFFIX as SIDECAR
from kzlabel.model import (
    COMPANION_SUFFIXES,
    OUTSIDE,
    Asset,
    AssetReport,
    Disclosure,
    Finding,
    FindingOutcome,
    Format,
    Integrity,
    LabelKind,
    LabelState,
    ManifestPlace,
    NoticeConfig,
    NoticeReport,
    Placement,
    Reading,
    Step,
    finding,
)
from kzlabel.profiles import Profile
from kzlabel.trust import TrustStore, store_of

_HARMED = (Integrity.BROKEN, Integrity.UNREADABLE)
_OF_THE_SIGNER = ("signingCredential.", "timeStamp.", "cawg.", "kz.trust.", "kz.chain.")


@dataclass(frozen=True)
class Labelled:
    """What `label` released."""

    asset: Path
    companions: tuple[Path, ...]
    disclosure: Disclosure
    placements: tuple[Placement, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class LabelledBytes:
    """What `label_bytes` made: the asset's bytes, and its companions' by file name."""

    asset: bytes
    companions: Mapping[str, bytes]
    disclosure: Disclosure
    findings: tuple[Finding, ...]


def verify(  # noqa: PLR0913  each is a question of its own, all with an answer
    path: str | os.PathLike[str],
    *,
    profile: str | Profile = "kz",
    trust: TrustStore | None = None,
    synthetic: bool = False,
    look: bool | None = None,
    password: str | None = None,
    personal: bool = False,
) -> AssetReport:
    """Say what the labels and notices of the file at `path` declare, and whether they hold.

    `trust` holds the anchors signers are checked against (none: every signer is untrusted).
    `synthetic` states that the asset is known to be synthetic. `look`: True searches the content
    for notices nobody declared, False judges none, None searches where a label says AI. `password`
    opens an encrypted document. `personal` shows the prompts and names of users that marks carry.
    Never raises for a file: what could not be looked at is a row with its error. Raises
    `UsageError` for an unknown profile. Law No. 230-VIII, Art. 21-22.
    """
    options = Options.of(
        profile, trust, synthetic=synthetic, look=look, password=password, personal=personal
    )
    return row_of(Path(path), options)


def verify_bytes(  # noqa: PLR0913  each is a question of its own, all but two with an answer
    content: bytes,
    name: str,
    *,
    companions: Mapping[str, bytes] | None = None,
    profile: str = "kz",
    trust: TrustStore | None = None,
    synthetic: bool = False,
    look: bool | None = None,
    password: str | None = None,
    personal: bool = False,
) -> AssetReport:
    """Do what `verify` does for an asset in memory; `companions` by their file names."""
    with tempfile.TemporaryDirectory(prefix="kzlabel-") as folder:
        path = _laid(Path(folder), name, content, companions)
        row = verify(
            path, profile=profile, trust=trust, synthetic=synthetic, look=look,
            password=password, personal=personal,
        )  # fmt: skip
        public = msgspec.json.encode(row).replace(f"{folder}/".encode(), b"")
    return msgspec.json.decode(public, type=AssetReport)


def label(  # noqa: PLR0913  each is a decision of the caller's
    source: str | os.PathLike[str],
    destination: str | os.PathLike[str],
    disclosure: Disclosure,
    credential: Credential,
    *,
    notice: NoticeConfig | None = None,
    force: bool = False,
    over_broken: bool = False,
    manifest: ManifestPlace = ManifestPlace.AUTO,
    password: Password | str | None = None,
    progress: Listener | None = None,
) -> Labelled:
    """Label `source` into the new file `destination`: notice, metadata, manifest, signed sidecar.

    Companions (`NAME.EXT.c2pa`, `NAME.EXT.kzlabel.json`) are written beside the destination. The
    source is never modified. Raises a `KzlabelError` that says what was wrong, with nothing
    written; `force` replaces an existing destination, `over_broken` labels over a label that does
    not hold, and says so in the new one. `manifest` says where the C2PA manifest goes; `password`
    opens an encrypted document, which is encrypted again the same way. `progress` is told the
    fraction (0 to 1) done of encoding audio or video.
    """
    origin, target = Path(source), Path(destination)
    disclosure = valid_disclosure(disclosure)
    notice = valid(notice or NoticeConfig(), NoticeConfig)
    if not isinstance(credential, Credential):
        raise UsageError("kz.error.argument", path="credential", detail=type(credential).__name__)
    with _named_in_public(origin, target), knowing(_of_source(password, origin)):
        sweep(target.parent)  # a commit that was killed is taken back, whatever comes of this one
        before = state_of(origin)
        prior = _prior(origin, over_broken=over_broken)
        _require_free(origin, target, room_of(prior.asset), force=force)
        with staging(target.parent) as folder:
            step = Step(
                source=origin, asset=origin, folder=folder, name=target.name,
                format=room_of(prior.asset), media_type=prior.asset.media_type,
                disclosure=disclosure, notice=notice, credential=credential,
                trust=store_of(credential) if credential.root else TrustStore(),
                prior=prior.readings, manifest=ManifestPlace(manifest),
            )  # fmt: skip
            with listening(progress):
                step = _made(replace(step, kept_notices=_kept(step)))
            _gate(step)
            if state_of(origin) != before:
                raise LimitError("kz.error.changed", path=origin)
            return _released(step, target, force=force)


def label_bytes(  # noqa: PLR0913  as `label`
    content: bytes,
    name: str,
    disclosure: Disclosure,
    credential: Credential,
    *,
    notice: NoticeConfig | None = None,
    companions: Mapping[str, bytes] | None = None,
    over_broken: bool = False,
    manifest: ManifestPlace = ManifestPlace.AUTO,
    password: str | None = None,
) -> LabelledBytes:
    """Do what `label` does in memory: bytes in, the labelled asset's bytes and its companions out.

    `name` is the asset's file name (it names the companions); `companions` are an earlier label's.
    """
    with tempfile.TemporaryDirectory(prefix="kzlabel-") as folder:
        inside, outside = Path(folder) / "in", Path(folder) / "out"
        inside.mkdir()
        outside.mkdir()
        source = _laid(inside, name, content, companions)
        try:
            made = label(
                source, outside / name, disclosure, credential,
                notice=notice, over_broken=over_broken, manifest=manifest, password=password,
            )  # fmt: skip
        except KzlabelError as exc:
            values = {key: _unlaid(text, inside, outside) for key, text in exc.values.items()}
            raise type(exc)(exc.code, **values) from exc
        return LabelledBytes(
            asset=made.asset.read_bytes(),
            companions={path.name: path.read_bytes() for path in made.companions},
            disclosure=made.disclosure,
            findings=made.findings,
        )


# --- Before a label is made -----------------------------------------------------------------------


@dataclass(frozen=True)
class _Prior:
    """The source as it was found."""

    asset: Asset
    readings: tuple[Reading, ...]


def _of_source(password: Password | str | None, source: Path) -> Password:
    """Return what knows the source's password in each of its stages, and asks for it once."""

    @cache
    def known() -> str | None:
        return password(source) if callable(password) else password

    return lambda _: known()


def _laid(folder: Path, name: str, content: bytes, companions: Mapping[str, bytes] | None) -> Path:
    """Write an asset and its companions into `folder`, under their own names."""
    for part, data in {name: content, **(companions or {})}.items():
        if not isinstance(data, bytes | bytearray | memoryview):
            raise UsageError("kz.error.argument", path=part, detail=type(data).__name__)
        try:
            (folder / _plain_name(part)).write_bytes(data)
        except OSError as exc:
            raise UsageError("kz.error.os", path=part, detail=exc) from exc
    return folder / name


def _unlaid(text: str, *folders: Path) -> str:
    """Return `text` without the private folders: the caller knows only names."""
    for folder in folders:
        text = text.replace(f"{folder}/", "")
    return text


def _plain_name(name: str) -> str:
    if not name or name in (".", "..") or "/" in name or "\0" in name:
        raise UsageError("kz.error.name", path=name)
    return name


def _prior(source: Path, *, over_broken: bool) -> _Prior:
    """Read the source and what its labels say; refuse what must not be labelled."""
    if source.is_dir():
        raise UsageError("kz.error.not-a-file", path=source)
    asset = open_asset(source, digested=os.path.lexists(f"{source}{SIDECAR}"))
    room = room_of(asset)
    if not suffix_is_honest(source, room):
        values = {"suffix": source.suffix, **room.spec.named}
        raise RefusedError("kz.error.suffix", path=source, **values)
    readings = read_labels(replace(asset, tags=room.read_tags(source)), TrustStore())
    if any(reading.report.kind is LabelKind.REPORT for reading in readings):
        raise RefusedError("kz.error.signed-report", path=source)
    harmed = [reading for reading in readings if reading.integrity in _HARMED]
    if harmed and not over_broken:
        raise _broken_parent(source, harmed[0])
    return _Prior(asset, readings)


def _broken_parent(source: Path, reading: Reading) -> RefusedError:
    """Return the refusal, with what broke the label: not what is amiss with its signer."""
    if reading.report.state is LabelState.ABSENT:
        return RefusedError("kz.error.untold-parent", path=source)
    failures = [f for f in reading.findings if f.outcome is FindingOutcome.FAILURE]
    failures.sort(key=lambda f: f.code.startswith(_OF_THE_SIGNER))
    kind = reading.report.kind
    values = {"kind": kind.value, "kind.code": f"kz.report.kind.{kind}", "detail": ""}
    if failures:
        values |= {"detail": failures[0].message, "detail.code": failures[0].code}
        values |= {f"detail.{name}": text for name, text in failures[0].values.items()}
    return RefusedError("kz.error.broken-parent", path=source, **values)


def _require_free(source: Path, target: Path, room: Format, *, force: bool) -> None:
    """Refuse a destination that is the source, that exists, or whose directory does not."""
    _plain_name(target.name)
    if not (suffix_is_honest(target, room) and keeps_kind(source, target, room)):
        values = {"suffix": target.suffix or target.name, **room.spec.named}
        raise RefusedError("kz.error.suffix-target", path=target, **values)
    if not target.parent.is_dir():
        raise UsageError("kz.error.no-directory", path=target.parent)
    if target.is_dir():
        raise UsageError("kz.error.not-a-file", path=target)
    if os.path.lexists(target) and target.exists() and target.samefile(source):
        raise RefusedError("kz.error.same-file", path=target)
    taken = [p for p in (target, *_companions(target)) if os.path.lexists(p)]
    if taken and not force:
        raise RefusedError("kz.error.exists", path=taken[0])


def _companions(path: Path) -> tuple[Path, ...]:
    return tuple(path.with_name(path.name + suffix) for suffix in COMPANION_SUFFIXES)


# --- Making, checking, releasing ------------------------------------------------------------------


@contextmanager
def _named_in_public(source: Path, target: Path) -> Iterator[None]:
    """Let errors name what the caller knows where they met one of the private files.

    Those of kzlabel say what is amiss with what is read, which is the source, in whatever stage it
    is; the system's are about where it writes.
    """
    private = str(target.parent / SHARED)

    def public(text: object, known: Path = target) -> object:
        return known if str(text).startswith(private) else text

    try:
        yield
    except KzlabelError as exc:
        known = target if exc.code == "kz.error.os" else source
        values = {name: public(text, known) for name, text in exc.values.items()}
        raise type(exc)(exc.code, **values) from exc
    except OSError as exc:
        raise UsageError("kz.error.os", path=public(exc.filename or source), detail=exc) from exc


def _kept(step: Step) -> tuple[Placement, ...]:
    """Return the notices with the same statement that people can already perceive in the source."""
    if set(OUTSIDE) & set(step.notice.styles_of(step.format.spec.medium)):
        return ()
    said = step.disclosure.statement
    hints = tuple(hint for hint in inside_hints(step.prior) if hint.statement is said)
    judged = step.format.find_notices(step.source, hints, search=False) if hints else ()
    return tuple(h for h, report in zip(hints, judged, strict=False) if report.perceivable)


def _made(step: Step) -> Step:
    """Apply every label in order; the asset ends under its own name in the private directory."""
    for room in LABELS:
        if room.kind == LabelKind.SIDECAR:
            step = _finished(step)  # the sidecar signs the finished file, under its name
        step = room.apply(step)
    return step


def _finished(step: Step) -> Step:
    """Give the asset its name, and read back what was written: that is signed, and checked."""
    named = step.folder / step.name
    if step.asset == step.source:
        shutil.copyfile(step.source, named)
    else:
        step.asset.replace(named)
    return replace(step, asset=named, finished=open_asset(named))


def _gate(step: Step) -> None:
    """Raise `RefusedError` unless every label made re-verifies and every notice is perceivable."""
    asset = step.finished or open_asset(step.asset)
    asset = replace(asset, tags=step.format.read_tags(step.asset))
    ours = [
        r for r in read_labels(asset, step.trust) if r.report.label_id == step.disclosure.label_id
    ]
    found = {reading.report.kind: reading.integrity for reading in ours}
    left_out = any(f.code == "kz.metadata.left-out" for f in step.findings)
    expected = {LabelKind.MANIFEST: Integrity.INTACT, LabelKind.SIDECAR: Integrity.INTACT}
    if not left_out:
        expected[LabelKind.METADATA] = Integrity.UNPROTECTED
    for kind, integrity in expected.items():
        if found.get(kind) is not integrity:
            detail = f"{kind}: {found.get(kind, Integrity.ABSENT)}"
            raise RefusedError("kz.error.gate", path=step.source, detail=detail)
    given = [placement for placement in step.placements if placement.inside]
    judged = step.format.find_notices(step.asset, given, search=False) if given else ()
    unseen = [report for report in judged if not report.perceivable]
    if unseen or len(judged) != len(given):
        raise _unseen(step.source, unseen)
    new = [(hint, seen) for hint, seen in zip(given, judged, strict=True)
           if hint not in step.kept_notices]  # fmt: skip
    if any(seen.symbol != hint.code for hint, seen in new):
        raise RefusedError("kz.error.code-unread", path=step.source)


def _unseen(source: Path, unseen: Sequence[NoticeReport]) -> RefusedError:
    """Return the refusal of a notice that people would not see, or that nobody can vouch for."""
    hidden = next((report for report in unseen if report.perceivable is False), None)
    if hidden is None:
        return RefusedError("kz.error.notice-unsure", path=source)
    values = {"detail": hidden.code, "detail.code": hidden.code, "detail.text": hidden.text}
    return RefusedError("kz.error.notice-unseen", path=source, **values)


def _released(step: Step, target: Path, *, force: bool) -> Labelled:
    superseded = _companions(target) if force else ()
    staged = (*step.companions, step.asset)
    commit(staged, target.parent, overwrite=force, superseded=superseded)
    said = step.findings
    if step.credential.development:
        name = step.credential.name
        said = (*said, finding("kz.signer.development", FindingOutcome.WARNING, name=name))
    return Labelled(
        asset=target,
        companions=tuple(target.parent / path.name for path in step.companions),
        disclosure=step.disclosure,
        placements=step.placements,
        findings=said,
    )
