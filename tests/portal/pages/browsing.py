"""How tests browse: Chromium's options, signing in, and what is wrong with how a page looks."""

from typing import Any

import httpx
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
COLOURS = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": ["cat.color"]}}
"""Axe's rules of colours, all that a dark scheme may break: style sheets change nothing else for it."""
_SERIOUS = {"serious", "critical"}
PHONE: Any = {"width": 360, "height": 800}
_SQUEEZED = """() => {
  const lines = each => {
    const range = document.createRange();
    range.selectNodeContents(each);
    return new Set([...range.getClientRects()].map(line => Math.round(line.bottom / 8))).size;
  };
  const isNarrow = each => each.offsetWidth > 0 && each.offsetWidth < 100 && lines(each) > 3;
  const isBroken = each => lines(each) > 2;
  const cells = [...document.querySelectorAll("main :is(td, th)")].filter(isNarrow);
  const shown = "main :is(.code, td code, th a[href*=dossiers])";
  const codes = [...document.querySelectorAll(shown)].filter(isBroken);
  return [...cells, ...codes].map(each => each.outerHTML);
}"""


def serious(found: Any) -> list[tuple[str, str]]:
    """The serious findings of axe: the rule, and the first element against it."""
    return [
        (each["id"], each["nodes"][0]["html"]) for each in found["violations"] if each["impact"] in _SERIOUS
    ]


def signed_in(browser: Browser, client: httpx.Client, token: str, **settings: Any) -> Page:
    """A page of a new session of whoever has this token, at the board."""
    page = browser.new_context(base_url=str(client.base_url), **settings).new_page()
    page.goto("/sign-in")
    page.get_by_label("Mã truy cập").fill(token)
    page.get_by_role("button", name="Đăng nhập").click()
    page.wait_for_url("**/")
    return page


def fits(page: Page) -> None:
    """Axe finds nothing serious, and it is laid out as it should be."""
    found = serious(Axe().run(page).response)
    assert not found, (page.url, found)
    is_laid_out(page)


def is_laid_out(page: Page) -> None:
    """Nothing is wider than the screen, no cell has a word a line, no code is in more than two."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url
    squeezed = page.evaluate(_SQUEEZED)
    assert not squeezed, (page.url, squeezed)


def roles(page: Page) -> list[str]:
    """What the parts of a page are to a screen reader."""
    found = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")
    return [node.get("role", {}).get("value", "") for node in found["nodes"]]
