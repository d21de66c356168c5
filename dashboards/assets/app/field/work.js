// A person's work on a phone, whatever it is: whose it is, whether the server was met, and what of it lies beside the outbox.
//
// Owns the kept values that belong to an account. Knows no page. Each app's own work builds on it.

import { ask } from "./ask.js";

// Sent items stay in sight so long.
const SENT_KEPT_MS = 36 * 3_600_000;

export class Work {
  // `now`: the address that tells who is signed in. `names`: the kept values that belong to the account; each is a property.
  constructor({ base, outbox, clock, zone, undo_reason }, now, names) {
    Object.assign(this, { base, outbox, clock, zone, undo_reason, now, names });
    for (const name of names) this[name] = null;
    // "unknown", "open", "ended", "not_allowed"
    this.session = "unknown";
    this.edition = null;
  }

  async load() {
    this.outbox.account = (await this.base.kept("account")) ?? null;
    for (const name of this.names) this[name] = (await this.base.kept(name)) ?? null;
    await this.clock.load();
  }

  async keep(name, value) {
    this[name] = value;
    await this.base.keep(name, value);
  }

  async drop(name) {
    await this.base.drop(name);
    this[name] = null;
  }

  // Meets the server: who is signed in, what time it is; then sends what waits. Gives what became of it.
  async meet() {
    const asked_ms = this.clock.steady();
    const answer = await ask(this.now);
    if (answer.kind === "sign_in" || answer.kind === "refused") {
      this.session = answer.kind === "sign_in" ? "ended" : "not_allowed";
      this.outbox.state = "sign_in";
      return answer.kind;
    }
    if (answer.kind !== "answer" || typeof answer.json?.now_ms !== "number") {
      if ((await this.outbox.items()).some((item) => item.state === "waiting")) this.outbox.send();
      return "away";
    }
    await this.clock.met(answer.json.now_ms, asked_ms);
    this.session = "open";
    this.edition = answer.json.edition;
    if (answer.json.account !== this.outbox.account) await this.#change_account(answer.json.account);
    await this.met(answer.json);
    await this.outbox.never_ahead(answer.json.now_ms, answer.json.today);
    await this.outbox.send();
    await this.#forget_old();
    return "met";
  }

  // What an app does with the server's answer; of its own.
  async met() {}

  // Tells whether a sent item stays in sight, however old; of the app's own.
  stays() { return false; }

  // Another person: what belongs to the one before goes; what they have not sent waits for them.
  async #change_account(account) {
    for (const name of this.names) await this.drop(name);
    await this.base.keep("account", account);
    this.outbox.account = account;
  }

  async #forget_old() {
    const before = this.clock.now() - SENT_KEPT_MS;
    const old = (await this.outbox.items()).filter((item) => item.state === "sent" && item.made_ms < before && !this.stays(item));
    if (old.length) await this.outbox.forget(old.map((item) => item.id));
  }

  // Makes an item; `body` gives what it says from the time at which it is made.
  item(kind, path, body, about = {}) {
    const id = crypto.randomUUID();
    const at = this.clock.now();
    return { id, path, body: { id, ...body(at) }, made_ms: at, about: { kind, ...about } };
  }

  // Takes back what was stated: on the phone alone when it never left it, else by a statement of its own.
  async take_back(id, path, about, more = {}) {
    const items = await this.outbox.items();
    const item = items.find((item) => item.id === id);
    if (item?.state === "refused") {
      await this.outbox.forget([id, ...items.filter((item) => item.depends === id).map((item) => item.id)]);
      return;
    }
    if (item && (await this.outbox.take_back(id))) return;
    const undone = this.item("void", path, (at) => ({ at, reason: this.undo_reason(), ...more }), about);
    if (item?.state === "waiting") undone.depends = id;
    await this.outbox.add([undone]);
  }
}
