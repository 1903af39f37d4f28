"""One dashboard: variables, links to the others, and rows of panels set from left to right."""

from collections.abc import Sequence
from typing import Any

from grafana_foundation_sdk.builders.dashboard import (
    CustomVariable,
    Dashboard,
    DashboardLink,
    Panel,
    QueryVariable,
    Row,
    TimePicker,
)
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DashboardLinkType,
    GridPos,
    VariableModel,
    VariableOption,
    VariableRefresh,
    VariableSort,
)

from dashboards.incidents import annotation
from dashboards.query import CLICKHOUSE
from dashboards.sql import variables
from dashboards.wording import Words

ZONE = "Asia/Ho_Chi_Minh"
TAG = "emc"
Variable = Builder[VariableModel]


def uid_of(name: str, words: Words) -> str:
    """The uid of a dashboard: those in Vietnamese bear the plain name."""
    return f"emc-{name}" if words.language == "vi" else f"emc-{name}-en"


class Board:
    """Collects the parts of a dashboard; `build` gives the dashboard."""

    def __init__(self, name: str, title: str, says: str, words: Words, *, by_time: bool = False) -> None:
        """`by_time`: it follows Grafana's time range; the others follow the month chosen."""
        self.words, self.uid = words, uid_of(name, words)
        self._builder = Dashboard(title).uid(self.uid).description(says).tags([TAG, words.language])
        self._builder.timezone(ZONE).editable().tooltip(DashboardCursorSync.CROSSHAIR)
        self._builder.time("now-6h", "now").refresh("1m")
        self._builder.timepicker(
            TimePicker().hidden(not by_time).refresh_intervals(["30s", "1m", "5m", "15m"])
        )
        self._y = self._id = 0
        if by_time:
            self._builder.annotation(annotation(words))
        self._link_others(words)
        self._builder.link(_other_language(name, words))

    def _link_others(self, words: Words) -> None:
        for name, titles in (TITLES | _SHORT).items():
            uid = uid_of(name, words)
            if uid != self.uid:
                link = (
                    DashboardLink(words(*titles))
                    .type(DashboardLinkType.LINK)
                    .url(f"/d/{uid}")
                    .include_vars(True)
                )
                self._builder.link(link)

    def choose(self, *chosen: Variable) -> None:
        """Adds variables."""
        for variable in chosen:
            self._builder.with_variable(variable)

    def section(self, title: str) -> None:
        """A heading."""
        self._id += 1
        row = Row(title).id(self._id).grid_pos(GridPos(x=0, y=self._y, w=24, h=1))
        self._builder.with_row(row)
        self._y += 1

    def row(self, height: int, *panels: tuple[int, Panel]) -> None:
        """Panels beside each other, each with its width in 24ths."""
        x = 0
        for width, panel in panels:
            self._id += 1
            self._builder.with_panel(panel.id(self._id).grid_pos(GridPos(x=x, y=self._y, w=width, h=height)))
            x += width
        self._y += height

    def beside(self, left: tuple[int, Panel], width: int, stacked: Sequence[tuple[int, Panel]]) -> None:
        """A panel, and beside it others of this width below each other, each with its height."""
        x, y = left[0], self._y
        self.row(sum(height for height, _ in stacked), left)
        for height, panel in stacked:
            self._id += 1
            self._builder.with_panel(panel.id(self._id).grid_pos(GridPos(x=x, y=y, w=width, h=height)))
            y += height

    def build(self) -> Any:
        """The dashboard of the SDK, which its encoder turns into JSON."""
        return self._builder.build()


TITLES = {
    "overview": ("Tổng quan quốc gia", "National overview"),
    "agency": ("Cơ quan", "Agency"),
    "data-reuse": ("Sử dụng lại dữ liệu", "Data reuse"),
    "connections": ("Kết nối", "Connections"),
    "pipeline": ("Đường ống dữ liệu", "Pipeline"),
}
_SHORT = {
    "overview": ("Tổng quan", "Overview"),
    "data-reuse": ("Dùng lại dữ liệu", "Data reuse"),
    "pipeline": ("Đường ống", "Pipeline"),
}
"""What links say, so that they and the choices fit into one line."""


def _other_language(name: str, words: Words) -> DashboardLink:
    other = Words("en" if words.language == "vi" else "vi")
    link = DashboardLink(other("Tiếng Việt", "English")).type(DashboardLinkType.LINK)
    return link.url(f"/d/{uid_of(name, other)}").include_vars(True).icon("info")


def month(words: Words) -> Variable:
    """The month; opens on the newest that is complete."""
    return query_variable(
        "month", words("Tháng", "Month"), variables.months(words("chưa hết tháng", "not over"))
    )


def structure(words: Words) -> Variable:
    """Provinces as they reported, or summed into those of today."""
    return choice(
        "structure",
        words("Địa giới", "Structure"),
        {
            "reported": words("Như đã báo cáo", "As reported"),
            "current": words("Sau sáp nhập", "As merged"),
        },
    )


def counted_for(words: Words) -> Variable:
    """Dossiers counted for the agency in their code, or for the one that settles them."""
    return choice(
        "counted_for",
        words("Tính cho", "Counted for"),
        {
            "code": words("Cơ quan trong mã", "Agency in the code"),
            "settled": words("Cơ quan giải quyết", "Agency that settles"),
        },
    )


def agency(words: Words, everyone: bool = False) -> Variable:
    """One agency, or, first, all of them."""
    sql = variables.agencies(words.everything if everyone else None)
    return query_variable("agency", words("Cơ quan", "Agency"), sql)


def query_variable(name: str, label: str, sql: str) -> QueryVariable:
    """A choice read from ClickHouse, the first offered being chosen at first."""
    query: dict[str, object] = {
        "rawSql": sql,
        "editorType": "sql",
        "refId": name,
        "format": 1,
        "queryType": "table",
    }
    variable = QueryVariable(name).label(label).datasource(CLICKHOUSE).query(query).definition(sql)
    return (
        variable.refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(VariableSort.DISABLED)
        .allow_custom_value(False)
    )


def choice(name: str, label: str, options: dict[str, str]) -> CustomVariable:
    """A choice among fixed values, the first being chosen at first."""
    value, text = next(iter(options.items()))
    listed = [
        VariableOption(selected=each == value, text=shown, value=each) for each, shown in options.items()
    ]
    values = ",".join(f"{shown.replace(',', chr(92) + ',')} : {each}" for each, shown in options.items())
    variable = CustomVariable(name).label(label).values(values).options(listed)
    return variable.current(VariableOption(selected=True, text=text, value=value)).allow_custom_value(False)


def place_link(words: Words, name: str, *variables: str) -> str:
    """The address of another dashboard with variables: `month` passes one on, `agency=…` sets one."""
    pairs = [each if "=" in each else f"{each}=${{{each}}}" for each in variables]
    return f"/d/{uid_of(name, words)}?" + "&".join(f"var-{pair}" for pair in pairs)


def field(name: str) -> str:
    """The value of another field of the row in which a link stands."""
    return f'${{__data.fields["{name}"]}}'


__all__: Sequence[str] = [
    "TITLES",
    "ZONE",
    "Board",
    "agency",
    "choice",
    "counted_for",
    "field",
    "month",
    "place_link",
    "query_variable",
    "structure",
    "uid_of",
]
