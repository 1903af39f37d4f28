"""A walk over every page, in both languages, over a history with every kind of refusal in it."""

import time
from collections.abc import Iterator

import httpx
import pytest

from emc.registry import load_registry
from emc.translation import Language, speaker, translations
from emc.verdicts import Rejected
from sinks.clickhouse.database import Database
from tests.contract.all_vectors import VECTORS
from tests.contract.test_vectors import verdicts
from tests.portal.pages.aloud import Aloud, english_in, vietnamese_in
from tests.portal.pages.conftest import FROZEN_BY, As
from tests.portal.pages.test_pages import ADDRESSES, FOR_OPERATORS

REFUSED = "000.00.16.H25-240425-0001"
_FAULTY = (
    "Mã hồ sơ;Hình thức nộp;Ngày tiếp nhận;Trạng thái\n"
    "H25-240305-9001;trực tuyến;05/03/2024 08:30;10\n"
    "H25-240305-9002;fax;35/03/2024 08:30;99\n"
    "H26-240305-9003;online;;x\n;;;\nthiếu ô\n"
)
_CHOSEN = {"do": "look", "subject": "column:Mã hồ sơ", "field.channel": "column:Hình thức nộp",
           "field.received_at": "column:Ngày tiếp nhận", "field.status": "column:Trạng thái",
           "dates": "dd/MM/yyyy HH:mm", "empty": "absent"}  # fmt: skip


def every_refusal() -> dict[tuple[str, str, str], Rejected]:
    """One refusal of every kind that the contract's vectors know, by reason, path and detail."""
    found: dict[tuple[str, str, str], Rejected] = {}
    for vector in VECTORS.values():
        told = verdicts(vector)
        for each in told if isinstance(told, list) else [told]:
            if isinstance(each, Rejected):
                found[each.reason, each.path, each.detail] = each
    return found


def keep(database: Database, refusals: list[Rejected], subject: str = REFUSED) -> None:
    """Keeps refused events of a dossier of H25, one behind another."""
    count = len(refusals)
    database.insert("rejections", {
        "agency": ["H25"] * count, "reason": [each.reason.value for each in refusals],
        "path": [each.path for each in refusals], "detail": [each.detail for each in refusals],
        "id": [str(n) for n in range(count)], "subject": [subject] * count,
        "source": ["/agencies/H25/onestop"] * count, "topic": ["emc.events"] * count,
        "partition": [3] * count, "offset": list(range(100, 100 + count)), "index": [0] * count,
        "rejected_at": [1_714_000_000_000] * count, "version": [1] * count,
    })  # fmt: skip


@pytest.fixture(scope="module")
def pages(client: httpx.Client, as_: As, database: Database) -> dict[str, list[tuple[str, str | None]]]:
    """Addresses and who asks for them; an objection and two uploads among them."""
    keep(database, list(every_refusal().values()))
    ((code,),) = database.query("SELECT min(dossier) FROM dossiers FINAL WHERE agency = 'H25'")
    ((snapshot,),) = database.query("SELECT any(id) FROM snapshots FINAL")
    rate = {"snapshot": snapshot, "agency": "H25", "metric": "data_reuse", "definition": "received"}
    asked = "&".join(f"{name}={value}" for name, value in rate.items())
    made = client.post("/objections", data={**rate, "text": "sai"}, headers=as_("H25"))
    client.post(made.headers["location"], data={"text": "1", "decision": "rejected"}, headers=as_(None))
    uploads = [_uploaded(client, as_) for _ in range(2)]
    client.post(uploads[1], data=_CHOSEN, headers=as_("H25"))
    while "data-poll" in client.get(uploads[1], headers=as_("H25")).text:
        time.sleep(0.1)
    own = (*ADDRESSES, f"/dossiers/{code}", f"/dossiers/{REFUSED}", "/dossiers/H25-240301-9999",
           made.headers["location"], f"/objections/new?{asked}", f"/snapshots/{snapshot}?agency=H25",
           f"/snapshots/{snapshot}?agency=", f"/objections/new?dossier={code}", "/nothing-here", *uploads,
           "/operate", "/?lang=fr")  # fmt: skip
    whole = (*ADDRESSES, *FOR_OPERATORS, made.headers["location"], "/agencies/H25", "/connect?agency=H25")
    return {"pages": [(each, "H25") for each in own] + [(each, None) for each in whole]}


def _uploaded(client: httpx.Client, as_: As) -> str:
    files = {"file": ("march.csv", _FAULTY.encode(), "text/csv")}
    answer = client.post("/upload", data={"kind": "dossiers"}, files=files, headers=as_("H25"))
    return str(answer.headers["location"])


def drawn(
    client: httpx.Client, as_: As, pages: dict[str, list[tuple[str, str | None]]], language: str
) -> Iterator[tuple[str, str]]:
    """Every page in a language, with its address."""
    for address, whose in pages["pages"]:
        if "lang=" not in address:
            joined = "&" if "?" in address else "?"
            address = f"{address}{joined}lang={language}"
        elif language == "en":
            continue
        yield address, client.get(address, headers=as_(whose)).text


def test_no_vietnamese_page_has_english_on_it(
    client: httpx.Client, as_: As, pages: dict[str, list[tuple[str, str | None]]]
) -> None:
    untranslated = {text for text, told in translations().items() if text != told and " " in text}
    found = {}
    for address, page in drawn(client, as_, pages, "vi"):
        said = {text for language, text in Aloud(page).texts if language == "vi"}
        found[address] = english_in(page.replace(FROZEN_BY, "")) | untranslated & said
    assert not {address: texts for address, texts in found.items() if texts}


def test_no_english_page_has_vietnamese_on_it_but_names(
    client: httpx.Client, as_: As, pages: dict[str, list[tuple[str, str | None]]]
) -> None:
    names = {agency.name for agency in load_registry().agencies.values()}
    names |= {*_FAULTY.splitlines()[0].split(";"), "trực tuyến"}
    found = {address: vietnamese_in(page, names) for address, page in drawn(client, as_, pages, "en")}
    assert not {address: texts for address, texts in found.items() if texts}


def test_what_was_refused_is_told_in_vietnamese_with_the_recorded_sentence_beside(
    client: httpx.Client, as_: As, pages: dict[str, list[tuple[str, str | None]]]
) -> None:
    texts = Aloud(client.get(f"/dossiers/{REFUSED}", headers=as_("H25")).text).texts
    said = {language: {text for each, text in texts if each == language} for language in ("vi", "en")}
    tell = speaker(Language.VI)
    for _, _, detail in every_refusal():
        assert detail in said["en"], "as recorded"
        assert tell(detail) in said["vi"]
        assert tell(detail) != detail


def test_a_sentence_of_an_older_version_says_that_it_is_english(
    client: httpx.Client, as_: As, database: Database
) -> None:
    old = next(iter(every_refusal().values()))
    old.detail = "wanted a thing that no version knows any more"
    keep(database, [old], "000.00.16.H25-240425-0002")
    page = client.get("/dossiers/000.00.16.H25-240425-0002", headers=as_("H25")).text
    assert ("en", old.detail) in Aloud(page).texts
