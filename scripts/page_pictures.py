"""Pictures of every page for docs/screenshots/pages: `.venv/bin/python scripts/page_pictures.py http://127.0.0.1:8000`.

The address is that of a service with the simulated March 2024 in it, such as `make run` starts.
"""

import io
import json
import sys
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import httpx
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.tools.wanted import path_of

FOLDER = Path(__file__).parents[1] / "docs" / "screenshots" / "pages"
START = "2024-03-01"
AGENCY = "H26"
_ROWS = (
    *((9001, "Trực tuyến", "05", "Đã trả kết quả"), (9002, "Trực tiếp", "05", "Đang xử lý")),
    *((9003, "Bưu chính", "06", "Đang xử lý"), (9004, "Trực tuyến", "35", "Đang xử lý")),
)
_MEANINGS = (("Trực tuyến", "online"), ("Trực tiếp", "direct"), ("Bưu chính", "postal"))
_STATUSES = (("Đã trả kết quả", "10"), ("Đang xử lý", "4"))
_OBJECTED = {"metric": "data_reuse", "definition": "received"}
_REASON = "Mười hồ sơ dùng lại giấy tờ từ kho dữ liệu nhưng không được ghi nhận."
_ANSWER = "Đề nghị gửi mã của các hồ sơ này."
_COLOURS = 64
"""Enough for flat pages; a picture then weighs a quarter."""


class Shot(NamedTuple):
    """One picture. `height`: of the window; None: of the whole page; `sent`: a file for its form.

    In print the width is that of A4, the height that of all its sheets.
    """

    name: str
    address: str
    width: int = 1280
    height: int | None = None
    scheme: str = "light"
    in_print: bool = False
    sent: str = ""


def every_way(name: str, address: str, sent: str = "") -> list[Shot]:
    """A page at a desk in both languages, dark, 360 px wide, and in print."""
    desk = Shot(f"{name}-vi", address, height=1200, sent=sent)
    return [
        desk,
        desk._replace(name=f"{name}-en", address=f"{address}&lang=en"),
        desk._replace(name=f"{name}-dark", scheme="dark"),
        desk._replace(name=f"{name}-phone", width=360, height=1600),
        desk._replace(name=f"{name}-print", width=794, height=None, in_print=True),
    ]


def shots(dossier: str, disputes: Mapping[str, str], mapped: str, looked: str) -> list[Shot]:
    """Every page in every way that it is looked at.

    `disputes`: addresses of pages of disputes by the names of their pictures; `mapped`, `looked`: of uploads
    that wait for their mapping, and to be sent.
    """
    agency = f"/agencies/{AGENCY}?start={START}"
    pages = {
        "board": f"/?start={START}",
        "agency": agency,
        "missing": f"/agencies/{AGENCY}/missing?start={START}",
        "rates": f"/rates?start={START}",
        "rate": f"/rates/data_reuse?start={START}&agency={AGENCY}",
        "dossier": f"/dossiers/{dossier}?",
        "unknown-dossier": f"/dossiers/000.00.16.{AGENCY}-240301-9999?",
        "error": "/no-such-page?",
        "connect": "/connect?",
        "upload": "/upload?",
        "upload-mapping": f"{mapped}?",
        "upload-looked": f"{looked}?",
        "operate": "/operate?",
        "sign-in": "/sign-in?next=/",
        **disputes,
    }
    listed = f"dossier,online\n{dossier},true\n{AGENCY}-240305-9001,true\n"
    found = every_way("reconciled", disputes["reconcile"], listed)
    for name, address in pages.items():
        found += every_way(name, address)
    return found


def take(browser: Browser, base: str, shot: Shot) -> None:
    """Takes one picture and keeps it small."""
    context = browser.new_context(
        base_url=base, viewport={"width": shot.width, "height": shot.height or 900}, color_scheme=shot.scheme
    )
    page = context.new_page()
    page.goto(shot.address, wait_until="load")
    if shot.sent:
        chosen: Any = {"name": "list.csv", "mimeType": "text/csv", "buffer": shot.sent.encode()}
        page.locator("input[type=file]").set_input_files(chosen)
        page.locator("button.main").click()
        page.locator("#differences").wait_for()
    if shot.in_print:
        page.emulate_media(media="print")
    taken = Image.open(io.BytesIO(page.screenshot(full_page=shot.height is None)))
    taken.convert("RGB").quantize(_COLOURS).save(FOLDER / f"{shot.name}.png", optimize=True)
    context.close()


def a_missing_dossier(base: str) -> str:
    """The code of a dossier that reused nothing."""
    asked = f"{base}/v1/dossiers?metric=data_reuse&agency={AGENCY}&period=month&start={START}&missing=true"
    with urllib.request.urlopen(asked) as answer:
        return str(json.load(answer)["dossiers"][0]["dossier"])


def disputed(base: str) -> dict[str, str]:
    """Pages of disputes: a new snapshot of the month, and an objection to it that was answered."""
    with httpx.Client(base_url=base, timeout=60, headers={"accept": "text/html"}) as client:
        frozen = client.post("/snapshots", data={"name": "Tháng 3/2024", "period": "month", "start": START})
        snapshot = str(frozen.headers["location"])
        rate = {"snapshot": snapshot.split("/")[-1], "agency": AGENCY, **_OBJECTED}
        numbers = {"numerator": "61", "denominator": "700"}
        made = client.post("/objections", data={**rate, **numbers, "text": _REASON})
        thread = str(made.headers["location"])
        client.post(thread, data={"text": _ANSWER, "decision": "needs_data"})
    return {
        "snapshots": "/snapshots?",
        "snapshot": f"{snapshot}?agency={AGENCY}",
        "objections": "/objections?",
        "objecting": f"/objections/new?{urlencode(rate)}",
        "objection": f"{thread}?",
        "reconcile": f"/reconcile?agency={AGENCY}&start={START}",
    }


def uploaded(base: str, look: bool) -> str:
    """The path of a new upload of the agency, looked through if that is asked for."""
    rows = [f"{AGENCY}-240305-{n};{way};{day}/03/2024 08:30;{status}" for n, way, day, status in _ROWS]
    text = "Mã hồ sơ;Hình thức nộp;Ngày tiếp nhận;Trạng thái\n" + "\n".join(rows) + "\n"
    with httpx.Client(base_url=base, timeout=60, headers={"accept": "text/html"}) as client:
        files = {"file": ("tháng 3.csv", text.encode(), "text/csv")}
        answer = client.post("/upload", data={"agency": AGENCY, "kind": "dossiers"}, files=files)
        path = str(answer.headers["location"])
        if look:
            form = {"do": "look", "subject": "column:Mã hồ sơ", "field.channel": "column:Hình thức nộp"}
            for field, meanings in (("channel", _MEANINGS), ("status", _STATUSES)):
                for n, (cell, meaning) in enumerate(meanings):
                    form |= {f"cell.{field}.{n}": cell, f"meaning.{field}.{n}": meaning}
            form |= {
                "of.channel": "Hình thức nộp",
                "of.status": "Trạng thái",
                "field.received_at": "column:Ngày tiếp nhận",
                "field.status": "column:Trạng thái",
            }
            client.post(path, data={**form, "dates": "dd/MM/yyyy HH:mm", "empty": "absent"})
            while "data-poll" in client.get(path).text:
                time.sleep(0.2)
    return path


def main(base: str, *only: str) -> None:
    """Takes all pictures of the service at an address, or those whose names begin so."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(path_of("chromium")), args=["--no-sandbox"])
        uploads = (uploaded(base, look) for look in (False, True))
        for shot in shots(a_missing_dossier(base), disputed(base), *uploads):
            if only and not shot.name.startswith(only):
                continue
            take(browser, base, shot)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"), *sys.argv[2:])
