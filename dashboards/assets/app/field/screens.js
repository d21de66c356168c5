// The screens that every app has: what was stated, signing out, the foot; and what is said above all of them.

import { el } from "./page.js";

export const link = (hash, ...children) => el("a", { href: hash, class: "button" }, ...children);

// Writes the address of a screen.
export const path = (screen, ...parts) => `#${[screen, ...parts.map(encodeURIComponent)].join("/")}`;

// Reads the address of a screen: its name and its parts.
export const parts = (hash) => hash.slice(1).split("/").map(decodeURIComponent);

// Gives what tells whether a value is another than the last: a list that is drawn anew under a thumb loses its tap.
export function changes() {
  let last;
  return (value) => {
    const now = JSON.stringify(value);
    const other = now !== last;
    last = now;
    return other;
  };
}

// Says what a person must do before everything is well again; null: nothing.
export function banner({ words, work, outbox, told, scope }) {
  if (work.session === "ended" || outbox.state === "sign_in") {
    return el("div", { class: "field-note", role: "alert" },
      el("p", {}, words.get("session_ended_more")),
      el("a", { class: "button", href: `/sign-in?next=${scope}` }, words.get("sign_in")));
  }
  if (outbox.state === "version" || (work.edition && work.edition !== told.edition)) {
    return el("div", { class: "field-note", role: "alert" },
      el("p", {}, words.get("update_more")),
      el("button", { type: "button", onclick: () => location.reload() }, words.get("update")));
  }
  return null;
}

export function not_allowed({ words }) {
  return [el("h1", {}, words.get("not_allowed")), el("p", {}, words.get("not_allowed_more")), el("a", { class: "button", href: "/" }, words.get("home"))];
}

export function foot({ words, outbox, scope }) {
  const other = words.lang === "vi" ? "en" : "vi";
  const dark = document.documentElement.dataset.theme === "dark";
  return el("footer", { class: "field-foot" },
    el("a", { href: `${scope}?lang=${other}` }, words.get("other_language")),
    el("a", { href: `${scope}?theme=${dark ? "light" : "dark"}` }, words.get(dark ? "to_light" : "to_dark")),
    el("a", { href: `${scope}?plain=1` }, words.get("plain_pages")),
    outbox.account && el("span", {}, outbox.account),
    outbox.account && el("a", { href: "#leave" }, words.get("sign_out")));
}

// ---- the outbox, and signing out

export function outbox(app) {
  const { words, told } = app;
  const list = el("div", { class: "field-list" });
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
  const { words, outbox, screens } = app;
  const foreign = item.account !== outbox.account;
  const state = item.state === "waiting" && foreign ? words.get("waits_for", { name: item.account ?? "?" }) : words.get(`state_${item.state}`);
  const rows = [el("strong", {}, screens.said(app, item)), el("span", {}, `${words.time(item.made_ms, zone)} · ${state}`)];
  const problem = item.reason ?? (item.state === "waiting" ? item.note : null);
  if (problem) rows.push(el("span", { class: "fault" }, problem_words(words, problem)), el("small", { class: "quiet" }, words.get("server_said", { text: problem.detail })));
  if (item.state === "refused") {
    rows.push(el("span", {}, words.get("refused_more")), el("div", { class: "field-two" },
      el("button", { type: "button", onclick: () => outbox.retry(item.id) }, words.get("send_again")),
      el("button", { type: "button", class: "second", onclick: () => outbox.forget([item.id]) }, words.get("forget"))));
  }
  if (item.state === "sent") rows.push(el("span", { class: "quiet" }, words.get("receipt", { id: item.id.slice(0, 8) })));
  return el("article", { class: `field-item ${item.state}` }, ...rows);
}

// Says a problem in the reader's language; the server's own words, which name the value, stand beneath.
function problem_words(words, problem) {
  const key = `problem_${problem.type.split(":").pop().replaceAll("-", "_")}`;
  return words.get(words.has(key) ? key : "problem_bad_value");
}

export function leave(app) {
  const { words } = app;
  const left = app.items.filter((item) => item.state !== "sent").length;
  return [
    el("h1", {}, words.get("sign_out")),
    el("p", {}, left ? words.get("sign_out_refused", { n: words.whole(left) }) : words.get("sign_out_more")),
    left ? link("#outbox", words.get("outbox")) : el("button", { type: "button", id: "sign-out", class: "field-big", onclick: app.sign_out }, words.get("sign_out")),
    link(app.home(), words.get("stay")),
  ];
}
