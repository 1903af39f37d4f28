"""The registry: its files as a site edits them, faults by file and line, names over time, who speaks."""

from datetime import date
from pathlib import Path

import pytest

from emc.errors import SettingError
from emc.figures import load_reported_figures
from emc.registry import Voice, load_registry
from emc.registry_files import file_of, registry_folder
from emc.settings.site import Site

DELEGATIONS, SITES = "source,agency,note\n", "site_id,agency,system,addresses\n"


def folder(path: Path, **files: str) -> Path:
    for name, text in files.items():
        (path / f"{name}.csv").write_text(text, encoding="utf-8")
    return path


def test_the_one_shipped_has_85_agencies_34_of_them_closed_and_delegates_nothing() -> None:
    registry = load_registry()
    assert len(registry.agencies) == 85
    closed = [agency for agency in registry.agencies.values() if agency.successor]
    assert len(closed) == 34
    assert all(agency.valid_to for agency in closed)
    assert registry.current("G04") == "G17"
    assert (registry.delegations, registry.sites) == ((), {})


def test_a_figure_of_2024_finds_the_name_of_2024() -> None:
    agriculture = load_registry().agencies["G10"]
    assert agriculture.name_on(date(2024, 4, 24)) == "Bộ Nông nghiệp và Phát triển nông thôn"
    assert agriculture.name_on(date(2025, 3, 1)) == "Bộ Nông nghiệp và Môi trường"
    assert load_registry().agencies["G12"].name_on(date(2024, 4, 24)) == "Bộ Tài chính"


def test_every_figure_that_names_a_period_begins_on_its_first_day() -> None:
    figures = load_reported_figures()
    assert len(figures) == 29
    assert {figure.period for figure in figures} == {"", "month", "year"}
    for figure in figures:
        assert (figure.start is None) == (figure.period == "")
        assert figure.start is None or figure.start.day == 1


def test_a_file_that_the_directory_lacks_is_the_one_shipped(tmp_path: Path) -> None:
    made = folder(tmp_path, delegations=DELEGATIONS + "G09/business,localities,a decree\nG09,G12,\n")
    registry = load_registry(made)
    assert len(registry.agencies) == 85
    assert registry.speaks_for("G09/business", "H25")
    assert not registry.speaks_for("G09/land", "H25")
    assert registry.speaks_for("G09/land", "G12")
    assert list(registry.voices("H25")) == [
        Voice("H25", "itself"),
        Voice("H42", "successor"),
        Voice("G09/business", "delegation", "a decree"),
    ]
    assert file_of("delegations.csv", made) == made / "delegations.csv"
    assert file_of("agencies.csv", made).parent != made


def test_neither_delegations_nor_successors_chain_with_one_another(tmp_path: Path) -> None:
    rows = "H25,H26,\nH26,G12,\nG09,H42,\n"
    registry = load_registry(folder(tmp_path, delegations=DELEGATIONS + rows))
    assert registry.speaks_for("H25", "H26")
    assert not registry.speaks_for("H42", "H26")
    assert not registry.speaks_for("H25", "G12")
    assert not registry.speaks_for("G09", "H25")


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("A99,H25,", "line 2: source: expected a code of agencies.csv"),
        ("G09/a b,H25,", "line 2: source: expected a code of agencies.csv, or code/system"),
        ("G09/,H25,", "line 2: source"),
        ("G09,A99,", "line 2: agency: expected a code of agencies.csv, or one of national"),
        ("G09,everybody,", "line 2: agency"),
        ("G09", "line 2: agency"),
        (",,", "line 2: source"),
    ],
)
def test_a_delegation_of_no_sense_names_file_line_and_column(tmp_path: Path, row: str, fault: str) -> None:
    with pytest.raises(SettingError, match=rf"delegations\.csv, {fault}"):
        load_registry(folder(tmp_path, delegations=DELEGATIONS + row + "\n"))


def test_other_files_of_no_sense_are_named_too(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"delegations\.csv, line 2: expected a column agency"):
        load_registry(folder(tmp_path, delegations="source,agent\nG09,H25\n"))
    folder(tmp_path, delegations=DELEGATIONS)
    for rows, fault in (
        ("7,A99,x,\n", "agency: expected a code"),
        ("7,H25,a b,\n", "system: expected 1 to 64"),
        (",H25,x,\n", "site_id: expected a number"),
        ("7,H25,x,10.0.0.300\n", "addresses: expected addresses"),
        ("7,H25,x,\n7,H26,x,\n", "expected every site_id once"),
    ):
        with pytest.raises(SettingError, match=rf"tracking_sites\.csv.*{fault}"):
            load_registry(folder(tmp_path, tracking_sites=SITES + rows))
    found = load_registry(folder(tmp_path, tracking_sites=SITES + "7,H25,gate,10.0.0.0/24 192.0.2.1\n")).sites
    assert found["7"].addresses == ("10.0.0.0/24", "192.0.2.1")
    with pytest.raises(SettingError, match=r"agencies\.csv, line 2: code: expected a letter"):
        load_registry(folder(tmp_path, agencies="code,name,kind\nx,x,ministry\n"))
    (tmp_path / "agencies.csv").write_bytes(b"code\n\xff\n")
    with pytest.raises(SettingError, match="expected a readable UTF-8 CSV file"):
        load_registry(tmp_path)


def test_the_directory_is_the_one_of_the_setting(tmp_path: Path) -> None:
    assert registry_folder(Site(registry=str(tmp_path))) == tmp_path
    with pytest.raises(SettingError, match="EMC_REGISTRY is '/nowhere', expected a directory"):
        registry_folder(Site(registry="/nowhere"))
