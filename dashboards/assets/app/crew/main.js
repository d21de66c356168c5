// The crew's app: starts the parts, shows the screen that the address names, and follows what changes.

import { Base } from "../field/base.js";
import { Clock } from "../field/clock.js";
import { Outbox } from "../field/outbox.js";
import { Words, el, icon } from "../field/page.js";
import { Crew } from "./crew.js";
import { entries } from "./round.js";
import * as screens from "./screens.js";

const NAME = "phanloai-crew";
const SCOPE = "/crew";
const UNDO_MS = 10_000;
const REFRESH_MS = 60_000;

const told = JSON.parse(document.getElementById("app").dataset.told);
const asked = new URL(location.href).searchParams;
const lang = asked.get("lang") ?? localStorage.getItem("lang") ?? document.documentElement.lang;
const words = new Words(told.words, lang);
const theme = asked.get("theme") ?? localStorage.getItem("theme");
if (asked.has("lang") || asked.has("theme")) {
  if (asked.has("lang")) localStorage.setItem("lang", words.lang);
  if (asked.has("theme")) localStorage.setItem("theme", theme);
  history.replaceState(null, "", SCOPE + location.hash);
}
if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;

const base = await Base.open(NAME);
const outbox = new Outbox(base);
const clock = new Clock(base);
const crew = new Crew(base, outbox, clock, () => words.get("undo_reason"));
await crew.load();

const app = {
  words,
  told,
  crew,
  outbox,
  items: await outbox.items(),
  // What was chosen for a house and not logged yet: weight, picture.
  draft: null,
  stop: null,
  // What a screen does when something has changed; set by the screen that is shown.
  follow: null,
  go(hash) { if (location.hash === hash) show(); else location.hash = hash; },
  entries() { return crew.round ? entries(crew.round, app.items) : []; },
  stream(code) { return told.streams.find((stream) => stream.code === code) ?? { code, vi: code, en: code, colour: null, icon: "box" }; },
  toast,
  meet,
  sign_out,
};

const bar = document.getElementById("sync");
const main = document.getElementById("screen");
const note = document.getElementById("toast");
// Beside the screen, so that it can change while somebody types.
const banner = main.parentElement.insertBefore(el("div", { class: "crew-screen crew-banner" }), main);
document.getElementById("back").addEventListener("click", () => app.go(screens.above(location.hash)));
bar.addEventListener("click", () => app.go("#outbox"));

let undo_timer = 0;
function toast(text, undo) {
  clearTimeout(undo_timer);
  const close = () => note.replaceChildren();
  const button = undo && el("button", { type: "button", onclick: async () => { close(); await undo(); } }, words.get("undo"));
  note.replaceChildren(el("p", {}, el("span", {}, text), button));
  undo_timer = setTimeout(close, UNDO_MS);
}

// Says in words how things stand between phone and server.
function show_bar() {
  const waiting = app.items.filter((item) => item.state === "waiting").length;
  const refused = app.items.filter((item) => item.state === "refused").length;
  const offline = !navigator.onLine || outbox.state === "away";
  const parts = [];
  if (waiting) parts.push(words.get("waiting", { n: words.whole(waiting) }));
  if (refused) parts.push(words.get("refused_count", { n: words.whole(refused) }));
  if (!parts.length) parts.push(words.get("all_sent"));
  const ended = crew.session === "ended" || outbox.state === "sign_in";
  if (ended) parts.push(words.get("session_ended"));
  else if (offline) parts.push(words.get("offline"));
  if (outbox.state === "version") parts.push(words.get("update_needed"));
  const state = refused || ended || outbox.state === "version" ? "care" : waiting || offline ? "wait" : "good";
  bar.className = `sync ${state}`;
  bar.replaceChildren(icon(state === "good" ? "s" : state === "care" ? "n" : "u"), el("span", {}, parts.join(" · ")));
  const told = screens.banner(app);
  banner.replaceChildren(...(told ? [told] : []));
  bar.setAttribute("aria-label", `${words.get("sync")}: ${parts.join(", ")}`);
}

let shown = "";
function show() {
  app.stop?.();
  app.stop = null;
  app.follow = null;
  const hash = location.hash || (crew.round ? "#round" : "#rounds");
  if (hash !== shown) scrollTo(0, 0);
  shown = hash;
  document.getElementById("back").hidden = screens.above(hash) === null;
  main.replaceChildren(...screens.of(hash, app).filter(Boolean));
  main.querySelector("h1")?.setAttribute("tabindex", "-1");
  show_bar();
}

addEventListener("hashchange", () => {
  show();
  main.querySelector("h1")?.focus({ preventScroll: true });
});

async function changed() {
  app.items = await outbox.items();
  show_bar();
  app.follow?.();
}
outbox.changed = changed;

let meeting = null;
// Meets the server and shows what is new. One at a time.
function meet() {
  meeting ??= (async () => {
    const session = crew.session;
    const account = outbox.account;
    const met = await crew.meet();
    if (met === "met") {
      if (crew.round) await crew.load_round(crew.round.round);
      else await crew.load_rounds();
      if (crew.edition !== told.edition) (await navigator.serviceWorker?.getRegistration(SCOPE))?.update().catch(() => {});
    }
    await changed();
    if (outbox.account !== account || (crew.session !== session && crew.session === "not_crew")) show();
    return met;
  })().finally(() => { meeting = null; });
  return meeting;
}

// Empties the phone. Never with work that has not arrived.
async function sign_out() {
  await meet();
  const left = (await outbox.items()).filter((item) => item.state !== "sent").length;
  if (left) {
    toast(words.get("sign_out_refused", { n: words.whole(left) }));
    app.go("#outbox");
    return;
  }
  try {
    await fetch("/sign-out", { method: "POST", credentials: "same-origin", redirect: "manual" });
  } catch {
    toast(words.get("sign_out_offline"));
    return;
  }
  await base.destroy();
  for (const name of await caches.keys()) await caches.delete(name);
  localStorage.clear();
  for (const registration of await navigator.serviceWorker.getRegistrations()) await registration.unregister();
  location.replace("/");
}

addEventListener("online", meet);
addEventListener("offline", show_bar);
document.addEventListener("visibilitychange", () => { if (!document.hidden) meet(); });
setInterval(() => { if (!document.hidden) meet(); }, REFRESH_MS);
// The other pages lead here to sign out (live.js).
localStorage.setItem("crew", "1");
// What is kept must not be cleared by a phone that is short of room.
navigator.storage?.persist?.().catch(() => {});
if (asked.has("leave")) history.replaceState(null, "", `${SCOPE}#leave`);

show();
document.documentElement.dataset.ready = "";
meet();
