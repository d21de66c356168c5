// Keeps the page up to date. Without it everything still works: the page is whole as sent, and reloads by hand.
"use strict";
// A phone that holds work of an app signs out there, where it is sent first and the phone then emptied.
document.querySelector("form[data-leave]")?.addEventListener("submit", (event) => {
  const app = ["crew", "visits"].find((name) => localStorage.getItem(name));
  if (!app) return;
  event.preventDefault();
  location.assign(`/${app}?leave=1`);
});
// On a telephone the rows of the navigation scroll: the page that is open is in sight.
document.querySelectorAll(".top nav [aria-current]").forEach((link) => {
  const row = link.closest("nav");
  row.scrollLeft = Math.max(0, link.offsetLeft + link.offsetWidth + 16 - row.clientWidth);
});
// What is wider than the screen can be reached, and so scrolled, by keys.
const scrollers = new ResizeObserver((seen) => seen.forEach(({ target }) => {
  const scrolls = target.scrollWidth > target.clientWidth || target.scrollHeight > target.clientHeight;
  if (!scrolls) { target.removeAttribute("tabindex"); return; }
  const title = target.querySelector("caption") ?? target.closest("section, details")?.querySelector("h2, h3, summary");
  target.tabIndex = 0;
  target.setAttribute("role", "group");
  target.setAttribute("aria-label", (title ?? document.querySelector("h1"))?.textContent.trim() ?? document.title);
}));
const reachScrollers = () => document.querySelectorAll(".scroll").forEach((box) => scrollers.observe(box));
reachScrollers();
(() => {
  // A region that is kept up to date, and the count of alerts in the navigation.
  const region = document.querySelector("[data-live]");
  const count = document.querySelector("[data-alert-count]");
  if ((!region && !count) || !window.EventSource) return;

  // A screen on a wall renews itself after so many seconds, whatever happens; it tells when it could not.
  const every = Number(region?.dataset.every);
  const lost = (is_lost) => { const told = region.querySelector(".wall-lost"); if (told) told.hidden = !is_lost; };
  let waiting = false;
  let last = 0;
  const parts = "a, summary, button";
  const reload = async () => {
    if (!region || waiting) return;
    waiting = true;
    // At most one reload in three seconds, and none while nobody looks.
    await new Promise((done) => setTimeout(done, Math.max(0, last + 3000 - Date.now())));
    waiting = false;
    if (document.hidden) { last = 0; return; }
    last = Date.now();
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" } });
      if (!answer.ok) { lost(true); return; }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-live]");
      if (!fresh) return;
      // Open tables stay open; the focus stays where it is.
      const open = [...region.querySelectorAll("details")].map((details) => details.open);
      const focused = [...region.querySelectorAll(parts)].indexOf(document.activeElement);
      region.replaceChildren(...fresh.childNodes);
      reachScrollers();
      region.querySelectorAll("details").forEach((details, place) => { details.open = open[place] || false; });
      if (focused >= 0) region.querySelectorAll(parts)[focused]?.focus({ preventScroll: true });
    } catch { lost(true); /* The next event, or the next turn, tries again. */ }
  };
  if (every) { setInterval(reload, every * 1000); return; }
  const tell = (waits) => {
    if (!count) return;
    const shown = waits.toLocaleString(document.documentElement.lang);
    count.hidden = waits === 0;
    count.firstElementChild.textContent = shown;
    count.lastElementChild.textContent = count.dataset.alertCount.replace("{}", shown);
  };

  const of_alerts = region?.dataset.liveOn === "alerts";
  let events = null;
  // A page that nobody looks at holds no connection: a browser has six for all its tabs.
  const connect = () => {
    if (events) return;
    events = new EventSource("/events");
    events.addEventListener("open", () => document.body.classList.add("is-live"));
    events.addEventListener("error", () => document.body.classList.remove("is-live"));
    events.addEventListener("count", (event) => tell(JSON.parse(event.data).waiting));
    events.addEventListener("alerts", (event) => {
      tell(JSON.parse(event.data).waiting);
      reload();
    });
    if (of_alerts || !region) return;
    events.addEventListener("figures", reload);
    events.addEventListener("pickup", reload);
    events.addEventListener("progress", (event) => {
      const bar = document.querySelector("#progress progress");
      const progress = JSON.parse(event.data);
      if (!bar) { reload(); return; }
      bar.max = progress.total;
      bar.value = progress.done;
      bar.nextElementSibling.textContent = progress.line;
    });
  };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      events?.close();
      events = null;
      document.body.classList.remove("is-live");
    } else {
      connect();
      reload();
    }
  });
  if (!document.hidden) connect();
})();
