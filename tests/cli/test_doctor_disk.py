"""What is said of a disk, beside `df`."""

import subprocess
from pathlib import Path

from cli.commands.doctor_disk import disk, disk_of
from tests.cli.processes import wait_until


def test_a_disk_is_as_full_as_df_says(tmp_path: Path) -> None:
    def is_as_df_says() -> bool:
        """Asked again where others wrote in between."""
        told = subprocess.run(["df", "-kP", tmp_path], capture_output=True, text=True, check=True).stdout
        share = next(word for word in told.splitlines()[1].split() if word.endswith("%"))
        return disk_of(tmp_path).found.startswith(f"{share.removesuffix('%')} % of ")

    wait_until(is_as_df_says, patience=30)


def test_what_is_kept_back_for_the_system_is_not_free() -> None:
    gib = 1 << 30
    found = disk("disk", used=43 * gib, available=43 * gib)
    assert (found.status, found.found) == ("ok", "50 % of 86.0 GiB used, 43.0 GiB free")
    assert disk("disk", used=81 * gib, available=19 * gib).status == "warn"
    assert disk("disk", used=96 * gib, available=4 * gib).status == "fail"
