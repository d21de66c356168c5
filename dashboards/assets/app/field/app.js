// Starts an app: its parts, the screen that the address names, and what follows when something changes.

import { Base } from "./base.js";
import { Clock } from "./clock.js";
import { Outbox } from "./outbox.js";
import { Words, el, icon } from "./page.js";
import { banner } from "./screens.js";

// Every app that this site gives out: who signs out leaves them all.
const APPS = ["crew", "visits"];
const UNDO_MS = 10_000;
const REFRESH_MS = 60_000;

const base_of = (name) => `phanloai-${name}`;

// Takes language and theme from the address, else as they were chosen before.
function choices(told, scope) {
  const asked = new URL(location.href).searchParams;
  const words = new Words(told.words, asked.get("lang") ?? localStorage.getItem("lang") ?? document.documentElement.lang);
  const theme = asked.get("theme") ?? localStorage.getItem("theme");
  if (asked.has("lang")) localStorage.setItem("lang", words.lang);
  if (asked.has("theme")) localStorage.setItem("theme", theme);
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
  if (asked.has("leave")) history.replaceState(null, "", `${scope}#leave`);
  else if (asked.has("lang") || asked.has("theme")) history.replaceState(null, "", scope + location.hash);
  return words;
}

// Starts the app `name`. Of its own it has: `work`, what is done with the server; `screens`, with `of`, `above` and `said`; `home`, the
// screen that it begins with; `refresh`, what it asks for after each meeting; `more`, what its screens use besides.
export async function start({ name, work: Kind, screens, home, refresh, more = () => ({}) }) {
  const scope = `/${name}`;
  const told = JSON.parse(document.getElementById("app").dataset.told);
  const words = choices(told, scope);
  const base = await Base.open(base_of(name));
  const outbox = new Outbox(base, base_of(name));
  const clock = new Clock(base);
  const work = new Kind({ base, outbox, clock, zone: told.zone, undo_reason: () => words.get("undo_reason") });
  await work.load();

  const app = {
    scope,
    words,
    told,
    screens,
    work,
    outbox,
    clock,
    items: await outbox.items(),
    // What was chosen on a screen and not stated yet.
    draft: null,
    // What ends with the screen that is shown.
    stop: null,
    // What a screen does when something has changed; set by the screen that is shown.
    follow: null,
    home: () => home(app),
    go(hash) { if (location.hash === hash) show(); else location.hash = hash; },
    stream(code) { return told.streams.find((stream) => stream.code === code) ?? { code, vi: code, en: code, colour: null, icon: "box" }; },
    toast,
    meet,
    sign_out: () => sign_out(app, base, name),
  };
  Object.assign(app, more(app));

  const bar = document.getElementById("sync");
  const main = document.getElementById("screen");
  const note = document.getElementById("toast");
  // Beside the screen, so that it can change while somebody types.
  const above = main.parentElement.insertBefore(el("div", { class: "field-screen field-banner" }), main);
  document.getElementById("back").addEventListener("click", () => app.go(screens.above(location.hash, app)));
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
    const ended = work.session === "ended" || outbox.state === "sign_in";
    if (ended) parts.push(words.get("session_ended"));
    else if (offline) parts.push(words.get("offline"));
    if (outbox.state === "version") parts.push(words.get("update_needed"));
    const state = refused || ended || outbox.state === "version" ? "care" : waiting || offline ? "wait" : "good";
    bar.className = `sync ${state}`;
    bar.replaceChildren(icon(state === "good" ? "s" : state === "care" ? "n" : "u"), el("span", {}, parts.join(" · ")));
    bar.setAttribute("aria-label", `${words.get("sync")}: ${parts.join(", ")}`);
    const told = banner(app);
    above.replaceChildren(...(told ? [told] : []));
  }

  let shown = "";
  function show() {
    app.stop?.();
    app.stop = null;
    app.follow = null;
    const hash = location.hash || app.home();
    if (hash !== shown) scrollTo(0, 0);
    shown = hash;
    document.getElementById("back").hidden = screens.above(hash, app) === null;
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
  let again = false;
  // Meets the server and shows what is new. One at a time; what was asked for meanwhile is one more at its end.
  function meet() {
    if (meeting) { again = true; return meeting; }
    meeting = (async () => {
      const session = work.session;
      const account = outbox.account;
      const met = await work.meet();
      if (met === "met") {
        await refresh(app);
        if (work.edition !== told.edition) (await navigator.serviceWorker?.getRegistration(scope))?.update().catch(() => {});
      }
      await changed();
      if (outbox.account !== account || (work.session !== session && work.session === "not_allowed")) show();
      return met;
    })().finally(() => {
      meeting = null;
      if (again) { again = false; meet(); }
    });
    return meeting;
  }

  addEventListener("online", meet);
  addEventListener("offline", show_bar);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) meet(); });
  setInterval(() => { if (!document.hidden) meet(); }, REFRESH_MS);
  // The other pages lead here to sign out (live.js).
  localStorage.setItem(name, "1");
  // What is kept must not be cleared by a phone that is short of room.
  navigator.storage?.persist?.().catch(() => {});

  show();
  document.documentElement.dataset.ready = "";
  meet();
}

// Opens what another app of this site keeps on the phone. Null: it keeps nothing.
async function other_base(name) {
  const known = (await indexedDB.databases?.()) ?? [];
  return known.some((one) => one.name === base_of(name)) ? Base.open(base_of(name)) : null;
}

// Empties the phone of every app of this site, since the session that ends is theirs, too. Never with work that has not arrived.
async function sign_out(app, base, name) {
  const { words, outbox } = app;
  await app.meet();
  const unsent = (items) => items.filter((item) => item.state !== "sent").length;
  const left = unsent(await outbox.items());
  if (left) {
    app.toast(words.get("sign_out_refused", { n: words.whole(left) }));
    app.go("#outbox");
    return;
  }
  const others = [];
  for (const other of APPS.filter((one) => one !== name)) {
    const kept = await other_base(other);
    if (!kept) continue;
    others.push(kept);
    if (unsent(await new Outbox(kept, base_of(other)).items())) {
      app.toast(words.get("sign_out_other"));
      location.assign(`/${other}#outbox`);
      return;
    }
  }
  try {
    await fetch("/sign-out", { method: "POST", credentials: "same-origin", redirect: "manual" });
  } catch {
    app.toast(words.get("sign_out_offline"));
    return;
  }
  for (const one of [base, ...others]) await one.destroy();
  for (const cache of await caches.keys()) await caches.delete(cache);
  localStorage.clear();
  for (const registration of await navigator.serviceWorker.getRegistrations()) await registration.unregister();
  location.replace("/");
}
