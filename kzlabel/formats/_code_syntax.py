"""How each language writes comments: one line a language, by suffix or by name.

The first pair is what our own comments are written in; all are read. A language that is not here
has no comments that we know of.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path


class Syntax(NamedTuple):
    """The comments of a language."""

    line: tuple[str, ...] = ()
    """What begins a comment that ends with its line."""
    block: tuple[tuple[str, str], ...] = ()
    """What begins and ends a longer one."""
    quotes: str = "\"'"
    """What strings stand in: a comment's beginning means nothing there."""
    docstrings: bool = False
    """Whether strings in three quotes stand for comments."""
    markup: bool = False
    """Whether this is XML, whose manifest is an instruction."""

    @property
    def pair(self) -> tuple[str, str]:
        """What opens and closes a comment of ours, spaces included."""
        if self.line:
            return f"{self.line[0]} ", ""
        opening, closing = self.block[0]
        return f"{opening} ", f" {closing}"


_C_BLOCK = (("/*", "*/"),)
HASH = Syntax(("#",))
PYTHON = Syntax(("#",), docstrings=True)
SLASHES = Syntax(("//",), _C_BLOCK, "\"'`")
C = Syntax((), _C_BLOCK)
C_OR_SLASHES = Syntax((), (*_C_BLOCK, ("//", "\n")))
"""The second is younger than C89: read, and not written."""
DASHES = Syntax(("--",), _C_BLOCK)
SEMICOLON = Syntax((";",), quotes='"')
PERCENT = Syntax(("%",), quotes="")
VIM = Syntax(('"',), quotes="'")
XML = Syntax((), (("<!--", "-->"),), "", markup=True)
MARKUP = Syntax((), (("<!--", "-->"),), "")

BY_SUFFIX: dict[str, Syntax] = {
    **dict.fromkeys((".py", ".pyi", ".pyw"), PYTHON),
    **dict.fromkeys((".sh", ".bash", ".zsh", ".fish", ".ksh"), HASH),
    **dict.fromkeys((".rb", ".rake", ".gemspec", ".pl", ".pm", ".awk", ".tcl", ".cr"), HASH),
    **dict.fromkeys((".yaml", ".yml", ".toml", ".cfg", ".conf", ".properties", ".env"), HASH),
    **dict.fromkeys((".r", ".jl", ".nim", ".ex", ".exs", ".coffee", ".cmake", ".mk"), HASH),
    **dict.fromkeys((".dockerfile", ".graphql", ".ps1", ".psm1", ".nix", ".tf", ".hcl"), HASH),
    **dict.fromkeys((".tfvars", ".gd", ".feature", ".po", ".pot", ".desktop", ".service"), HASH),
    **dict.fromkeys((".timer", ".gnuplot", ".rego", ".thrift", ".ttl", ".nt", ".nq"), HASH),
    **dict.fromkeys((".pyx", ".pxd", ".bzl", ".star", ".bazel"), PYTHON),
    **dict.fromkeys((".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx"), SLASHES),
    **dict.fromkeys((".jsonc", ".json5", ".java", ".kt", ".kts", ".scala", ".groovy"), SLASHES),
    **dict.fromkeys((".gradle", ".cs", ".go", ".rs", ".swift", ".dart", ".zig"), SLASHES),
    **dict.fromkeys((".cpp", ".cc", ".cxx", ".hpp", ".hh", ".hxx", ".ino", ".cu"), SLASHES),
    **dict.fromkeys((".proto", ".scss", ".less", ".sass", ".glsl", ".sol", ".sv"), SLASHES),
    **dict.fromkeys((".hx", ".mm", ".vala", ".fs", ".fsx", ".fsi", ".pas", ".dpr"), SLASHES),
    **dict.fromkeys((".hlsl", ".wgsl", ".metal", ".prisma", ".bicep", ".styl", ".gv"), SLASHES),
    ".php": Syntax(("//", "#"), _C_BLOCK),
    **dict.fromkeys((".c", ".h"), C_OR_SLASHES),
    ".css": C,
    ".sql": DASHES,
    ".lua": Syntax(("--",), (("--[[", "]]"),)),
    ".hs": Syntax(("--",), (("{-", "-}"),), '"'),
    **dict.fromkeys((".elm", ".adb", ".ads", ".vhd", ".vhdl"), Syntax(("--",), quotes='"')),
    **dict.fromkeys((".ini", ".clj", ".cljs", ".lisp", ".el", ".scm"), SEMICOLON),
    **dict.fromkeys((".lsp", ".edn", ".cljc", ".rkt", ".asm", ".nsi", ".iss", ".ahk"), SEMICOLON),
    **dict.fromkeys((".tex", ".sty", ".bib", ".erl", ".hrl", ".ly"), PERCENT),
    **dict.fromkeys((".f", ".for", ".f90", ".f95", ".f03", ".f08"), Syntax(("!",))),
    **dict.fromkeys((".ml", ".mli"), Syntax((), (("(*", "*)"),), '"')),
    **dict.fromkeys((".vb", ".vbs", ".bas"), Syntax(("'",), quotes='"')),
    **dict.fromkeys((".bat", ".cmd"), Syntax(("@rem",), quotes="")),
    ".vim": VIM,
    **dict.fromkeys((".xml", ".xsd", ".xsl", ".xslt", ".rss", ".atom", ".plist"), XML),
    **dict.fromkeys((".vue", ".svelte"), MARKUP),
}
BY_NAME: dict[str, Syntax] = dict.fromkeys(
    (
        "dockerfile", "containerfile", "makefile", "gnumakefile", "gemfile", "rakefile",
        "vagrantfile", "procfile", "justfile", ".bashrc", ".bash_profile", ".profile", ".zshrc",
        ".gitignore", ".gitattributes", ".gitconfig", ".dockerignore", ".editorconfig", ".env",
        ".gitmodules", ".npmignore", ".eslintignore", ".prettierignore", ".hgignore", ".htaccess",
        ".npmrc", ".bazelrc", ".coveragerc", ".inputrc", ".mailmap", ".zprofile", ".zshenv",
        "brewfile", "caddyfile", "codeowners", "kconfig", "pipfile", "podfile", "fastfile",
        "guardfile", "pkgbuild", "hosts", "crontab", "fstab", "sshd_config", "meson.build",
        "cmakelists.txt", "meson_options.txt", "conanfile.txt",
        "robots.txt", "security.txt", "ads.txt", "app-ads.txt",
    ),
    HASH,
) | dict.fromkeys(
    ("build", "workspace", "sconstruct", "sconscript", "snakefile", "tiltfile", "wscript"), PYTHON
) | {"jenkinsfile": SLASHES, "go.mod": SLASHES, ".vimrc": VIM, "_vimrc": VIM}  # fmt: skip
"""`security.txt` is RFC 9116, 2.4; `humans.txt` and `llms.txt` are plain text."""
_HASH_NAMES = re.compile(
    r"(?:[\w.]+[-_.])?(?:requirements|constraints)(?:[-_.][\w.-]+)?\.txt"  # pip's
    r"|(?:dockerfile|containerfile|makefile|\.env)\.[\w.-]+"
)
BY_INTERPRETER: dict[str, Syntax] = {
    **dict.fromkeys(
        ("sh", "bash", "dash", "zsh", "fish", "ksh", "perl", "ruby", "awk", "tclsh"), HASH
    ),
    **dict.fromkeys(("make", "Rscript", "julia", "pwsh"), HASH),
    **dict.fromkeys(("python", "python2", "python3", "pypy3"), PYTHON),
    **dict.fromkeys(("node", "deno", "bun"), SLASHES),
    "lua": BY_SUFFIX[".lua"],
    "php": BY_SUFFIX[".php"],
}
"""By what a shebang names."""


def named(path: Path) -> Syntax | None:
    """Return how comments are written in a file that is known by its whole name."""
    name = path.name.lower()
    return BY_NAME.get(name) or (HASH if _HASH_NAMES.fullmatch(name) else None)


_MARKUP = re.compile(rb"<\?xml\s|<!DOCTYPE\s+(?!html)", re.IGNORECASE)


def syntax_of(path: Path, head: bytes) -> Syntax | None:
    """Return how comments are written in a file of this name, or with this shebang.

    XML is known by its declaration: Qt's translations are called `.ts`, a `.conf` may be anything.
    """
    if _MARKUP.match(head):
        return XML if path.suffix.lower() in BY_SUFFIX else None
    known = named(path) or BY_SUFFIX.get(path.suffix.lower())
    if known or path.suffix or not head.startswith(b"#!"):
        return known
    words = head[2:256].split(b"\n", 1)[0].split()
    names = [word.rpartition(b"/")[2].decode("ascii", "replace") for word in words]
    if names[:1] == ["env"]:
        names = [name for name in names[1:] if not name.startswith("-") and "=" not in name]
    return BY_INTERPRETER.get(names[0]) if names else None
