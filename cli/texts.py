"""Every text that a person reads at a terminal, found in the source: `emc/locale/terminal.vi.po` has them.

`python -m cli.texts` renews the catalogue: it keeps what is translated, and new texts wait for a translation.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path

import click
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from cli.help import sentences
from cli.texts_listed import LISTED
from emc.translation import PLACE, TERMINAL, translations

ROOT = Path(__file__).parents[1]
_SENTENCES = ("cli/commands", "cli/runtime", "cli/tables")
"""Where every text of a function is one that is read."""
_ERRORS_IN = ("emc", "producers", "streams", "sinks", "portal", "dashboards", "deploy", "cli")
_ELSEWHERE = ("portal/pages", "portal/uploads", "portal/access/oidc", "sinks/readonly", "deploy/access")
"""What no command shows: texts of pages (`emc/locale/vi.po`), of Grafana's way in, of containers."""
_ERRORS = frozenset(("EmcError", "Malformed", "UsageError", "Waiting", "unregistered"))
"""Whose texts are for people: these, and what derives from them."""
_UNSAID = frozenset(
    (
        *("line", "execute", "query", "rows", "command", "getLogger", "info", "warning", "error"),
        *("of", "bind", "option", "compile", "argument", "get", "getattr", "encode", "decode"),
        *("Path", "ask", "stream", "insert", "post", "set_up", "request"),
    )
)
"""Calls whose texts nobody reads."""
_NAMES = frozenset(
    (
        *(
            ", expected ",
            "expected ",
            "expected after",
            "agency",
            "bold red",
            "clickhouse port",
            "control channel",
        ),
        *("record of access", "{name} is {kind}"),
    )
)
"""What is only found, and no text: names, and beginnings of texts."""
_WORD = re.compile(r"[A-Za-z]{2,}")
_NO_SENTENCE = re.compile(r"SELECT|INSERT|.*\{\}|[A-Z]+$|Bearer|Authorization|Content-|PARTITION:").match
_NO_NAME = re.compile(r"\W")
_MANY = 16


def texts() -> set[str]:
    """All of them."""
    found = set(LISTED) | set(_help_texts())
    modules = {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text("utf-8")) for path in _sources()}
    errors = _derived(modules.values())
    for name, tree in modules.items():
        if not name.startswith(_ELSEWHERE):
            found.update(_of_module(tree, errors, name.startswith(_SENTENCES)))
    return set(filter(_is_said, found))


def _sources() -> Iterator[Path]:
    for folder in _ERRORS_IN:
        yield from sorted((ROOT / folder).rglob("*.py"))


def _derived(modules: Iterable[ast.Module]) -> frozenset[str]:
    """The names of all errors whose texts are for people."""
    bases = {
        node.name: {_name(base) for base in node.bases}
        for module in modules
        for node in ast.walk(module)
        if isinstance(node, ast.ClassDef)
    }
    found, before = _ERRORS, frozenset[str]()
    while found != before:
        before, found = found, found | {name for name, above in bases.items() if above & found}
    return found


def _is_said(text: str) -> bool:
    """Whether words are left where the places are taken out, more than `expected`."""
    words = PLACE.sub("", text)
    return _WORD.search(words) is not None and words.strip() != "expected" and text not in _NAMES


def _of_module(tree: ast.Module, errors: frozenset[str], said: bool) -> Iterator[str]:
    for statement in tree.body if said else ():
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            yield from (text for text in _within(statement) if " " in text.strip() and _is_sentence(text))
    yield from filter(_is_expectation, _within(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in errors:
            for argument in node.args:
                yield from _said_by(argument, tree)
        if said and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for statement in node.body:
                yield from filter(_is_sentence, _within(statement))
        if said and isinstance(node, ast.Call) and _name(node.func) == "Column":
            yield from templates(node.args[1])


def _said_by(argument: ast.expr, tree: ast.Module) -> Iterator[str]:
    """What an error is given: a text, a name that the module gives one, or what a function of it returns."""
    yield from templates(argument)
    for node in ast.walk(tree):
        match argument, node:
            case ast.Name(id=name), ast.Assign(targets=[ast.Name(id=given)], value=value) if name == given:
                yield from templates(value)
            case ast.Call(func=ast.Name(id=name)), ast.FunctionDef(name=given) if name == given:
                for end in ast.walk(node):
                    if isinstance(end, ast.Return) and end.value is not None:
                        yield from templates(end.value)


def _within(node: ast.AST) -> Iterator[str]:
    """The texts in a piece of source, but docstrings and what is handed to those that nobody reads."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if isinstance(node, ast.Call) and _name(node.func) in _UNSAID:
        return
    if isinstance(node, ast.JoinedStr | ast.BinOp | ast.Constant) and (found := list(templates(node))):
        yield from found
        return
    for child in ast.iter_child_nodes(node):
        yield from _within(child)


def _is_expectation(text: str) -> bool:
    return text.startswith("expected ") or ", expected " in text


def _is_sentence(text: str) -> bool:
    return (" " in text.strip() or text[:1].isupper()) and not _NO_SENTENCE(text)


def templates(node: ast.expr) -> Iterator[str]:
    """What an expression may say, with places for its values."""
    for parts in _alternatives(node):
        yield _named(parts)


Parts = tuple[str | ast.expr, ...]


def _alternatives(node: ast.expr) -> list[Parts]:
    """The ways in which an expression may be put together; none where nothing can be told."""
    match node:
        case ast.Constant(value=str() as text):
            return [(text,)]
        case ast.JoinedStr(values=values):
            ways = [_alternatives(value) or [(value,)] for value in values]
            return [sum(way, ()) for way in product(*ways)][:_MANY]
        case ast.FormattedValue(value=(ast.IfExp() | ast.Call(func=ast.Name(id="noun"))) as choice):
            return _alternatives(choice)
        case ast.Call(func=ast.Name(id="noun"), args=[_, one, several]):
            return _alternatives(one) + _alternatives(several)
        case ast.FormattedValue(value=value):
            return [(value,)]
        case ast.IfExp(body=body, orelse=other):
            return _alternatives(body) + _alternatives(other)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [
                one + two for one, two in product(_alternatives(left), _alternatives(right) or [(right,)])
            ]
    return []


def _named(parts: Iterable[str | ast.expr]) -> str:
    """A place bears the name of what stands there."""
    text, seen = "", dict[str, int]()
    for part in parts:
        if isinstance(part, str):
            text += part
            continue
        name = _NO_NAME.sub("_", _name(part) or "value")
        seen[name] = seen.get(name, 0) + 1
        text += f"{{{name}{seen[name] if seen[name] > 1 else ''}}}"
    return text


def _name(node: ast.AST) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.strip("_")
        case ast.Subscript(slice=ast.Constant(value=str() as name)):
            return name
        case ast.Call(args=[first, *_]) if not isinstance(first, ast.Constant):
            return _name(first)
        case ast.Call(func=function):
            return _name(function)
    return ""


def _help_texts() -> Iterator[str]:
    """What `--help` says of every command and option."""
    from cli.main import emc

    def walk(command: click.Command, context: click.Context) -> Iterator[click.Command]:
        yield command
        if isinstance(command, click.Group):
            for name in command.list_commands(context):
                below = command.get_command(context, name)
                assert below is not None
                yield from walk(below, click.Context(below, parent=context, info_name=name))

    for command in walk(emc, click.Context(emc)):
        yield from sentences(command.help or "")
        for parameter in command.params:
            yield from sentences(getattr(parameter, "help", None) or "")


def renew(path: Path = TERMINAL) -> None:
    """Writes the catalogue anew, sorted."""
    known = dict(translations())
    if path.exists():
        with path.open("rb") as stream:
            known |= {str(found.id): str(found.string) for found in read_po(stream, locale="vi")}
    catalogue = Catalog(locale="vi", charset="utf-8")
    for text in sorted(texts()):
        catalogue.add(text, known.get(text, ""))
    with path.open("wb") as stream:
        write_po(stream, catalogue, omit_header=True, width=0)


if __name__ == "__main__":
    renew()
