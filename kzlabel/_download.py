"""The one door to the network: a bounded GET or POST, opened only when the user names it.

`kzlabel trust update` comes here with HTTPS only, `--tsa` with HTTP as well: tokens are signed.
"""

from __future__ import annotations

import time
import urllib.request  # noqa: TID253  a border that its users import lazily
from dataclasses import dataclass
from http.client import HTTPException
from typing import IO, TYPE_CHECKING
from urllib.error import HTTPError
from urllib.parse import urlsplit

from kzlabel.errors import CredentialError

if TYPE_CHECKING:
    import ssl
    from http.client import HTTPMessage

MAX_REDIRECTS = 5
CHUNK = 65536


@dataclass(frozen=True)
class Door:
    """What a transfer may do."""

    limit: int
    """Bytes of an answer."""
    timeout: float
    """Seconds for the whole transfer."""
    schemes: frozenset[str] = frozenset({"https"})
    context: ssl.SSLContext | None = None
    """Certificate authorities other than the system's."""


def fetch(url: str, door: Door) -> bytes:
    """Return the body at `url`. Raises `CredentialError`."""
    return _transfer(urllib.request.Request(_checked(url, door)), door)  # noqa: S310  _checked


def post(url: str, body: bytes, media_type: str, door: Door) -> bytes:
    """Return the answer to a POST of `body`; it follows no redirects. Raises `CredentialError`."""
    headers = {"Content-Type": media_type}
    request = urllib.request.Request(_checked(url, door), body, headers)  # noqa: S310  _checked
    return _transfer(request, door)


def _checked(url: str, door: Door) -> str:
    try:
        parts = urlsplit(url)
    except ValueError as exc:
        raise CredentialError("kz.error.address", path=url, detail=exc) from exc
    if parts.scheme not in door.schemes or not parts.hostname:
        raise CredentialError("kz.error.address", path=url, detail=", ".join(sorted(door.schemes)))
    return url


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows few redirects, of a GET only, and only to the schemes allowed."""

    max_redirections = MAX_REDIRECTS

    def __init__(self, door: Door) -> None:
        self._door = door

    def redirect_request(  # noqa: PLR0913, PLR0917  urllib's signature
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        if req.get_method() != "GET":
            return None
        try:
            target = _checked(newurl, self._door)
        except CredentialError:
            fp.close()
            raise
        return super().redirect_request(req, fp, code, msg, headers, target)


def _opener(door: Door) -> urllib.request.OpenerDirector:
    """Return an opener that knows the schemes allowed and no others (no file:, no ftp:)."""
    opener = urllib.request.OpenerDirector()
    handlers: list[urllib.request.BaseHandler] = [
        urllib.request.ProxyHandler(),
        urllib.request.HTTPSHandler(context=door.context),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _Redirects(door),
    ]
    if "http" in door.schemes:
        handlers.append(urllib.request.HTTPHandler())
    for handler in handlers:
        opener.add_handler(handler)
    return opener


def _transfer(request: urllib.request.Request, door: Door) -> bytes:
    url = request.full_url
    deadline = time.monotonic() + door.timeout
    try:
        with _opener(door).open(request, timeout=door.timeout) as answer:
            return _bounded(answer, url, door.limit, deadline)
    except HTTPError as exc:
        exc.close()
        raise CredentialError("kz.error.download", path=url, detail=exc) from exc
    except (OSError, ValueError, HTTPException) as exc:
        raise CredentialError("kz.error.download", path=url, detail=exc) from exc


def _bounded(answer: IO[bytes], url: str, limit: int, deadline: float) -> bytes:
    body = bytearray()
    while chunk := answer.read(CHUNK):
        body += chunk
        if len(body) > limit:
            raise CredentialError("kz.error.download-size", path=url, detail=limit)
        if time.monotonic() > deadline:
            raise TimeoutError("timed out")
    return bytes(body)
