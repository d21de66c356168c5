// One house: what was handed over. Two taps log a pickup: the house, the result.

import { stream_label } from "../field/labels.js";
import { el, icon } from "../field/page.js";
import { shrink } from "../field/photo.js";
import { path } from "../field/screens.js";
import { isDone } from "./round.js";

const RESULTS = [["separated", "s"], ["mixed", "n"], ["contaminated", "n"], ["refused", "n"]];
const REASONS = {
  mixed: ["reason_with_other", "reason_with_plastic", "reason_with_food"],
  contaminated: ["reason_hazardous", "reason_wet", "reason_liquid"],
  refused: ["reason_not_sorted", "reason_too_much", "reason_dangerous"],
};
const LOOK_MS = 3_000;
const MANUAL_G_MAX = 300_000;

function draft(app, household) {
  if (app.draft?.household !== household) app.draft = { household };
  return app.draft;
}

async function log(app, household, result, reason) {
  const { words, crew } = app;
  const { weight, manual_g, photo } = draft(app, household);
  const reading = weight && { device: weight.device, log: weight.log, seq: weight.seq };
  let id;
  try {
    id = await crew.log(household, { result, reason, manual_g, reading, photo: photo?.blob });
  } catch {
    navigator.vibrate?.([60, 60, 60]);
    app.toast(words.get("not_kept"));
    return;
  }
  app.draft = null;
  app.last = household;
  navigator.vibrate?.(60);
  app.toast(words.get("logged", { code: household, result: words.get(`result_${result}`) }), () => crew.undo(id, household));
  app.go("#round");
}

export function house(app, household) {
  const { words, crew, told } = app;
  const chosen = draft(app, household);
  const tap = (result) => REASONS[result] ? app.go(path("reasons", household, result)) : log(app, household, result);
  const before = el("div", { class: "field-list" });
  const draw = () => {
    const known = app.entries().find((entry) => entry.household === household);
    const note = known && isDone(known) ? [el("p", { class: "field-note" }, words.get("done_already"))] : [];
    before.replaceChildren(...note, ...(known?.done ?? []).map((done) => done_row(app, household, done, told.zone)));
  };
  draw();
  app.follow = draw;
  return [
    el("div", { class: "field-head" }, el("h1", { class: "field-code" }, household), el("p", {}, stream_label(app, crew.round.round.stream))),
    before,
    el("div", { class: "field-results" }, RESULTS.map(([result, mark]) =>
      el("button", { type: "button", class: `field-big ${mark}`, "data-result": result, onclick: () => tap(result) }, icon(mark), words.get(`result_${result}`)))),
    weight_part(app, household, chosen),
    photo_part(app, chosen),
    el("p", {}, el("a", { class: "button second", href: path("report", household) }, words.get("report"))),
  ];
}

function done_row(app, household, done, zone) {
  const { words, crew } = app;
  const result = done.source === "device" ? words.get("by_device") : words.get(`result_${done.result}`);
  const undo = done.own && el("button", {
    type: "button", class: "second",
    onclick: async () => { await crew.undo(done.pickup, household); navigator.vibrate?.(40); app.toast(words.get("undone_of", { code: household })); },
  }, words.get("undo"));
  return el("div", { class: "field-item" }, el("span", {}, `${words.time(done.at_ms, zone)} · ${result} · ${words.get(`state_${done.state}`)}`), undo);
}

// What lies on the scale now, or what was typed.
function weight_part(app, household, chosen) {
  const { words, crew } = app;
  const part = el("div", { class: "crew-weight" });
  let scale = null;
  let offered = null;
  const draw = () => {
    const mass_g = chosen.weight?.net_g ?? chosen.manual_g;
    if (mass_g) {
      const how = words.get(chosen.weight ? "weight_from_scale" : "weight_typed");
      part.replaceChildren(el("p", {}, `${words.get("weight")}: `, el("strong", {}, words.kilograms(mass_g)), ` ${how}`),
        el("button", { type: "button", class: "second", onclick: () => { delete chosen.weight; delete chosen.manual_g; draw(); } }, words.get("weight_drop")));
      return;
    }
    const take = offered && el("button", { type: "button", id: "take-weight", onclick: () => { chosen.weight = offered; draw(); } },
      words.get("weight_take", { mass: words.kilograms(offered.net_g), age: words.whole(Math.round(offered.age_ms / 1000)) }));
    const none = scale === true && !offered ? el("p", { class: "quiet" }, words.get("weight_none")) : null;
    part.replaceChildren(...[take, none, el("a", { class: "button second", href: path("weigh", household) }, words.get("weight_type"))].filter(Boolean));
  };
  const look = async () => {
    if (chosen.weight || chosen.manual_g || !navigator.onLine) return;
    const now = await crew.weight();
    if (!part.isConnected && scale !== null) return;
    [scale, offered] = [now.scale, now.weight];
    draw();
    // Where there is no scale there is nothing to follow.
    if (scale === false) clearInterval(timer);
  };
  const timer = setInterval(look, LOOK_MS);
  app.stop = () => clearInterval(timer);
  look();
  draw();
  return part;
}

function photo_part(app, chosen) {
  const { words } = app;
  const part = el("div", { class: "crew-photo" });
  const take = async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    try {
      chosen.photo = await shrink(file);
    } catch {
      app.toast(words.get("photo_bad"));
    }
    draw();
  };
  const draw = () => {
    if (chosen.photo) {
      chosen.photo.canvas.className = "crew-preview";
      chosen.photo.canvas.setAttribute("aria-label", words.get("photo"));
      part.replaceChildren(chosen.photo.canvas,
        el("button", { type: "button", class: "second", onclick: () => { delete chosen.photo; draw(); } }, words.get("photo_drop")));
      return;
    }
    part.replaceChildren(el("label", { class: "button second" }, words.get("photo_take"),
      el("input", { type: "file", accept: "image/*", capture: "environment", onchange: take })),
    el("p", { class: "quiet" }, words.get("photo_more")));
  };
  draw();
  return part;
}

export function reasons(app, household, result) {
  const { words } = app;
  const own = el("input", { id: "own-reason", maxlength: 500, autocomplete: "off" });
  return [
    el("h1", {}, `${household}: ${words.get(`result_${result}`)}`),
    el("p", {}, words.get("reason_why")),
    el("div", { class: "field-list" }, (REASONS[result] ?? []).map((key) =>
      el("button", { type: "button", class: "field-big", "data-reason": key, onclick: () => log(app, household, result, words.get(key)) }, words.get(key)))),
    el("label", {}, words.get("reason_other"), own),
    el("button", { type: "button", class: "field-big second", onclick: () => log(app, household, result, own.value.trim()) }, words.get("reason_log")),
  ];
}

// A weight typed by hand, in kilograms.
export function weigh(app, household) {
  const { words } = app;
  const chosen = draft(app, household);
  const typed = el("input", { id: "kilograms", inputmode: "decimal", autocomplete: "off", required: true });
  const submit = (event) => {
    event.preventDefault();
    const text = typed.value.trim().replace(",", ".");
    const mass_g = /^\d+(\.\d+)?$/.test(text) ? Math.round(Number(text) * 1000) : 0;
    if (mass_g < 1 || mass_g > MANUAL_G_MAX) { app.toast(words.get("weight_bad")); typed.focus(); return; }
    chosen.manual_g = mass_g;
    delete chosen.weight;
    app.go(path("house", household));
  };
  queueMicrotask(() => typed.focus());
  return [el("h1", {}, household),
    el("form", { class: "stack", onsubmit: submit }, el("label", {}, words.get("weight_kg"), typed),
      el("p", { class: "quiet" }, words.get("weight_typed_more")), el("button", { class: "field-big" }, words.get("weight_keep")))];
}
