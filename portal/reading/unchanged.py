"""Answers that need not be sent again: `ETag`, `If-None-Match`, 304."""

from hashlib import blake2b

from fastapi import Request, Response

_HEADERS = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"}


def unless_unchanged(request: Request, body: bytes, media: str, headers: dict[str, str]) -> Response:
    """The body with its tag, or 304 when the asker has it already."""
    tag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
    told = {**_HEADERS, **headers, "ETag": tag}
    given = [part.strip() for part in request.headers.get("if-none-match", "").split(",")]
    if tag in (each.removeprefix("W/") for each in given) or given == ["*"]:
        return Response(status_code=304, headers=told)
    return Response(body, media_type=media, headers=told)
