"""The room of uploads: what lies there, and the work on it, which goes on when nobody looks."""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec

from emc.errors import EmcError, InputError
from emc.registry import Registry
from portal.errors import NotFound
from portal.uploads.examining import (
    columns_of,
    form_of,
    preview,
    request_of,
    shown_columns,
    suggested,
    with_meanings,
)
from portal.uploads.spool import KEPT, Folder, Spool
from portal.uploads.upload import Given, Stage, Upload
from portal.uploads.work import Told, Work
from producers.client import Client
from producers.importing import ImportRequest
from producers.importing.kinds import DOSSIERS, KINDS
from producers.importing.mapping import FileMapping, read_mapping
from producers.source_words import SourceTable

_log = logging.getLogger("emc.uploads")
_AT_ONCE = 2
_SWEPT_EVERY = 600.0
_INTERRUPTED = (
    "the service ended before this was done: look through it and send it again, repeats are harmless"
)

_SENT = "it was sent already"


class Uploads:
    """Uploads of all agencies. `connect` gives a client to send with; `close` ends the work under way.

    An upload is found by its id and agency only; NotFound for another's, as for none.
    """

    def __init__(
        self, spool: Spool, registry: Registry, words: SourceTable, connect: Callable[[], Client]
    ) -> None:
        self.spool, self.registry, self.words = spool, registry, words
        self._connect = connect
        self._lock = threading.Lock()
        self._held: dict[str, tuple[Folder, Upload]] = {}
        self._works: dict[str, Work] = {}
        self._pool = ThreadPoolExecutor(_AT_ONCE, "upload")
        self._stop = threading.Event()
        for folder in spool.folders():
            self._take_up(folder)
        threading.Thread(target=self._sweep_often, name="upload-sweep", daemon=True).start()

    def _take_up(self, folder: Folder) -> None:
        """Goes on with what an earlier service left; what it was at work on is to be begun again."""
        upload = folder.load()
        if upload is None:
            folder.remove()
            return
        if upload.stage is not Stage.DONE and upload.stage is not Stage.WAITING:
            upload.stage, upload.problem = Stage.WAITING, _INTERRUPTED
        self._held[folder.id] = folder, upload

    def of(self, agency: str | None) -> list[Upload]:
        """Those of an agency (None: of all), the newest first."""
        with self._lock:
            found = [upload for folder, upload in self._held.values() if agency in (None, folder.agency)]
        return sorted(found, key=lambda upload: upload.given.made_at, reverse=True)

    def find(self, id_: str, agency: str | None) -> Upload:
        """One of an agency (None: of any)."""
        return self._find(id_, agency)[1]

    def folder(self, id_: str, agency: str | None) -> Folder:
        """Where it lies."""
        return self._find(id_, agency)[0]

    def _find(self, id_: str, agency: str | None) -> tuple[Folder, Upload]:
        with self._lock:
            found = self._held.get(id_)
        if found is None or agency not in (None, found[0].agency):
            raise NotFound("there is no such upload, or it is gone: an upload is kept for a day")
        return found

    def add(self, folder: Folder, name: str, kind: str, form: str) -> Upload:
        """Takes in what was written to a new folder; InputError for a file that cannot be used."""
        if kind not in KINDS:
            raise InputError(f"kind is not known, expected one of {', '.join(KINDS)}")
        chosen = form_of(folder.file, name, form)
        given = Given(folder.agency, name, chosen, kind, folder.file.stat().st_size, int(time.time() * 1000))
        upload = Upload(folder.id, given)
        if given.is_table:
            seen = columns_of(folder.file, upload)
            upload.columns, upload.keys = shown_columns(seen), suggested(seen, upload, self.words)
        elif kind != DOSSIERS.name:
            raise InputError(f"the format {chosen} holds dossiers, not {kind}")
        folder.save(upload)
        with self._lock:
            self._held[folder.id] = folder, upload
        return upload

    def request(self, upload: Upload) -> ImportRequest:
        """What the engine is asked for an upload; WrongMapping for a mapping that cannot be used."""
        return request_of(upload, self.folder(upload.id, None).file, self.registry, self.words)

    def preview(self, upload: Upload) -> list[Any]:
        """How its first rows would count; InputError for a mapping or a file that cannot be used."""
        return preview(self.request(upload))

    def choose(self, upload: Upload, keys: dict[str, Any], as_of: int | None) -> FileMapping:
        """Keeps another mapping, and when it was exported; columns chosen anew get the meanings of their
        values that are known. WrongMapping for one that cannot be used, kept all the same, to be mended.
        """
        if upload.stage is Stage.DONE:
            raise InputError(_SENT)
        self._begin(upload, Stage.WAITING)
        self._end_work(upload.id)
        upload.keys, upload.as_of = with_meanings(keys, upload, self.words), as_of
        upload.problem, upload.outcome = "", None
        self._save(upload)
        return read_mapping(upload.keys, KINDS[upload.given.kind])

    def look(self, upload: Upload, reader: Any, remarks: list[str]) -> None:
        """Begins to look through all of it; `reader` shows what its agency may see."""
        self._begin(upload, Stage.READING)
        self._end_work(upload.id)
        folder = self.folder(upload.id, None)
        work = self._works[upload.id] = Work(folder, reader, self._stop)
        self._submit(upload, lambda: work.look(upload, self.request(upload), remarks), Stage.LOOKED)

    def send(self, upload: Upload, is_forced: bool) -> None:
        """Begins to send what was looked through; InputError when it was not, or undoes what is known."""
        if upload.stage is not Stage.LOOKED or upload.outcome is None or upload.id not in self._works:
            raise InputError("it is to be looked through first")
        if upload.outcome.undoes and not is_forced:
            raise InputError("it is an older export than what is known: say when it was exported")
        self._begin(upload, Stage.SENDING)
        work = self._works[upload.id]
        self._submit(upload, lambda: work.send(upload, self._connect), Stage.DONE)

    def told(self, upload: Upload) -> Told:
        """How far the work on it is."""
        work = self._works.get(upload.id)
        return Told() if work is None else work.told

    def drop(self, upload: Upload) -> None:
        """Removes it; InputError while something goes on with it."""
        self._begin(upload, Stage.WAITING)
        self._remove(upload.id)

    def _begin(self, upload: Upload, stage: Stage) -> None:
        with self._lock:
            if upload.stage.is_work:
                raise InputError("something is going on with this upload: wait until it has ended")
            if upload.stage is Stage.DONE and stage is not Stage.WAITING:
                raise InputError(_SENT)
            upload.stage, upload.problem = stage, ""

    def _submit(self, upload: Upload, task: Callable[[], None], reached: Stage) -> None:
        def run() -> None:
            stage, problem = reached, ""
            try:
                task()
            except EmcError as error:
                stage, problem = Stage.WAITING, str(error)
            except Exception:
                _log.exception("an upload failed", extra={"upload": upload.id})
                stage, problem = Stage.WAITING, "the service failed; its log says why"
            if stage is not Stage.LOOKED:
                self._end_work(upload.id)
            self._save(msgspec.structs.replace(upload, stage=stage, problem=problem))
            with self._lock:
                upload.stage, upload.problem = stage, problem

        self._save(upload)
        self._pool.submit(run)

    def _save(self, upload: Upload) -> None:
        with self._lock:
            held = self._held.get(upload.id)
        if held is not None:
            held[0].save(upload)

    def _end_work(self, id_: str) -> None:
        work = self._works.pop(id_, None)
        if work is not None:
            work.close()

    def _remove(self, id_: str) -> None:
        self._end_work(id_)
        with self._lock:
            held = self._held.pop(id_, None)
        if held is not None:
            held[0].remove()

    def sweep(self, now: float) -> None:
        """Removes what is older than a day at this moment (s), but for what is being worked on."""
        for folder in list(self.spool.folders()):
            held = self._held.get(folder.id)
            is_old = now - folder.changed_at() > KEPT
            if is_old and not (held is not None and held[1].stage.is_work):
                self._remove(folder.id)
                folder.remove()

    def _sweep_often(self) -> None:
        while not self._stop.wait(_SWEPT_EVERY):
            self.sweep(time.time())

    def close(self) -> None:
        """Ends the work under way: what was sent stays sent. May be repeated."""
        self._stop.set()
        self._pool.shutdown(cancel_futures=True)
        for id_ in list(self._works):
            self._end_work(id_)
