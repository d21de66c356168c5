// The screens, one decision each. `of` gives the elements of the one that an address names.
//
// Owns the look of the app; what happens lies in `crew.js`, what is so in `round.js`.

import { stream_label } from "../field/labels.js";
import { el, icon } from "../field/page.js";
import { changes, foot, leave, link, not_allowed, outbox, parts } from "../field/screens.js";
import { house, reasons, weigh } from "./house.js";
import { byCard, byCode, isDone, nextAfter, progress } from "./round.js";
import { watch } from "./scan.js";

// Gives where "back" leads from a screen; null: nowhere.
export function above(hash) {
  const [screen, code] = hash.slice(1).split("/");
  switch (screen) {
    case "": case "rounds": case "round": return null;
    case "house": case "scan": case "close": case "menu": case "outbox": return "#round";
    case "reasons": case "weigh": return `#house/${code}`;
    case "report": return code ? `#house/${code}` : "#round";
    default: return "#round";
  }
}

export function of(hash, app) {
  const [screen, ...rest] = parts(hash);
  const alone = { rounds, outbox, leave };
  if (alone[screen]) return alone[screen](app, ...rest);
  if (app.crew.session === "not_allowed") return not_allowed(app);
  if (!app.crew.round) return rounds(app);
  const with_round = { round, scan, house, reasons, weigh, report, close, menu };
  return (with_round[screen] ?? round)(app, ...rest);
}

// Says what an item of the outbox states.
export function said({ words }, item) {
  const what = {
    pickup: () => words.get(`result_${item.body.result}`),
    void: () => words.get("undone"),
    photo: () => words.get("photo"),
    report: () => words.get(`report_${item.about.report}`),
    round: () => words.get(item.about.action === "open" ? "round_opened" : "round_closed"),
  }[item.about.kind]();
  return `${item.about.household ?? item.about.name ?? ""} ${what}`.trim();
}

// ---- today's rounds

function rounds(app) {
  const { words, crew } = app;
  const list = el("div", { class: "field-list" });
  const other = el("details", {}, el("summary", {}, words.get("other_round")));
  const head = [el("h1", {}, words.get("rounds")), el("p", { class: "quiet" }, words.get("rounds_more"))];
  const is_new = changes();
  const draw = () => {
    const known = crew.rounds;
    if (!is_new(known) && known) return;
    if (!known) {
      const waits = crew.session === "unknown" && navigator.onLine;
      list.replaceChildren(el("p", { role: "status" }, words.get(waits ? "loading" : "rounds_need_signal")));
      return;
    }
    const rows = known.rows.map((row) => round_card(app, row));
    list.replaceChildren(...(rows.length ? rows : [el("p", {}, words.get("rounds_none"))]));
    if (!other.open) other.replaceChildren(el("summary", {}, words.get("other_round")), other_form(app, known));
  };
  draw();
  app.follow = draw;
  if (crew.rounds && crew.session === "open") crew.load_rounds().then(() => app.follow === draw && draw());
  const round = crew.round && link("#round", words.get("back_to_round", { name: crew.round.round.name }));
  return [...head, round, list, other, foot(app)];
}

function round_card(app, row) {
  const { words } = app;
  const hours = row.start ? words.get("hours", { start: row.start, end: row.end }) : words.get("unscheduled");
  const state = row.closed ? words.get("round_closed") : row.opened ? words.get("round_opened") : row.current ? words.get("round_current") : "";
  return el("button", { type: "button", class: "field-row", onclick: (event) => begin(app, row, event.currentTarget) },
    el("strong", {}, row.name),
    el("span", {}, stream_label(app, row.stream), ` · ${hours} · ${words.get("households", { n: words.whole(row.households) })}`),
    state && el("em", {}, state));
}

async function begin(app, row, button) {
  const { words, crew } = app;
  button?.setAttribute("aria-busy", "true");
  const loaded = await crew.load_round(row);
  button?.removeAttribute("aria-busy");
  if (loaded !== "answer") {
    app.toast(words.get("houses_need_signal"));
    return;
  }
  if (!row.opened || row.closed) await crew.open_round({ ...row, name: crew.round.round.name });
  navigator.vibrate?.(40);
  app.go("#round");
}

function other_form(app, known) {
  const { words, told } = app;
  const places = el("datalist", { id: "places" }, known.places.map((place) => el("option", { value: place.place }, place.name)));
  const place = el("input", { name: "place", list: "places", required: true, autocomplete: "off", enterkeyhint: "next" });
  const stream = el("select", { name: "stream" }, told.streams.map((stream) => el("option", { value: stream.code }, stream[words.lang])));
  const submit = (event) => {
    event.preventDefault();
    const typed = place.value.trim();
    const found = known.places.find((one) => one.place === typed || one.name.toLowerCase() === typed.toLowerCase());
    if (!found) { app.toast(words.get("no_such_place", { place: typed })); return; }
    begin(app, { place: found.place, name: found.name, stream: stream.value, service_date: known.service_date, opened: false }, null);
  };
  return el("form", { class: "stack", onsubmit: submit },
    el("label", {}, words.get("place"), place, places), el("label", {}, words.get("stream"), stream),
    el("button", {}, words.get("open_round")));
}

// ---- the round

const ROWS = 150;

function round(app) {
  const { words, crew } = app;
  const { round } = crew.round;
  const search = el("input", {
    type: "search", id: "code", autocomplete: "off", autocapitalize: "characters", spellcheck: "false", enterkeyhint: "search",
    "aria-label": words.get("code"), placeholder: words.get("code_hint"),
  });
  const count = el("p", { class: "field-count" });
  const bar = el("progress", { max: 1, value: 0, "aria-hidden": "true" });
  const next = el("div");
  const list = el("div", { class: "field-list", id: "houses" });
  let part = "left";
  const tabs = el("div", { class: "field-tabs", role: "group" });
  const open = (household) => { app.draft = null; app.go(`#house/${encodeURIComponent(household)}`); };
  const draw = () => {
    const all = app.entries();
    const { done, all: whole } = progress(all);
    count.replaceChildren(el("strong", {}, words.whole(done)), ` / ${words.get("households", { n: words.whole(whole) })}`);
    bar.max = Math.max(1, whole);
    bar.value = done;
    const left = all.filter((entry) => entry.listed && !isDone(entry));
    const finished = all.filter(isDone);
    tabs.replaceChildren(...[["left", left], ["done", finished]].map(([name, rows]) => el("button", {
      type: "button", "aria-pressed": String(part === name), onclick: () => { part = name; draw(); },
    }, words.get(`tab_${name}`, { n: words.whole(rows.length) }))));
    const found = byCode(all, search.value);
    const rows = search.value.trim() ? found : part === "left" ? left : finished;
    const first = nextAfter(all, app.last) ?? left[0];
    next.replaceChildren(...(first && !search.value.trim()
      ? [el("button", { type: "button", class: "field-next", onclick: () => open(first.household) }, el("span", {}, words.get("next_house")), el("strong", {}, first.household))] : []));
    list.replaceChildren(...rows.slice(0, ROWS).map((entry) => house_row(app, entry, open)));
    if (!rows.length) list.append(nothing(app, all, search.value.trim(), part, open));
  };
  search.addEventListener("input", draw);
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    const [only, more] = byCode(app.entries(), search.value);
    if (only && !more) open(only.household);
  });
  app.follow = draw;
  draw();
  return [
    el("div", { class: "field-head" },
      el("h1", {}, round.name), el("p", {}, stream_label(app, round.stream), ` · ${words.day(round.service_date)}`),
      el("a", { href: "#menu", class: "button second" }, words.get("menu"))),
    count, bar,
    el("div", { class: "field-two" }, link("#scan", icon("scan"), words.get("scan")), search),
    next, tabs, list,
  ];
}

function nothing(app, all, typed, part, open) {
  const { words } = app;
  if (typed) {
    return el("div", { class: "field-note" }, el("p", {}, words.get("not_in_round", { code: typed })),
      el("button", { type: "button", onclick: () => open(typed.toUpperCase()) }, words.get("log_anyway", { code: typed.toUpperCase() })));
  }
  if (!all.length) return el("p", {}, words.get("round_empty"));
  return el("p", {}, words.get(part === "left" ? "all_done" : "none_done"));
}

function house_row(app, entry, open) {
  const { words, told } = app;
  const said = entry.done.map((done) => {
    const result = done.source === "device" ? words.get("by_device") : words.get(`result_${done.result}`);
    const state = done.state === "waiting" ? ` · ${words.get("state_waiting")}` : done.state === "refused" ? ` · ${words.get("state_refused")}` : "";
    return el("span", { class: done.state === "refused" ? "fault" : "" }, `${words.time(done.at_ms, told.zone)} ${result}${state}`);
  });
  return el("button", { type: "button", class: "field-row", onclick: () => open(entry.household) }, el("strong", {}, entry.household), ...said);
}

// ---- the camera

function scan(app) {
  const { words } = app;
  const video = el("video", { playsinline: true, muted: true, class: "crew-camera" });
  const said = el("p", { role: "status" }, words.get("scan_more"));
  const again = el("div");
  const start = async () => {
    again.replaceChildren();
    try {
      const stop = await watch(video, found);
      if (app.stop === leave) stops.push(stop); else stop();
    } catch {
      said.textContent = words.get("no_camera");
    }
  };
  const stops = [];
  const leave = () => stops.forEach((stop) => stop());
  const found = (text) => {
    const entry = byCard(app.entries(), text) ?? byCode(app.entries(), text.trim()).find((entry) => entry.household === text.trim());
    if (entry) {
      navigator.vibrate?.(40);
      app.draft = null;
      app.go(`#house/${encodeURIComponent(entry.household)}`);
      return;
    }
    navigator.vibrate?.([60, 60, 60]);
    said.textContent = words.get("unknown_card");
    again.replaceChildren(el("button", { type: "button", onclick: start }, words.get("scan_again")));
  };
  app.stop = leave;
  // What scans for tests and for readers that type.
  app.scanned = found;
  start();
  return [el("h1", {}, words.get("scan")), video, said, again, link("#round", words.get("type_code"))];
}

// ---- report, close, menu

function report(app, household) {
  const { words, crew } = app;
  const kinds = household ? ["lost_tag", "empty_house", "missed_stop"] : ["new_house"];
  const note = el("textarea", { id: "note", rows: 3, maxlength: 500 });
  const send = async (kind) => {
    const text = note.value.trim();
    if (kind === "new_house" && !text) { app.toast(words.get("note_needed")); note.focus(); return; }
    await crew.report(kind, household, text);
    navigator.vibrate?.(60);
    app.toast(words.get("reported"));
    app.go("#round");
  };
  return [
    el("h1", {}, household ? words.get("report_of", { code: household }) : words.get("report_new_house")),
    el("label", {}, words.get(household ? "note" : "note_where"), note),
    el("div", { class: "field-list" }, kinds.map((kind) => el("button", { type: "button", class: "field-big", onclick: () => send(kind) }, words.get(`report_${kind}`)))),
  ];
}

function close(app) {
  const { words, crew } = app;
  const { done, all } = progress(app.entries());
  const shut = async () => {
    await crew.close_round();
    navigator.vibrate?.(60);
    app.last = undefined;
    app.go("#rounds");
  };
  return [
    el("h1", {}, words.get("close_round")),
    el("p", {}, all - done > 0 ? words.get("close_left", { n: words.whole(all - done) }) : words.get("all_done")),
    el("p", {}, words.get("close_more")),
    el("button", { type: "button", class: "field-big", onclick: shut }, words.get("close_now")),
    link("#round", words.get("close_not")),
  ];
}

function menu(app) {
  const { words } = app;
  return [
    el("h1", {}, app.crew.round.round.name),
    el("div", { class: "field-list" }, link("#report", words.get("report_new_house")), link("#outbox", words.get("outbox")),
      link("#rounds", words.get("rounds")), link("#close", words.get("close_round"))),
    foot(app),
  ];
}
