"""`kzlabel trust`, as it is called."""

from __future__ import annotations

import pytest
from click.testing import CliRunner, Result

from kzlabel.cli.trust import trust
from kzlabel.credential import development
from kzlabel.errors import CredentialError
from kzlabel.trust import TrustKind, installed, store_of


def run(*arguments: object) -> Result:
    return CliRunner().invoke(trust, [str(argument) for argument in arguments])


def error_of(*arguments: object) -> str:
    found = run(*arguments)
    assert isinstance(found.exception, CredentialError), found
    return found.exception.code.removeprefix("kz.error.")


@pytest.fixture
def listed(tmp_path):
    path = tmp_path / "newsroom.pem"
    path.write_text(store_of(development()).lists[0].pem)
    return path


def test_an_empty_installation_says_what_to_do() -> None:
    found = run("list")
    assert found.exit_code == 0
    assert "kzlabel trust add" in found.output


def test_a_list_is_added_and_listed_with_kinds_and_date(listed) -> None:
    assert run("add", listed).exit_code == 0
    assert run("add", listed, "--kind", "tsa", "--name", "clock").exit_code == 0
    found = run("list").output.splitlines()
    assert found[0].startswith("clock  tsa  1 certificates  20")
    assert found[1].startswith("newsroom  claim, code, sidecar  1 certificates  20")
    assert len(installed().of(TrustKind.CLAIM)) == 1


def test_a_list_is_added_for_the_kind_before_it(listed) -> None:
    assert run("add", f"tsa={listed}").exit_code == 0
    assert run("add", f"tsa={listed}", "--kind", "claim", "--name", "two").exit_code == 0
    assert [sorted(one.kinds) for one in installed().lists] == [["tsa"], ["claim", "tsa"]]


def test_an_unknown_kind_is_named_with_those_there_are(listed, monkeypatch) -> None:
    assert error_of("add", f"zzz={listed}") == "trust-kind"
    said = str(run("add", f"zzz={listed}").exception)
    assert "'zzz'" in said
    assert "claim, tsa, sidecar" in said
    monkeypatch.chdir(listed.parent)
    assert error_of("add", "zzz=newsroom.pem") == "trust-kind"
    listed.rename(listed.parent / "zzz=newsroom.pem")
    assert run("add", "zzz=newsroom.pem", "--name", "odd").exit_code == 0
    assert error_of("add", listed.parent / "no=such.pem") == "trust-read"


def test_what_is_no_list_is_not_added(tmp_path, listed) -> None:
    assert run("add", listed, "--kind", "other").exit_code == 2
    assert error_of("add", tmp_path / "missing") == "trust-read"
    assert error_of("add", listed, "--name", "../x") == "trust-name"
    listed.write_text("")
    assert error_of("add", listed) == "trust-empty"
    assert installed().lists == ()


def test_update_takes_https_addresses_of_a_kind() -> None:
    assert error_of("update", "--url", "claim=http://127.0.0.1/x") == "address"
    assert error_of("update", "--url", "https://127.0.0.1/x") == "trust-source"
    assert error_of("update", "--url", "tsa=https://127.0.0.1:9/x") == "download"


def test_every_command_explains_itself() -> None:
    for command in ((), ("list",), ("add",), ("update",), ("restore",)):
        found = run(*command, "--help")
        assert found.exit_code == 0
        assert "kz." not in found.output
