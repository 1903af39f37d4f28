"""Kinds of fields that several answers have, as the API describes them."""

from typing import Annotated

from msgspec import Meta

Code = Annotated[str, Meta(description="Level-1 code of an agency, e.g. H25")]
Day = Annotated[str, Meta(description="YYYY-MM-DD")]
Instant = Annotated[str, Meta(description="RFC 3339, in +07:00")]
Cursor = Annotated[str | None, Meta(description="Goes on where this list ends; null at the end")]
