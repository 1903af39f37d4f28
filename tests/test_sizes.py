"""Files, functions and classes stay small enough to be read at once."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("emc", "producers", "streams", "sinks", "portal", "dashboards", "cli", "deploy")
FILE_LINES, FUNCTION_LINES, FIELDS = 250, 40, 10

FORM = "its fields are those of a form that others go by: the contract, a file, Grafana"
ROUTES = "each of its functions is a route; what it is given, all of them use"
FACTS = "a record of plain facts, which a division would only spread"
EXCEPTIONS = {
    "emc/events.py DossierData": FORM,
    "emc/figures.py ReportedFigure": FORM,
    "dashboards/alerts/form.py PipelineLimits": FORM,
    "dashboards/alerts/form.py Thresholds": FORM,
    "dashboards/panels/table.py Column": FORM,
    "producers/importing/request.py ImportRequest": FACTS,
    "producers/importing/report.py ImportReport": FACTS,
    "producers/simulator/dossier.py Dossier": FACTS,
    "portal/answers.py Rate": FORM,
    "portal/answers.py Rejection": FORM,
    "portal/answers.py Explanation": FORM,
    "portal/dispute_answers.py FrozenRate": FORM,
    "portal/dispute_answers.py Objection": FORM,
    "portal/import_answers.py Import": FORM,
    "portal/parameters.py RateParameters": FORM,
    "producers/http_client.py Rate": FORM,
    "sinks/imports/record.py ImportRecord": FACTS,
    "sinks/queries/rate_query.py RateQuery": FORM,
    "portal/reading/lists.py list_routes()": ROUTES,
    "producers/simulator/plan.py AgencyPlan": FACTS,
}
"""What may be larger, and why."""


def found(path: Path, name: str) -> Iterator[str]:
    """What of a file is larger than its bound."""
    text = path.read_text(encoding="utf-8")
    if text.count("\n") > FILE_LINES:
        yield name
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES:
                yield f"{name} {node.name}()"
        elif isinstance(node, ast.ClassDef) and len(fields(node)) > FIELDS:
            yield f"{name} {node.name}"


def fields(node: ast.ClassDef) -> set[str]:
    """The fields of a class: declared in its body, or set by its methods."""
    declared = {
        part.target.id
        for part in node.body
        if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)
    }
    written = {
        part.attr
        for part in ast.walk(node)
        if isinstance(part, ast.Attribute)
        and isinstance(part.ctx, ast.Store)
        and isinstance(part.value, ast.Name)
        and part.value.id == "self"
    }
    return declared | written


def test_nothing_is_larger_but_what_is_named_with_its_reason() -> None:
    paths = [path for each in PACKAGES for path in sorted((ROOT / each).rglob("*.py"))]
    assert len(paths) > 200
    too_large = {told for path in paths for told in found(path, path.relative_to(ROOT).as_posix())}
    assert too_large == EXCEPTIONS.keys()


def test_what_is_too_large_is_found(tmp_path: Path) -> None:
    path = tmp_path / "large.py"
    body = "\n".join(f"        self.f{n} = {n}" for n in range(45))
    path.write_text(f"class Large:\n    def fill(self):\n{body}\n" + "x = 1\n" * 250, encoding="utf-8")
    assert set(found(path, "large.py")) == {"large.py", "large.py fill()", "large.py Large"}
