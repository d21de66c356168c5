// One household: what to look at, and one question a stream. An answer is a tap, the last one records the visit.

import { stream_label } from "../field/labels.js";
import { el, icon } from "../field/page.js";
import { path } from "../field/screens.js";
import { blank } from "./list.js";
import * as tell from "./tell.js";

const buzz = (pattern) => navigator.vibrate?.(pattern);

// Gives a household's entry; one that is not on the list has nothing known.
export function entry_of(app, household) {
  const known = app.entries().find((entry) => entry.household === household);
  return known ?? blank(household);
}

const required = (app) => app.told.streams.filter((stream) => stream.required);

async function recorded(app, household, state) {
  const { words, visitor } = app;
  let id;
  try {
    id = await state();
  } catch {
    buzz([60, 60, 60]);
    app.toast(words.get("not_kept"));
    return;
  }
  app.draft = null;
  // Who was searched for is done; the list is whole again.
  if (app.view) app.view.typed = "";
  buzz(60);
  const entry = entry_of(app, household);
  const said = entry.done.find((one) => one.id === id);
  app.toast(words.get("recorded", { who: tell.who(entry), what: said ? tell.done(app, said) : "" }), () => visitor.undo(id, household));
  app.go("#list");
}

// Records an attempt, once however often it is tapped.
function attempt(app, household, outcome) {
  if (app.draft?.recording) return;
  app.draft = { household, recording: true };
  recorded(app, household, () => app.visitor.attempt(household, outcome)).finally(() => { app.draft = null; });
}

export function house(app, household) {
  const { words } = app;
  const before = el("div", { class: "field-list" });
  const draw = () => {
    const entry = entry_of(app, household);
    const note = entry.done.some((one) => one.state !== "refused") ? [el("p", { class: "field-note" }, words.get("done_already"))] : [];
    before.replaceChildren(...note, ...entry.done.map((one) => done_row(app, household, one)));
  };
  draw();
  app.follow = draw;
  const entry = entry_of(app, household);
  const begin = () => { app.draft = { household, answers: [] }; app.go(path("ask", household, "0")); };
  return [
    el("div", {}, el("h1", {}, tell.who(entry)), entry.address && el("p", { class: "field-at" }, entry.address)),
    el("p", { class: `field-why ${mark_of(entry)}` }, why_icon(entry), el("span", {}, tell.why(app, entry)), entry.head_name && el("span", { class: "quiet" }, entry.household)),
    el("div", { class: "field-look" }, el("h2", {}, words.get("look_at")), el("ul", {}, tell.look(app, entry).map((line) => el("li", {}, line)))),
    ...tell.known(app, entry).map((line) => el("p", { class: "quiet" }, line)),
    before,
    el("div", { class: "field-results" },
      el("button", { type: "button", class: "field-big", id: "record", onclick: begin }, words.get("record")),
      el("button", { type: "button", class: "field-big u", "data-outcome": "away", onclick: () => attempt(app, household, "away") }, icon("u"), words.get("away")),
      el("a", { class: "button second", href: path("unseen", household) }, words.get("not_seen"))),
  ];
}

export const mark_of = (entry) => (entry.why in tell.mark ? tell.mark[entry.why] ?? "" : "u");

export function why_icon(entry) {
  const name = mark_of(entry);
  return name && icon(name);
}

function done_row(app, household, one) {
  const { words, visitor } = app;
  const undo = one.own && el("button", {
    type: "button", class: "second",
    onclick: async () => { await visitor.undo(one.id, household); buzz(40); app.toast(words.get("undone_of", { code: tell.who(entry_of(app, household)) })); },
  }, words.get("undo"));
  const by = one.by && one.by !== app.outbox.account ? ` · ${one.by}` : "";
  return el("div", { class: `field-item ${one.state}` },
    el("span", {}, `${tell.when(app, one)} · ${tell.done(app, one)}${by} · ${words.get(`state_${one.state}`)}`), undo);
}

// ---- the questions

function answer(app, household, at, of) {
  const { words, visitor } = app;
  const streams = required(app);
  if (app.draft?.household !== household) app.draft = { household, answers: [] };
  if (app.draft.recording) return;
  app.draft.answers[at] = of && { stream: streams[at].code, ...of };
  if (at + 1 < streams.length) { app.go(path("ask", household, String(at + 1))); return; }
  const said = app.draft.answers.filter(Boolean);
  if (!said.length) {
    app.draft = null;
    app.toast(words.get("nothing_said"));
    app.go(path("house", household));
    return;
  }
  app.draft.recording = true;
  recorded(app, household, () => visitor.visit(household, said)).finally(() => { app.draft = null; });
}

function head(app, household, at, question) {
  const { words } = app;
  const streams = required(app);
  const entry = entry_of(app, household);
  return [
    el("p", { class: "quiet" }, `${tell.who(entry)}${entry.address ? ` · ${entry.address}` : ""}`),
    el("h1", {}, question),
    el("p", {}, stream_label(app, streams[at].code), streams.length > 1 && ` · ${words.get("step", { n: words.whole(at + 1), all: words.whole(streams.length) })}`),
  ];
}

const choice = (words, mark, text, of, onclick) =>
  el("button", { type: "button", class: `field-big ${mark ?? "second"}`, "data-answer": of, onclick }, mark && icon(mark), text);

// One stream: what was seen. After the last one the visit is recorded.
export function ask(app, household, step) {
  const { words } = app;
  const at = Number(step);
  const stream = required(app)[at];
  if (!stream) return house(app, household);
  const declared = entry_of(app, household).declared.filter((one) => one.stream === stream.code);
  const saw = (pathway) => choice(words, "s", words.get("saw", { pathway: words.get(`pathway_${pathway}`) }), `sorting:${pathway}`,
    () => answer(app, household, at, { found: "sorting", pathway }));
  return [
    ...head(app, household, at, words.get("ask", { stream: stream[words.lang] })),
    ...declared.map((one) => el("p", { class: "field-hint" },
      words.get("look_declared", { stream: stream[words.lang], pathway: words.get(`pathway_${one.pathway}`) }))),
    el("div", { class: "field-results field-answers" },
      stream.pathways.map(saw),
      choice(words, "s", words.get("saw_apart"), "sorting", () => answer(app, household, at, { found: "sorting" })),
      choice(words, "u", words.get("said"), "declared", () => app.go(path("said", household, step))),
      choice(words, "n", words.get("not_sorted"), "not_sorting", () => answer(app, household, at, { found: "not_sorting" })),
      choice(words, null, words.get("skip"), "skip", () => answer(app, household, at, null))),
  ];
}

// Which pathway the household speaks of.
export function said(app, household, step) {
  const { words } = app;
  const at = Number(step);
  const stream = required(app)[at];
  if (!stream) return house(app, household);
  return [
    ...head(app, household, at, words.get("said_ask", { stream: stream[words.lang] })),
    el("div", { class: "field-results field-answers" }, stream.pathways.map((pathway) =>
      choice(words, "u", words.get("found_said", { pathway: words.get(`pathway_${pathway}`) }), `declared:${pathway}`,
        () => answer(app, household, at, { found: "declared", pathway })))),
  ];
}

// Why nothing was seen, beside "nobody at home".
export function unseen(app, household) {
  const { words } = app;
  return [
    el("h1", {}, `${tell.who(entry_of(app, household))}: ${words.get("not_seen")}`),
    el("p", {}, words.get("not_seen_more")),
    el("div", { class: "field-results field-answers" }, ["away", "declined", "vacant"].map((outcome) =>
      el("button", { type: "button", class: "field-big u", "data-outcome": outcome, onclick: () => attempt(app, household, outcome) }, icon("u"), words.get(outcome)))),
    el("p", { class: "quiet" }, words.get("vacant_more")),
  ];
}
