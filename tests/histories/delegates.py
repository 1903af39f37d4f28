"""Who may send for whom beyond successors, in the histories and under torture: ministries for provinces."""

from pathlib import Path

DELEGATIONS = [
    {"source": "G12", "agency": "H26"},
    {"source": "G01/mcdt", "agency": "localities"},
]
"""All systems of one ministry for one province; one system of another for every province, its others not."""
DELEGATES = {"H26": ("G12",), "H42": ("G01",), "H25": ("G01",)}
"""Agency → the ministries that send for it, by systems that may and by systems that may not."""


def write_registry(folder: Path) -> Path:
    """A directory of registry files with these delegations; all else is what is shipped."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [f"{row['source']},{row['agency']},runs its system" for row in DELEGATIONS]
    (folder / "delegations.csv").write_text("\n".join(["source,agency,note", *rows, ""]), encoding="utf-8")
    return folder
