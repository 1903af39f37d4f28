"""The mark by which a backup is known as ours: HMAC-SHA256 over its manifest, which has every digest.

Digests in a manifest show damage, not who wrote it: whoever can write into a backup writes them anew. The key
lies with the data, not with the backups; without it on the machine that restores, nothing can be known.
"""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from emc.errors import SettingError

KEY = "backup.key"
"""The key's file, in a data directory."""
MARK = "manifest.hmac"
"""The mark's file, in a backup."""
_LEAST = 32


class Seal:
    """Makes marks and knows them again. `key`: at least 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def mark(self, manifest: bytes) -> bytes:
        """The mark of a manifest, hexadecimal."""
        return hmac.new(self._key, manifest, hashlib.sha256).hexdigest().encode()

    def is_valid(self, manifest: bytes, mark: bytes) -> bool:
        """Whether the mark was made of this manifest with this key."""
        return hmac.compare_digest(self.mark(manifest), mark.strip())


def read_seal(path: Path) -> Seal:
    """The seal of a key file; SettingError when it cannot be read, others may read it, or it is too short."""
    try:
        key = path.read_bytes()
        is_open = path.stat().st_mode & 0o077
    except OSError as error:
        raise SettingError(f"the key of backups, {path}, cannot be read ({error.strerror})") from None
    if is_open:
        raise SettingError(f"the key of backups, {path}, can be read by others: chmod 600")
    if len(key) < _LEAST:
        raise SettingError(f"the key of backups, {path}, is shorter than {_LEAST} bytes")
    return Seal(key)


def made_seal(directory: Path) -> Seal:
    """The seal of a data directory; its key is made when there is none."""
    path = directory / KEY
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return read_seal(path)
    with os.fdopen(file, "wb") as stream:
        stream.write(secrets.token_bytes(_LEAST))
        stream.flush()
        os.fsync(stream.fileno())
    return read_seal(path)
