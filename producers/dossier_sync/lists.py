"""The lists of a dossier-sync record: components, result documents, fees; also inside an XML text.

A list appears as `DanhSachX` or as `X`, as an array, as one object, as an object around the array, or as
the text of any of these in JSON or XML. Some senders put them into `CertificateExtentData`, an XML text.
"""

import re
from collections.abc import Iterator, Mapping
from xml.parsers import expat

import msgspec

from producers.dossier_sync.values import is_empty

Item = Mapping[str, object]
_LONGEST_XML = 8 * 1024 * 1024
_DEEPEST_XML = 32
_declaration = re.compile(r"^\s*<\?xml[^>]*\?>")


def lower(record: Mapping[str, object]) -> dict[str, object]:
    """The record with its names in lower case, as senders vary them; of two alike the last counts."""
    return {name.lower(): value for name, value in record.items()}


def items(value: object, name: str) -> list[Item]:
    """The objects of a list, each with its names in lower case.

    `name` (lower case) is the name of one object, under which an object around the list holds it.
    ValueError when the value is no list of objects.
    """
    if is_empty(value):
        return []
    if isinstance(value, str):
        return items(_parse(value), name)
    if isinstance(value, list):
        return [item for element in value for item in items(element, name)]
    if not isinstance(value, dict):
        raise ValueError("expected a list of objects")
    found = lower(value)
    for wrapper in (name, f"danhsach{name}"):
        if wrapper in found and (len(found) == 1 or isinstance(found[wrapper], list | dict)):
            return items(found[wrapper], name)
    return [found]


def find(tree: object, name: str) -> object:
    """The value of the first field of this name (lower case), however deep; None when there is none."""
    return next(_named(tree, name), None)


def has(tree: object, name: str) -> bool:
    """Whether a field of this name (lower case) is anywhere in the tree."""
    return next((True for _ in _named(tree, name)), False)


def _named(tree: object, name: str) -> Iterator[object]:
    if isinstance(tree, dict):
        for key, value in tree.items():
            if key.lower() == name:
                yield value
            yield from _named(value, name)
    elif isinstance(tree, list):
        for element in tree:
            yield from _named(element, name)


def extent(value: object) -> object:
    """What `CertificateExtentData` holds, as nested dicts and lists; ValueError when it cannot be read."""
    return _parse(value) if isinstance(value, str) else value


def _parse(written: str) -> object:
    start = written.lstrip("\ufeff \t\r\n")
    if start[:1] == "<":
        return parse_xml(start)
    try:
        return msgspec.json.decode(start)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise ValueError("expected a list in JSON or XML") from None


def parse_xml(written: str) -> dict[str, object]:
    """XML elements as nested dicts: repeated ones as lists, those without children as their text.

    Name spaces are dropped. Several roots are allowed; a document type, and with it every entity but the
    five built-in ones, is not. ValueError for what is not XML.
    """
    if len(written) > _LONGEST_XML:
        raise ValueError(f"expected an XML text of at most {_LONGEST_XML} characters")
    tree = _Tree()
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = tree.start
    parser.EndElementHandler = tree.end
    parser.CharacterDataHandler = tree.text
    parser.StartDoctypeDeclHandler = tree.refuse
    try:
        # one root around all, so that no document type and no declaration of entities can follow
        parser.Parse(b"<x>" + _declaration.sub("", written).encode() + b"</x>", True)
    except (expat.ExpatError, UnicodeEncodeError):
        raise ValueError("expected XML without a document type") from None
    return tree.root


class _Tree:
    """Collects the elements while they are parsed."""

    def __init__(self) -> None:
        self._stack: list[tuple[dict[str, object], list[str]]] = [({}, [])]
        self.root: dict[str, object] = {}

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if len(self._stack) > _DEEPEST_XML:
            raise ValueError(f"expected XML of at most {_DEEPEST_XML} levels")
        self._stack.append(({}, []))

    def end(self, name: str) -> None:
        children, texts = self._stack.pop()
        value: object = children or "".join(texts).strip()
        parent, _ = self._stack[-1]
        name = name.rpartition(":")[2]
        if name not in parent:
            parent[name] = value
        elif isinstance(known := parent[name], list):
            known.append(value)
        else:
            parent[name] = [known, value]
        if len(self._stack) == 1 and isinstance(value, dict):
            self.root = value

    def text(self, part: str) -> None:
        self._stack[-1][1].append(part)

    def refuse(self, *_: object) -> None:
        raise ValueError("expected XML without a document type")
