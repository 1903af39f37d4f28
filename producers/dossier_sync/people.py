"""Whether somebody is identified: the only thing that a record says of people and that goes further."""

import re

from producers.dossier_sync import lists, values
from producers.dossier_sync.fields import Fields
from producers.said import Notice, Said

_IDENTITIES, _NUMBER, _VERIFIED = "DinhDanhCHS", "SoDinhDanh", "TaiKhoanDuocXacThucVoiVNeID"
# no identity number begins with four zeros, and none is one digit again and again, or the digits in order
_filler = re.compile(r"0{4,}\w*|([0-9])\1*|0?123456789(?:0(?:12?)?)?|[0-9]{0,5}").fullmatch


def is_filler(number: object) -> bool:
    """Whether an identity number only fills its field."""
    return bool(_filler(re.sub(r"[\W_]", "", str(number)))) if not values.is_empty(number) else False


def read_identified(fields: Fields, said: Said) -> None:
    """Sets `identified` when the record says anything of it. The numbers end here."""
    numbers = _numbers(fields)
    there = _VERIFIED in fields or _NUMBER in fields or _IDENTITIES in fields
    if not there:
        return
    account = fields.get(_VERIFIED, "identified", values.flag)
    given = [number for number in numbers if not values.is_empty(number)]
    real = [number for number in given if not is_filler(number)]
    if len(real) < len(given):
        said.notice(Notice.PLACEHOLDER_IDENTITY)
    if real:
        said.data["identified"] = True
    elif account is not None:
        said.data["identified"] = account == 1
    else:
        said.data["identified"] = False if given else None


def _numbers(fields: Fields) -> list[object]:
    numbers = [fields.raw(_NUMBER)]
    try:
        found = lists.items(fields.raw(_IDENTITIES), _IDENTITIES.lower())
    except ValueError:
        return numbers
    return numbers + [one.get(_NUMBER.lower()) for one in found]
