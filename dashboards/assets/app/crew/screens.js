// The screens, one decision each. `of` gives the elements of the one that an address names.
//
// Owns the look of the app; what happens lies in `crew.js`, what is so in `round.js`.

import { el, icon } from "../field/page.js";
import { house, reasons, weigh } from "./house.js";
import { byCard, byCode, isDone, nextAfter, progress } from "./round.js";
import { watch } from "./scan.js";
import { stream_label } from "./labels.js";

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
  const [screen, ...rest] = hash.slice(1).split("/").map(decodeURIComponent);
  const alone = { rounds, outbox, leave };
  if (alone[screen]) return alone[screen](app, ...rest);
  if (app.crew.session === "not_crew") return not_crew(app);
  if (!app.crew.round) return rounds(app);
  const with_round = { round, scan, house, reasons, weigh, report, close, menu };
  return (with_round[screen] ?? round)(app, ...rest);
}

const link = (app, hash, ...children) => el("a", { href: hash, class: "button" }, ...children);

// Says what a person must do before everything is well again; null: nothing.
export function banner({ words, crew, outbox, told }) {
  if (crew.session === "ended" || outbox.state === "sign_in") {
    return el("div", { class: "crew-note", role: "alert" },
      el("p", {}, words.get("session_ended_more")),
      el("a", { class: "button", href: "/sign-in?next=/crew" }, words.get("sign_in")));
  }
  if (outbox.state === "version" || (crew.edition && crew.edition !== told.edition)) {
    return el("div", { class: "crew-note", role: "alert" },
      el("p", {}, words.get("update_more")),
      el("button", { type: "button", onclick: () => location.reload() }, words.get("update")));
  }
  return null;
}

function not_crew({ words }) {
  return [el("h1", {}, words.get("not_crew")), el("p", {}, words.get("not_crew_more")), el("a", { class: "button", href: "/" }, words.get("home"))];
}

// ---- today's rounds

function rounds(app) {
  const { words, crew } = app;
  const list = el("div", { class: "crew-list" });
  const other = el("details", {}, el("summary", {}, words.get("other_round")));
  const head = [el("h1", {}, words.get("rounds")), el("p", { class: "quiet" }, words.get("rounds_more"))];
  let drawn = "";
  const draw = () => {
    const known = crew.rounds;
    // A list that is drawn anew under a thumb loses its tap.
    if (known && drawn === JSON.stringify(known)) return;
    drawn = known ? JSON.stringify(known) : "";
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
  const round = crew.round && link(app, "#round", words.get("back_to_round", { name: crew.round.round.name }));
  return [...head, round, list, other, foot(app)];
}

function round_card(app, row) {
  const { words } = app;
  const hours = row.start ? words.get("hours", { start: row.start, end: row.end }) : words.get("unscheduled");
  const state = row.closed ? words.get("round_closed") : row.opened ? words.get("round_opened") : row.current ? words.get("round_current") : "";
  return el("button", { type: "button", class: "crew-row", onclick: (event) => begin(app, row, event.currentTarget) },
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
  const count = el("p", { class: "crew-count" });
  const bar = el("progress", { max: 1, value: 0, "aria-hidden": "true" });
  const next = el("div");
  const list = el("div", { class: "crew-list", id: "houses" });
  let part = "left";
  const tabs = el("div", { class: "crew-tabs", role: "group" });
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
      ? [el("button", { type: "button", class: "crew-next", onclick: () => open(first.household) }, el("span", {}, words.get("next_house")), el("strong", {}, first.household))] : []));
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
    el("div", { class: "crew-head" },
      el("h1", {}, round.name), el("p", {}, stream_label(app, round.stream), ` · ${words.day(round.service_date)}`),
      el("a", { href: "#menu", class: "button second" }, words.get("menu"))),
    count, bar,
    el("div", { class: "crew-two" }, link(app, "#scan", icon("scan"), words.get("scan")), search),
    next, tabs, list,
  ];
}

function nothing(app, all, typed, part, open) {
  const { words } = app;
  if (typed) {
    return el("div", { class: "crew-note" }, el("p", {}, words.get("not_in_round", { code: typed })),
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
  return el("button", { type: "button", class: "crew-row", onclick: () => open(entry.household) }, el("strong", {}, entry.household), ...said);
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
  return [el("h1", {}, words.get("scan")), video, said, again, link(app, "#round", words.get("type_code"))];
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
    el("div", { class: "crew-list" }, kinds.map((kind) => el("button", { type: "button", class: "crew-big", onclick: () => send(kind) }, words.get(`report_${kind}`)))),
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
    el("button", { type: "button", class: "crew-big", onclick: shut }, words.get("close_now")),
    link(app, "#round", words.get("close_not")),
  ];
}

function menu(app) {
  const { words } = app;
  return [
    el("h1", {}, app.crew.round.round.name),
    el("div", { class: "crew-list" }, link(app, "#report", words.get("report_new_house")), link(app, "#outbox", words.get("outbox")),
      link(app, "#rounds", words.get("rounds")), link(app, "#close", words.get("close_round"))),
    foot(app),
  ];
}

function foot(app) {
  const { words, outbox } = app;
  const other = words.lang === "vi" ? "en" : "vi";
  const dark = document.documentElement.dataset.theme === "dark";
  return el("footer", { class: "crew-foot" },
    el("a", { href: `/crew?lang=${other}` }, words.get("other_language")),
    el("a", { href: `/crew?theme=${dark ? "light" : "dark"}` }, words.get(dark ? "to_light" : "to_dark")),
    el("a", { href: "/crew?plain=1" }, words.get("plain_pages")),
    outbox.account && el("span", {}, outbox.account),
    outbox.account && el("a", { href: "#leave" }, words.get("sign_out")));
}

// ---- the outbox, and signing out

function outbox(app) {
  const { words, told } = app;
  const list = el("div", { class: "crew-list" });
  const draw = () => {
    const order = { refused: 0, waiting: 1, sent: 2 };
    const items = [...app.items].sort((one, other) => order[one.state] - order[other.state] || other.number - one.number);
    list.replaceChildren(...(items.length ? items.map((item) => item_row(app, item, told.zone)) : [el("p", {}, words.get("outbox_empty"))]));
  };
  draw();
  app.follow = draw;
  const send = async (event) => {
    const button = event.currentTarget;
    button.setAttribute("aria-busy", "true");
    const met = await app.meet();
    button.removeAttribute("aria-busy");
    app.toast(words.get(met === "met" ? "sent_now" : "not_sent_now"));
  };
  return [el("h1", {}, words.get("outbox")), el("p", { class: "quiet" }, words.get("outbox_more")),
    el("button", { type: "button", id: "send", onclick: send }, words.get("send_now")), list];
}

function item_row(app, item, zone) {
  const { words, outbox } = app;
  const what = {
    pickup: () => words.get(`result_${item.body.result}`),
    void: () => words.get("undone"),
    photo: () => words.get("photo"),
    report: () => words.get(`report_${item.about.report}`),
    round: () => words.get(item.about.action === "open" ? "round_opened" : "round_closed"),
  }[item.about.kind]();
  const whose = item.about.household ?? item.about.name ?? "";
  const foreign = item.account !== outbox.account;
  const state = item.state === "waiting" && foreign ? words.get("waits_for", { name: item.account ?? "?" }) : words.get(`state_${item.state}`);
  const rows = [el("strong", {}, `${whose} ${what}`.trim()), el("span", {}, `${words.time(item.made_ms, zone)} · ${state}`)];
  const problem = item.reason ?? (item.state === "waiting" ? item.note : null);
  if (problem) rows.push(el("span", { class: "fault" }, said(words, problem)), el("small", { class: "quiet" }, words.get("server_said", { text: problem.detail })));
  if (item.state === "refused") {
    rows.push(el("span", {}, words.get("refused_more")), el("div", { class: "crew-two" },
      el("button", { type: "button", onclick: () => outbox.retry(item.id) }, words.get("send_again")),
      el("button", { type: "button", class: "second", onclick: () => outbox.forget([item.id]) }, words.get("forget"))));
  }
  if (item.state === "sent") rows.push(el("span", { class: "quiet" }, words.get("receipt", { id: item.id.slice(0, 8) })));
  return el("article", { class: `crew-item ${item.state}` }, ...rows);
}

// Says a problem in the reader's language; the server's own words, which name the value, stand beneath.
function said(words, problem) {
  const key = `problem_${problem.type.split(":").pop().replaceAll("-", "_")}`;
  return words.get(words.has(key) ? key : "problem_bad_value");
}

function leave(app) {
  const { words } = app;
  const left = app.items.filter((item) => item.state !== "sent").length;
  return [
    el("h1", {}, words.get("sign_out")),
    el("p", {}, left ? words.get("sign_out_refused", { n: words.whole(left) }) : words.get("sign_out_more")),
    left ? link(app, "#outbox", words.get("outbox")) : el("button", { type: "button", id: "sign-out", class: "crew-big", onclick: app.sign_out }, words.get("sign_out")),
    link(app, "#round", words.get("stay")),
  ];
}
