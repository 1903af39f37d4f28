"""docs/api.md has the routes as they are."""

from cli.api_page import PAGE, application, page, table


def test_the_table_of_routes_is_current() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert page(text, application()) == text, "run python -m cli.api_page"


def test_every_route_is_there_with_its_scope() -> None:
    app = application()
    lines = table(app).splitlines()[2:]
    described = sum(len(operations) for operations in app.openapi()["paths"].values())
    assert len(lines) == described
    without = [line for line in lines if line.split(" | ")[1] == "–"]
    assert [line.split("`")[1] for line in without] == ["GET /v1/health"]
    assert all(line.rstrip(" |").rsplit(" | ", 1)[1] for line in lines), "each says what it does"
