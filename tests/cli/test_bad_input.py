"""Bad input, one by one: one clear sentence, the right exit code, the source untouched, nothing left."""

from __future__ import annotations

import errno
import io
import os
import shutil
import socket
import struct
import subprocess
import sys
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image
from samples import FIXTURES, PICTURES, WHO

import kzlabel
from kzlabel.cli._course import Course
from kzlabel.cli._progress import lines_of
from kzlabel.credential import development
from kzlabel.trust import store_of

JPEG, PNG = FIXTURES / "picture.jpg", FIXTURES / "picture.png"


@pytest.fixture
def refused(keyed, tmp_path):
    """Label a file and check that it is refused as it must be; return the sentence."""

    def check(source, *options: object, target=None) -> str:
        out = target or tmp_path / "result" / "out.jpg"
        out.parent.mkdir(exist_ok=True)
        before = source.read_bytes() if source.is_file() else None
        listed = sorted(out.parent.iterdir())
        ran = keyed("label", source, "-o", out, *WHO, *options)
        assert ran.code == 2, ran.out + ran.err
        assert len(ran.err.splitlines()) == 1, ran.err
        assert ran.out == ""
        assert sorted(out.parent.iterdir()) == listed
        if before is not None:
            assert source.read_bytes() == before
        return ran.err

    return check


def test_a_socket_is_no_file(refused, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # its name may not be long
    with socket.socket(socket.AF_UNIX) as link:
        link.bind("socket.jpg")
        assert "not a regular file" in refused(tmp_path / "socket.jpg")


def test_an_empty_file(refused, tmp_path):
    (tmp_path / "empty.jpg").write_bytes(b"")
    assert "empty" in refused(tmp_path / "empty.jpg")


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.name)
@pytest.mark.parametrize("share", [0.01, 0.4, 0.8])
def test_a_cut_file(refused, tmp_path, path, share):
    if path.suffix == ".bmp" and share > 0.5:
        share = 0.5
    cut = tmp_path / path.name
    cut.write_bytes(path.read_bytes()[: max(1, int(path.stat().st_size * share))])
    refused(cut, target=tmp_path / "result" / path.name)


def test_a_lying_suffix(refused, tmp_path):
    shutil.copy(PNG, tmp_path / "lying.jpg")
    said = refused(tmp_path / "lying.jpg")
    assert "PNG" in said.upper()
    assert ".jpg" in said


def test_a_directory(refused, tmp_path):
    refused(tmp_path)


def test_a_path_that_is_not_there(refused, tmp_path):
    assert "none.jpg" in refused(tmp_path / "none.jpg")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_we_may_not_read(refused, tmp_path):
    closed = tmp_path / "closed.jpg"
    shutil.copy(JPEG, closed)
    closed.chmod(0)
    assert "closed.jpg" in refused(closed)


def test_the_same_source_and_destination(refused, tmp_path):
    source = tmp_path / "one.jpg"
    shutil.copy(JPEG, source)
    assert "same file" in refused(source, "--force", target=source)


def test_a_link_to_the_source_as_destination(refused, tmp_path):
    source, link = tmp_path / "one.jpg", tmp_path / "link.jpg"
    shutil.copy(JPEG, source)
    link.symlink_to(source)
    assert "same file" in refused(source, "--force", target=link)
    assert link.is_symlink()


def test_a_destination_that_exists(refused, tmp_path):
    target = tmp_path / "out.jpg"
    target.write_bytes(b"somebody's work")
    assert "--force" in refused(JPEG, target=target)
    assert target.read_bytes() == b"somebody's work"


def test_a_dangling_link_as_destination(refused, tmp_path):
    target = tmp_path / "out.jpg"
    target.symlink_to(tmp_path / "nowhere")
    assert "--force" in refused(JPEG, target=target)


def test_a_destination_directory_that_is_not_there(keyed, tmp_path):
    ran = keyed("label", JPEG, "-o", tmp_path / "none" / "out.jpg", *WHO)
    assert (ran.code, len(ran.err.splitlines())) == (2, 1)


def test_a_link_to_a_source_is_followed(keyed, tmp_path):
    (tmp_path / "link.jpg").symlink_to(JPEG)
    assert keyed("label", tmp_path / "link.jpg", "-o", tmp_path / "out.jpg", *WHO).code == 0
    assert not (tmp_path / "out.jpg").is_symlink()


def test_a_full_disk(tmp_path, keyed):
    """The file-size limit stands in for a disk that fills while we write."""
    from samples import FIXTURES

    script = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096));"
        "from kzlabel.cli.start import main; main()"
    )
    target = tmp_path / "out.jpg"
    done = subprocess.run(
        [sys.executable, "-c", script, "label", FIXTURES / "picture.jpg", "-o", target, *WHO],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
    assert ".kzlabel-" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def _png_of(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    rows = zlib.compressobj(9)
    body = b"".join(rows.compress(bytes(width + 1)) for _ in range(height)) + rows.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.slow
def test_a_100_megapixel_bomb(refused, tmp_path):
    bomb = tmp_path / "bomb.png"
    bomb.write_bytes(_png_of(10_000, 10_000))
    assert "89478485" in refused(bomb, target=tmp_path / "result" / "bomb.png").replace(" ", "")
    script = (  # a child's peak would begin at that of this process
        "import resource, subprocess, sys;"
        "print(subprocess.run([sys.executable, '-m', 'kzlabel', *sys.argv[1:]],"
        " stdout=subprocess.DEVNULL).returncode,"
        " resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    asked = [sys.executable, "-c", script, "verify", bomb, "--look"]
    said = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    code, peak = map(int, said.split())
    assert code in {0, 3}
    assert peak < 1_000_000, f"{peak} kB"


def test_an_expired_key(refused, tmp_path):
    old = development(now=datetime(2020, 1, 1, tzinfo=UTC), days=30)
    key, chain = _written(tmp_path, old)
    assert "expired" in refused(JPEG, "--key", key, "--chain", chain)


def test_a_key_of_another_certificate(refused, tmp_path):
    one, other = development(), development()
    key, _ = _written(tmp_path, one)
    _, chain = _written(tmp_path, other)
    (tmp_path / "key.pem").write_bytes(one.private_key)
    refused(JPEG, "--key", key, "--chain", chain)


def test_a_certificate_authority_as_signer(refused, tmp_path):
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "An authority")])
    now = datetime.now(UTC)
    root = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=9))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )  # fmt: skip
    (tmp_path / "key.pem").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    (tmp_path / "chain.pem").write_bytes(root.public_bytes(Encoding.PEM))
    refused(JPEG, "--key", tmp_path / "key.pem", "--chain", tmp_path / "chain.pem")


def test_a_wrong_passphrase(refused, tmp_path, monkeypatch):
    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        Encoding,
        PrivateFormat,
        load_pem_private_key,
    )

    own = development()
    key, chain = _written(tmp_path, own)
    secret = load_pem_private_key(own.private_key, None).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"right")
    )
    key.write_bytes(secret)
    monkeypatch.setenv("KZLABEL_PASSPHRASE", "horse-battery")
    said = refused(JPEG, "--key", key, "--chain", chain)
    assert "passphrase" in said
    assert "horse" not in said


def _written(folder, credential):
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    key, chain = folder / "key.pem", folder / "chain.pem"
    key.write_bytes(credential.private_key)
    chain.write_bytes(
        b"".join(
            x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)
            for der in credential.chain
        )
    )
    return key, chain


# --- Odd, and good: these must work, or be refused with `--notice none` named ---------------------


def _odd(folder):
    """Pictures that break careless tools, by name."""
    colour = Image.open(JPEG).convert("RGB")
    made = {
        "cmyk.jpg": lambda p: colour.convert("CMYK").save(p, quality=85),
        "progressive.jpg": lambda p: colour.save(p, quality=85, progressive=True),
        "grey.jpg": lambda p: colour.convert("L").save(p),
        "trailing.jpg": lambda p: p.write_bytes(JPEG.read_bytes() + b"trailing bytes"),
        "palette.png": lambda p: colour.quantize(255).save(p, transparency=3),
        "full-palette.png": lambda p: colour.quantize(256).save(p),
        "grey16.png": lambda p: colour.convert("L").convert("I;16").save(p),
        "alpha.png": lambda p: _transparent(colour).save(p),
        "after-iend.png": lambda p: p.write_bytes(PNG.read_bytes() + b"after the end"),
        "bilevel.png": lambda p: colour.convert("1").save(p),
        "cmyk.tiff": lambda p: colour.convert("CMYK").save(p),
        "lossless.webp": lambda p: _transparent(colour).save(p, lossless=True, exact=True),
    }
    for name, save in made.items():
        save(folder / name)
    return sorted(made)


def _transparent(picture):
    out = picture.convert("RGBA")
    out.putalpha(picture.convert("L"))
    return out


@pytest.mark.slow
def test_odd_pictures_are_labelled_or_refused_with_a_way_out(keyed, tmp_path):
    source = tmp_path / "odd"
    source.mkdir()
    names = _odd(source)
    home = os.environ["XDG_CONFIG_HOME"]
    lists = ["--trust", f"{home}/kzlabel/keys/development/root.pem"]
    for name in names:
        before = (source / name).read_bytes()
        ran = keyed("label", source / name, "-o", f"{tmp_path}/out/", *WHO)
        if ran.code == 2:
            assert "--notice none" in ran.err, ran.err
            assert not (tmp_path / "out" / name).exists()
            rest = ["--notice", "none"]
            assert keyed("label", source / name, "-o", f"{tmp_path}/out/", *WHO, *rest).code == 0
        else:
            assert ran.code == 0, ran.err
            checked = keyed("verify", tmp_path / "out" / name, *lists)
            assert checked.code == 0, checked.out
        assert (source / name).read_bytes() == before


@pytest.mark.slow
def test_threads_share_a_credential(credential, tmp_path, disclosure):
    from concurrent.futures import ThreadPoolExecutor

    from kzlabel.model import Disclosure

    def one(number: int) -> str:
        said = Disclosure(
            statement=disclosure.statement, system=disclosure.system, provider=disclosure.provider
        )
        target = tmp_path / f"{number}.jpg"
        kzlabel.label(JPEG, target, said, credential)
        return kzlabel.verify(target, trust=store_of(credential)).verdict.value

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(one, range(24))) == {"compliant"}


class _Full(io.StringIO):
    """A log that has no room left."""

    def write(self, _: str, /) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_log_ends_nothing(run, tmp_path, monkeypatch):
    (tmp_path / "folder").mkdir()
    shutil.copy(JPEG, tmp_path / "folder")
    monkeypatch.chdir(tmp_path)
    again = "verify", "-r", "folder", "--no-look", "--resume", "results.jsonl"
    assert run(*again).code == 0
    monkeypatch.setattr(sys, "stderr", _Full())
    assert run(*again).code == 0
    assert run("verify", "--nope").code == 2
    lines_of(Course(), every=0.0)()
