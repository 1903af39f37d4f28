"""Files that are uploaded on a page."""

from typing import Annotated

import msgspec

from emc.settings.setting import FileName, means, named


class UploadRoom(msgspec.Struct, frozen=True):
    """Where uploaded files lie until they are sent, and how large they may be."""

    directory: Annotated[
        FileName | None,
        means("Directory for uploaded files; not set: in the data directory, for `emc api` no uploads."),
    ] = named("EMC_UPLOADS_DIR")
    megabytes: Annotated[
        Annotated[int, msgspec.Meta(ge=1, le=100_000)], means("Megabytes that an uploaded file may have.")
    ] = named("EMC_UPLOAD_MB", 200)
