"""The components of a record: what was handed in, in whatever shape the sender lists it."""

from collections.abc import Iterator, Mapping

from producers.dossier_sync import lists, values
from producers.dossier_sync.fields import COMPONENTS, Fields

_PARTS, _FILES = "ThanhPhanHoSo", "giaytodinhkem"
_LINKS = ("duongdantaiteptin", "duongdantep", "url")
_YES = ("1", "true")


def listed(fields: Fields) -> list[lists.Item] | None:
    """The files handed in, deleted ones left out, each with the code of its component; None without a
    list.
    """
    found = fields.list_of(COMPONENTS, "components")
    if not found:
        parts = fields.list_of(_PARTS, "components")
        found = (
            [item for part in parts for item in _files(part)]
            if parts
            else (parts if found is None else found)
        )
    return None if found is None else [item for item in found if not _is_deleted(item)]


def _files(part: lists.Item) -> Iterator[lists.Item]:
    """A component with its attached files: each file bears what the component says, unless it says else."""
    own = {name: value for name, value in part.items() if name != _FILES}
    try:
        files = lists.items(part.get(_FILES), _FILES)
    except ValueError:
        files = []
    yield from ({**own, **file} for file in files or [{}])


def _is_deleted(item: lists.Item) -> bool:
    return str(item.get("isdeleted", "")).strip().lower() in _YES


def links(items: list[lists.Item]) -> set[object]:
    """Where the files that were handed in lie, to compare with; it goes no further."""
    found = {item.get(name) for item in items for name in _LINKS if isinstance(item.get(name), str)}
    return {link for link in found if not values.is_empty(link)}


def components(fields: Fields, items: list[lists.Item]) -> list[dict[str, object]]:
    """Files with the same code are one component: reused when one is, digitised when all are.

    Those without a code stay apart, each as `*`: their flags count all the same.
    """
    by_code: dict[str, dict[str, object]] = {}
    for n, item in enumerate(items):
        one = _component(fields, item)
        key = f"{n}" if one["code"] == "*" else f"={one['code']}"
        by_code[key] = _joined(by_code[key], one) if key in by_code else one
    return list(by_code.values())


def _component(fields: Fields, item: lists.Item) -> dict[str, object]:
    def flagged(name: str, *yes: int) -> bool | None:
        flag = fields.of_item(item, name, "components", values.flag)
        return None if flag is None else flag in yes

    code = fields.of_item(item, "MaThanhPhanHoSo", "components", values.text)
    component: dict[str, object] = {"code": code or "*"}
    digitised, fetched = flagged("DuocSoHoa", 1), flagged("DuocLayTuKhoDMQG", 1)
    again = flagged("DuocTaiSuDung", 1, 2)
    if digitised is not None:
        component["digitised"] = digitised
    if fetched or again:
        component.update(reused=True, reuse_source="national-store" if fetched else "agency-store")
    elif fetched is not None or again is not None:
        component["reused"] = False
    return component


def _joined(one: Mapping[str, object], other: Mapping[str, object]) -> dict[str, object]:
    """Two files of one component; what neither says stays unsaid."""
    joined: dict[str, object] = {"code": one["code"]}
    digitised = [file["digitised"] for file in (one, other) if "digitised" in file]
    if digitised:
        joined["digitised"] = len(digitised) == 2 and all(digitised)
    if "reused" in one or "reused" in other:
        joined["reused"] = bool(one.get("reused") or other.get("reused"))
    sources = {file.get("reuse_source") for file in (one, other)} - {None}
    if sources:
        joined["reuse_source"] = max(map(str, sources))  # national-store before agency-store
    return joined
