"""`kzlabel keys`, as it is called."""

from __future__ import annotations

import os
import pty
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from kzlabel import _keyfiles, _pem
from kzlabel.cli.keys import keys
from kzlabel.credential import Algorithm, Credential, development, from_store
from kzlabel.errors import CredentialError

if TYPE_CHECKING:
    from pathlib import Path

WORD = b"correct horse"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(keys, [str(argument) for argument in arguments])


def error_of(*arguments: object) -> str:
    found = run(*arguments)
    assert isinstance(found.exception, CredentialError), found
    return found.exception.code.removeprefix("kz.error.")


@pytest.fixture
def files(tmp_path) -> tuple[Credential, Path, Path, Path]:
    """A credential, its encrypted key, its chain with the root, and the passphrase's file."""
    made = development(Algorithm.ED25519)
    key, chain, word = tmp_path / "k.pem", tmp_path / "c.pem", tmp_path / "word"
    private = load_pem_private_key(made.private_key, None)
    encryption = BestAvailableEncryption(WORD)
    key.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
    chain.write_text(_pem.text((*made.chain, made.root)))
    word.write_bytes(WORD)
    word.chmod(0o600)
    return made, key, chain, word


def test_init_makes_a_credential_that_label_can_use() -> None:
    found = run("init", "mine", "--algorithm", "ES384")
    assert found.exit_code == 0
    assert str(_keyfiles.folder() / "mine" / "root.pem") in found.output
    assert from_store("mine").algorithm is Algorithm.ES384
    assert error_of("init", "mine") == "key-exists"
    assert run("init", "mine", "--force").exit_code == 0
    assert from_store("mine").algorithm is Algorithm.ES256
    assert run("init").exit_code == 0
    assert from_store("development").development


def test_init_knows_no_other_algorithm() -> None:
    assert run("init", "--algorithm", "HS256").exit_code == 2


def test_import_takes_the_passphrase_from_a_file_or_the_environment(files, monkeypatch) -> None:
    made, key, chain, word = files
    arguments = ("import", "a", "--key", key, "--chain", chain)
    assert error_of(*arguments) == "passphrase-needed"
    assert run(*arguments, "--passphrase-file", word).exit_code == 0
    assert from_store("a", passphrase=lambda: WORD).chain == made.chain
    assert error_of(*arguments, "--passphrase-file", word) == "key-exists"
    monkeypatch.setenv("KZLABEL_PASSPHRASE", "wrong")
    assert error_of(*arguments, "--force") == "passphrase"
    monkeypatch.setenv("KZLABEL_PASSPHRASE", WORD.decode())
    assert run(*arguments, "--force").exit_code == 0
    word.chmod(0o644)
    assert error_of(*arguments, "--force", "--passphrase-file", word) == "passphrase-mode"


def test_no_output_and_no_error_shows_the_passphrase(files, monkeypatch) -> None:
    _, key, chain, _ = files
    monkeypatch.setenv("KZLABEL_PASSPHRASE", "a wrong secret")
    found = run("import", "a", "--key", key, "--chain", chain)
    assert "secret" not in found.output + str(found.exception) + repr(found.exception)


def test_import_without_a_key_answers_a_request(files) -> None:
    _, _, chain, _ = files
    assert error_of("import", "p", "--chain", chain) == "key-not-given"
    assert error_of("import", "p") == "key-not-given"
    assert run("csr", "p", "--subject", "CN=X").exit_code == 0
    assert error_of("import", "p", "--chain", chain) == "key-mismatch"
    assert error_of("import", "p") == "chain-empty"


def test_import_needs_a_key_unless_it_answers_a_request(files) -> None:
    _, _, chain, _ = files
    run("init", "mine")
    assert error_of("import", "mine") == "key-not-given"
    assert error_of("import", "mine", "--force") == "key-not-given"
    assert error_of("import", "mine", "--chain", chain) == "key-exists"
    assert "--key" in str(run("import", "new").exception)


def test_a_wrong_subject_is_named_with_an_example() -> None:
    for subject in ("nonsense", "C=KAZ", ""):
        said = str(run("csr", "q", "--subject", subject).exception)
        assert said.startswith(f"'{subject}': ")
        assert "CN=News,O=Company,C=KZ" in said


def test_csr_writes_a_private_key_and_a_request() -> None:
    found = run("csr", "p", "--subject", "CN=\u0416\u0430\u04a3\u0430,O=K,C=KZ")
    path = _keyfiles.folder() / "p" / "request.pem"
    assert str(path) in found.output
    assert path.read_bytes().startswith(b"-----BEGIN CERTIFICATE REQUEST-----")
    assert stat.S_IMODE((path.parent / "key.pem").stat().st_mode) == 0o600
    assert error_of("csr", "p", "--subject", "CN=X") == "key-exists"
    assert error_of("check", "p") == "chain-empty"
    for subject in ("", "nonsense", "CN"):
        assert error_of("csr", "q", "--subject", subject) == "subject"
    assert not (path.parent.parent / "q").exists()


def test_csr_encrypts_the_key_where_there_is_a_passphrase(files) -> None:
    word = files[3]
    assert run("csr", "p", "--subject", "CN=X", "--passphrase-file", word).exit_code == 0
    assert b"ENCRYPTED" in (_keyfiles.folder() / "p" / "key.pem").read_bytes()


def test_check_says_what_is_wrong_and_fails(tmp_path, files) -> None:
    made, _, chain, _ = files
    assert run("check", chain).exit_code == 0
    run("init", "mine")
    assert run("check", "mine").exit_code == 0
    chain.write_text(_pem.text((made.root, *made.chain)))
    found = run("check", chain)
    assert found.exit_code == 1
    assert "must be first" in found.output
    assert error_of("check", tmp_path / "missing.pem") == "key-read"
    assert error_of("check", "missing") == "key-missing"


def test_every_command_explains_itself() -> None:
    for command in ((), ("init",), ("import",), ("check",), ("csr",)):
        found = run(*command, "--help")
        assert found.exit_code == 0
        assert "kz." not in found.output


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("kk", "\u049b\u0430\u0442\u0435"),
        ("ru", "\u043e\u0448\u0438\u0431\u043a\u0430"),
        ("en", "failure"),
    ],
)
def test_findings_speak_the_users_language(files, language, words) -> None:
    made, _, chain, _ = files
    chain.write_text(_pem.text((made.root,)))
    command = [sys.executable, "-m", "kzlabel", "keys", "check", str(chain)]
    found = subprocess.run(
        [*command, "--ui-lang", language], capture_output=True, text=True, check=False
    )
    assert found.returncode == 1, found.stderr
    assert found.stdout.startswith(words)


def test_a_terminal_is_asked_and_shows_nothing(files) -> None:
    _, key, chain, _ = files
    command = ["keys", "import", "a", "--key", str(key), "--chain", str(chain)]
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "kzlabel", *command],
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    while b":" not in shown:
        shown += os.read(ours, 1000)
    os.write(ours, WORD + b"\n")
    try:
        while more := os.read(ours, 1000):
            shown += more
    except OSError:
        pass  # Linux: the other end has closed
    os.close(ours)
    assert running.wait(20) == 0
    assert b"horse" not in shown
    assert from_store("a", passphrase=lambda: WORD)
