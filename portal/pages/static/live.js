// Keeps a page up to date: when the rates that it shows change (data-live), or every so many milliseconds while
// something goes on (data-poll), its content is read anew and what differs is marked for a moment. Without
// scripts, or when the stream ends, the page stays as it was drawn.
"use strict";
(() => {
  const main = document.querySelector("main[data-live], main[data-poll]");
  if (!main) return;
  let pending = 0;

  const marks = () =>
    new Map([...main.querySelectorAll("[data-mark]")].map((element) => [element.dataset.mark, element.textContent]));

  async function renew() {
    pending = 0;
    const isTyping = main.contains(document.activeElement) && document.activeElement.matches("input, select, textarea");
    if (isTyping || getSelection().type === "Range") return;
    const answer = await fetch(location.href, { cache: "reload", headers: { accept: "text/html" } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("main");
    if (!fresh || fresh.innerHTML === main.innerHTML) return;
    const before = marks();
    const open = [...main.querySelectorAll("details")].map((element) => element.open);
    main.replaceChildren(...fresh.childNodes);
    main.querySelectorAll("details").forEach((element, n) => { element.open = Boolean(open[n]); });
    for (const element of main.querySelectorAll("[data-mark]")) {
      if (before.size && before.get(element.dataset.mark) !== element.textContent) {
        element.classList.add("changed");
      }
    }
    if (fresh.dataset.poll) main.dataset.poll = fresh.dataset.poll;
    else delete main.dataset.poll;
    document.title = page.title;
  }

  async function poll() {
    if (!document.hidden) await renew().catch(() => {});
    if (main.dataset.poll) setTimeout(poll, Number(main.dataset.poll));
  }

  if (main.dataset.poll) setTimeout(poll, Number(main.dataset.poll));
  if (main.dataset.live && window.EventSource) {
    new EventSource(main.dataset.live).addEventListener("rates", () => {
      pending = pending || setTimeout(renew, 300);
    });
  }
})();
