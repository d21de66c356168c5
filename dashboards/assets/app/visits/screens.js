// The screens, one decision each. `of` gives the elements of the one that an address names.
//
// Owns the look of the app; what happens lies in `visitor.js`, what is so in `list.js`, how it is said in `tell.js`.

import { mondayOf } from "../field/clock.js";
import { el } from "../field/page.js";
import { changes, foot, leave, link, not_allowed, outbox, parts, path } from "../field/screens.js";
import { ask, house, mark_of, said as said_ask, unseen, why_icon } from "./house.js";
import { partOf, progress, search, visited } from "./list.js";
import * as tell from "./tell.js";

const ROWS = 150;

// Gives where "back" leads from a screen; null: nowhere.
export function above(hash, app) {
  const [screen, household, step] = parts(hash);
  switch (screen) {
    case "": case "list": return null;
    case "areas": return app.visitor.list ? "#list" : null;
    case "ask": return step === "0" ? path("house", household) : path("ask", household, String(Number(step) - 1));
    case "said": return path("ask", household, step);
    case "unseen": return path("house", household);
    default: return app.home();
  }
}

export function of(hash, app) {
  const [screen, ...rest] = parts(hash);
  const alone = { areas, outbox, leave };
  if (app.visitor.session === "not_allowed" && !["outbox", "leave"].includes(screen)) return not_allowed(app);
  if (alone[screen]) return alone[screen](app, ...rest);
  if (!app.visitor.list) return areas(app);
  const with_list = { list, house, ask, said: said_ask, unseen, menu };
  return (with_list[screen] ?? list)(app, ...rest);
}

// Says what an item of the outbox states.
export function said(app, { about, body }) {
  const known = app.entries().find((entry) => entry.household === about.household);
  const whom = known?.head_name ? `${known.head_name} (${about.household})` : about.household;
  const what = {
    visit: () => body.streams.map((one) => tell.found(app, one)).join("; "),
    attempt: () => app.words.get(body.outcome),
    void: () => app.words.get("undone"),
  }[about.kind]();
  return `${whom}: ${what}`;
}

// ---- the hamlets

function areas(app) {
  const { words, visitor } = app;
  const list = el("div", { class: "field-list" });
  const expired = el("div");
  const is_new = changes();
  const draw = () => {
    if (visitor.list && visitor.areas?.length === 1) { app.go("#list"); return; }
    expired.replaceChildren(...(visitor.expired ? [el("p", { class: "field-note" }, words.get("expired"))] : []));
    const known = visitor.areas;
    if (!is_new(known) && known) return;
    if (!known) {
      const waits = visitor.session === "unknown" && navigator.onLine;
      list.replaceChildren(el("p", { role: "status" }, words.get(waits ? "loading" : "need_signal")));
      return;
    }
    list.replaceChildren(...(known.length ? known.map((one) => area_row(app, one)) : [el("p", {}, words.get("areas_none"))]));
  };
  draw();
  app.follow = draw;
  return [el("h1", {}, words.get("areas")), el("p", { class: "quiet" }, words.get("areas_more")), expired, list, foot(app)];
}

function area_row(app, { area, name }) {
  const { words, visitor } = app;
  const load = async (event) => {
    const button = event.currentTarget;
    button.setAttribute("aria-busy", "true");
    const loaded = await visitor.load_list(area);
    button.removeAttribute("aria-busy");
    if (loaded !== "answer") { app.toast(words.get("need_signal")); return; }
    app.go("#list");
  };
  return el("button", { type: "button", class: "field-row", "data-area": area, onclick: load }, el("strong", {}, name));
}

// ---- the list

const WHYS = ["not_sorting", "only_other", "only_declared", "one_stream_missing", "no_pickup", "not_observable", "running_out"];

function list(app) {
  const { words, visitor, told } = app;
  app.draft = null;
  const view = (app.view ??= { part: "left", typed: "", why: "" });
  const typed = el("input", {
    type: "search", id: "search", autocomplete: "off", spellcheck: "false", enterkeyhint: "search", value: view.typed,
    "aria-label": words.get("search"), placeholder: words.get("search_short"),
  });
  const count = el("p", { class: "field-count" });
  const bar = el("progress", { max: 1, value: 0, "aria-hidden": "true" });
  const counts = el("p", { class: "quiet" });
  const next = el("div");
  const tabs = el("div", { class: "field-tabs", role: "group" });
  const rows = el("div", { class: "field-list", id: "houses" });
  const filter = el("select", { id: "why", "aria-label": words.get("filter_why") });
  const open = (household) => app.go(path("house", household));
  let offered = null;
  const draw = () => {
    const all = app.entries();
    const { done, all: whole } = progress(all);
    count.replaceChildren(el("strong", {}, words.whole(done)), ` / ${words.get("households", { n: words.whole(whole) })}`);
    bar.max = Math.max(1, whole);
    bar.value = done;
    const today = visitor.today();
    const went = visited(visitor.list, app.items, { today, monday: mondayOf(today) });
    const fresh = all.filter((entry) => !entry.listed && entry.why !== "visited").length;
    counts.textContent = [words.get("visited", { today: words.whole(went.today), week: words.whole(went.week) }),
      fresh && words.get("new_ones", { n: words.whole(fresh) })].filter(Boolean).join(" · ");
    const there = WHYS.filter((why) => all.some((entry) => entry.why === why));
    // Choices that are drawn anew close under a thumb.
    if (offered !== there.join()) {
      offered = there.join();
      filter.replaceChildren(el("option", { value: "" }, words.get("filter_all")),
        ...there.map((why) => el("option", { value: why, selected: view.why === why }, words.get(`why_${why}`))));
    }
    const found = search(all, view.typed, view.why);
    const of = group(found);
    tabs.replaceChildren(...["left", "tried", "done"].map((name) => el("button", {
      type: "button", "aria-pressed": String(view.part === name), "data-part": name, onclick: () => { view.part = name; draw(); },
    }, words.get(`tab_${name}`, { n: words.whole(of[name]?.length ?? 0) }))));
    // What is searched for is found wherever it is.
    const shown = view.typed.trim() ? found : of[view.part] ?? [];
    const first = of.left?.[0];
    next.replaceChildren(...(first && !view.typed.trim()
      ? [el("button", { type: "button", class: "field-next", onclick: () => open(first.household) }, el("span", {}, words.get("next_house")), el("strong", {}, tell.who(first)))] : []));
    rows.replaceChildren(...shown.slice(0, ROWS).map((entry) => house_row(app, entry, open)));
    if (!shown.length) rows.append(nothing(app, all, view, open));
  };
  typed.addEventListener("input", () => { view.typed = typed.value; draw(); });
  filter.addEventListener("change", () => { view.why = filter.value; draw(); });
  app.follow = draw;
  draw();
  const { name, since, now_ms } = visitor.list;
  const as_of = words.get("list_of", { time: words.time(now_ms, told.zone), day: words.date(now_ms, told.zone) });
  return [
    el("div", { class: "field-head" }, el("h1", {}, name), el("p", {}, words.get("since", { day: words.day(since) })),
      el("a", { href: "#menu", class: "button second" }, words.get("menu"))),
    count, bar, counts, next, el("div", { class: "field-two" }, typed, filter), tabs, rows, el("p", { class: "quiet" }, as_of),
  ];
}

function group(entries) {
  const of = {};
  for (const entry of entries) (of[partOf(entry)] ??= []).push(entry);
  return of;
}

function nothing(app, all, view, open) {
  const { words } = app;
  const code = view.typed.trim().toUpperCase();
  if (code && !view.why) {
    return el("div", { class: "field-note" }, el("p", {}, words.get("not_in_list", { code: view.typed.trim() })),
      /\d/.test(code) && el("button", { type: "button", onclick: () => open(code) }, words.get("record_anyway", { code })));
  }
  if (code || view.why) return el("p", {}, words.get("list_no_match"));
  if (!all.length) return el("p", {}, words.get("list_none"));
  return el("p", {}, words.get({ left: "all_done", tried: "none_tried", done: "none_done" }[view.part]));
}

function house_row(app, entry, open) {
  const { words } = app;
  const done = entry.done.map((one) => {
    const state = one.state === "waiting" || one.state === "refused" ? ` · ${words.get(`state_${one.state}`)}` : "";
    return el("span", { class: one.state === "refused" ? "fault" : "" }, `${tell.when(app, one)} ${tell.done(app, one)}${state}`);
  });
  const at = [entry.address, entry.head_name && entry.household].filter(Boolean).join(" · ");
  return el("button", { type: "button", class: "field-row", "data-household": entry.household, onclick: () => open(entry.household) },
    el("strong", {}, tell.who(entry)), at && el("span", {}, at),
    el("span", { class: `field-why ${mark_of(entry)}` }, why_icon(entry), tell.why(app, entry)), ...done);
}

// ---- the menu

function menu(app) {
  const { words, visitor } = app;
  const reload = async (event) => {
    const button = event?.currentTarget;
    button?.setAttribute("aria-busy", "true");
    const loaded = await visitor.load_list(visitor.list.area);
    button?.removeAttribute("aria-busy");
    app.toast(words.get(loaded === "answer" ? "reloaded" : "need_signal"));
    if (loaded === "answer") app.go("#list");
  };
  const stretch = el("select", { id: "stretch" }, ["today", "week", "month"].map((one) =>
    el("option", { value: one, selected: (visitor.stretch ?? "week") === one }, words.get(`since_${one}`))));
  stretch.addEventListener("change", async () => { await visitor.keep("stretch", stretch.value); await reload(); });
  const drop = async () => {
    await visitor.drop_list();
    app.toast(words.get("list_dropped"));
    app.go("#areas");
  };
  return [
    el("h1", {}, visitor.list.name),
    el("label", {}, words.get("since_field"), stretch),
    el("div", { class: "field-list" },
      el("button", { type: "button", id: "reload", onclick: reload }, words.get("reload")),
      link("#outbox", words.get("outbox")),
      (visitor.areas?.length ?? 0) > 1 && link("#areas", words.get("change_area")),
      el("button", { type: "button", id: "drop", class: "second", onclick: drop }, words.get("drop_list"))),
    el("p", { class: "quiet" }, words.get("kept_more")),
    foot(app),
  ];
}
