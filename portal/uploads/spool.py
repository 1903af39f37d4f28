"""Where uploaded files lie until they are sent: a folder each, readable by the service alone, for a day."""

import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import msgspec

from emc.errors import ComponentError
from emc.identifiers import is_agency
from portal.errors import TooManyRequests
from portal.uploads.upload import Upload

KEPT = 24 * 3600
"""Seconds after which what was uploaded is gone, sent or not."""
MOST = 5
"""Uploads of an agency that lie here at once."""
_STATE, _FILE, _REFUSALS, _MEND = "upload.json", "file", "refusals.jsonl", "mend.csv"
_decode = msgspec.json.Decoder(Upload).decode


class Spool:
    """Folders `AGENCY/ID` under one directory. `largest`: bytes that a file may have."""

    def __init__(self, root: Path, largest: int) -> None:
        self.root, self.largest = root, largest

    def begin(self, agency: str) -> "Folder":
        """A new folder; TooManyRequests while an agency has as many as it may have."""
        of_agency = self.root / agency
        if sum(1 for _ in _folders(of_agency)) >= MOST:
            raise TooManyRequests(
                f"{MOST} uploads of the agency lie here already: send or drop one of them", 60
            )
        found = Folder(of_agency / secrets.token_hex(8))
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            of_agency.mkdir(mode=0o700, exist_ok=True)
            found.path.mkdir(mode=0o700)
        except OSError as error:
            raise ComponentError(f"the upload cannot be kept: {error.strerror}") from None
        return found

    def folders(self) -> Iterator["Folder"]:
        """All there are."""
        for of_agency in _folders(self.root):
            if is_agency(of_agency.name):
                yield from map(Folder, _folders(of_agency))


class Folder:
    """What is kept of one upload."""

    def __init__(self, path: Path) -> None:
        self.path, self.id, self.agency = path, path.name, path.parent.name
        self.file, self.refusals, self.mend = path / _FILE, path / _REFUSALS, path / _MEND

    def open_new(self, path: Path) -> IO[bytes]:
        """A file of this folder to write; what was there before is gone."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        try:
            return os.fdopen(os.open(path, flags, 0o600), "wb")
        except OSError as error:
            raise ComponentError(f"the upload cannot be kept: {error.strerror}") from None

    def save(self, upload: Upload) -> None:
        """Keeps how it stands; a service that ends meanwhile leaves the old or the new."""
        fresh = self.path / f"{_STATE}.new"
        with self.open_new(fresh) as file:
            file.write(msgspec.json.encode(upload))
        fresh.replace(self.path / _STATE)

    def load(self) -> Upload | None:
        """How it stood; None where nothing was kept, or by another version."""
        try:
            return _decode((self.path / _STATE).read_bytes())
        except (OSError, msgspec.MsgspecError):
            return None

    def changed_at(self) -> float:
        """When it came, in seconds; 0 where that cannot be told."""
        try:
            return self.path.stat().st_mtime
        except OSError:
            return 0.0

    def drop_file(self) -> None:
        """Removes the file itself: it may hold personal data, and nothing needs it any more."""
        self.file.unlink(missing_ok=True)

    def remove(self) -> None:
        """Removes all of it. May be repeated."""
        shutil.rmtree(self.path, ignore_errors=True)


def _folders(path: Path) -> Iterator[Path]:
    try:
        found = sorted(path.iterdir())
    except OSError:
        return
    yield from (one for one in found if one.is_dir() and not one.is_symlink())
