// The outbox: what a person stated, kept on the phone until the server has given its receipt.
//
// Owns the items, their order and their fate. Knows neither rounds nor pages: an item is a path, a body and an id.
//
// # Why
// The id is made here, before anything is sent, and the server answers the same id with the same receipt: sending again is always
// safe, so an item leaves "waiting" only with a receipt or a refusal in the server's own words. `tried` is written before
// an item is sent: one that was never tried can be taken back on the phone alone. An item is another's work when
// another signs in: it waits for its own account.

import { ask } from "./ask.js";

// Version of the items' shape; the server says which ones it takes.
export const ITEM_VERSION = 1;
const FIRST_PAUSE_MS = 3_000;
const LONGEST_PAUSE_MS = 60_000;

export class Outbox {
  #base;
  #name;
  #sending = null;
  #again = false;
  #pause_ms = FIRST_PAUSE_MS;
  #timer = 0;

  // `name` is the lock's that keeps two tabs from sending at once. `changed` is called after each change; `state` tells why items wait:
  // "", "away", "sign_in", "version".
  constructor(base, name, changed = () => {}) {
    this.#base = base;
    this.#name = name;
    this.changed = changed;
    this.account = null;
    this.state = "";
  }

  // Keeps items, all or none; resolves when they are durable. An item: { id, path, body | blob, about, depends? }.
  async add(items) {
    await this.#base.outbox("readwrite", async (store) => {
      for (const item of items) {
        store.add({ version: ITEM_VERSION, state: "waiting", tried: 0, account: this.account, ...item });
      }
    });
    // What is told as logged is told as waiting, too.
    await this.changed();
    this.send();
  }

  async items() {
    return this.#base.outbox("readonly", (store, asked) => asked(store.getAll()));
  }

  // Takes back an item that was never tried, and what depends on it. Gives false when it was tried: it may have arrived.
  async take_back(id) {
    const gone = await this.#base.outbox("readwrite", async (store, asked) => {
      const all = await asked(store.getAll());
      const item = all.find((item) => item.id === id);
      if (!item || item.state !== "waiting" || item.tried > 0) return false;
      for (const one of all) if (one.id === id || one.depends === id) store.delete(one.number);
      return true;
    });
    if (gone) this.changed();
    return gone;
  }

  // Forgets items that are settled: sent, or refused and seen.
  async forget(ids) {
    await this.#base.outbox("readwrite", async (store, asked) => {
      for (const item of await asked(store.getAll())) {
        if (ids.includes(item.id) && item.state !== "waiting") store.delete(item.number);
      }
    });
    this.changed();
  }

  // Sends what was refused once more, as it is: the cause may be gone (a household that was registered meanwhile).
  async retry(id) {
    await this.#set(id, (item) => ({ ...item, state: "waiting", reason: undefined }));
    this.changed();
    this.send();
  }

  // Sends what waits, in order. Calls while it sends are one more turn at its end.
  send() {
    if (this.#sending) { this.#again = true; return this.#sending; }
    clearTimeout(this.#timer);
    const alone = (work) => navigator.locks ? navigator.locks.request(this.#name, work) : work();
    this.#sending = alone(() => this.#send_all()).catch(() => "away").then((state) => {
      this.#sending = null;
      this.state = state;
      this.changed();
      if (this.#again) { this.#again = false; this.send(); return; }
      this.#plan(state);
    });
    return this.#sending;
  }

  #plan(state) {
    if (state === "away") {
      this.#timer = setTimeout(() => this.send(), this.#pause_ms);
      this.#pause_ms = Math.min(this.#pause_ms * 2, LONGEST_PAUSE_MS);
    } else {
      this.#pause_ms = FIRST_PAUSE_MS;
    }
  }

  async #send_all() {
    let state = "";
    for (const { id } of await this.#waiting()) {
      // Written before it is sent: from now on it may have arrived.
      const item = await this.#set(id, (item) => item.state === "waiting" ? { ...item, tried: item.tried + 1 } : null);
      if (!item) continue;
      const parent = item.depends && (await this.items()).find((other) => other.id === item.depends);
      if (parent?.state === "refused") {
        await this.#set(id, (item) => ({ ...item, state: "refused", reason: parent.reason }));
        continue;
      }
      const answer = await ask(item.path, {
        method: "POST",
        headers: { "outbox-version": String(item.version), "content-type": item.blob ? "image/jpeg" : "application/json" },
        body: item.blob ?? JSON.stringify(item.body),
      });
      if (answer.kind === "answer" && answer.json?.id === id) {
        // The receipt is enough; the picture itself need not stay on the phone.
        await this.#set(id, (item) => ({ ...item, state: "sent", receipt: answer.json, blob: undefined }));
        this.changed();
      } else if (answer.kind === "refused") {
        await this.#set(id, (item) => ({ ...item, state: "refused", reason: answer.problem }));
        this.changed();
      } else if (answer.kind === "version") {
        // Others may still be taken.
        state = "version";
        await this.#set(id, (item) => ({ ...item, note: answer.problem }));
      } else {
        return answer.kind === "sign_in" ? "sign_in" : "away";
      }
    }
    return state;
  }

  async #waiting() {
    return (await this.items()).filter((item) => item.state === "waiting" && item.account === this.account);
  }

  async #set(id, change) {
    return this.#base.outbox("readwrite", async (store, asked) => {
      const item = await asked(store.index("id").get(id));
      const changed = item && change(item);
      if (changed) store.put(changed);
      return changed;
    });
  }

  // Moves what was never tried and lies ahead of the server's time or day to that: the phone's clock had been set ahead.
  async never_ahead(now_ms, today) {
    await this.#base.outbox("readwrite", async (store, asked) => {
      for (const item of await asked(store.getAll())) {
        if (item.state !== "waiting" || item.tried > 0 || !item.body) continue;
        const body = { ...item.body };
        if (body.at > now_ms) body.at = now_ms;
        if (body.on > today) body.on = today;
        if (body.at !== item.body.at || body.on !== item.body.on) store.put({ ...item, body });
      }
    });
  }
}
