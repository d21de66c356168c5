// What a crew does with its round: open, log, take back, report, close; and what of it lies on the phone.
//
// Owns the values kept beside the outbox. Knows no page.

import { ask } from "../field/ask.js";
import { keyOf } from "./round.js";

// Sent items stay in sight so long.
const SENT_KEPT_MS = 36 * 3_600_000;

export class Crew {
  constructor(base, outbox, clock, undo_reason) {
    this.base = base;
    this.outbox = outbox;
    this.clock = clock;
    this.undo_reason = undo_reason;
    this.rounds = null;
    this.round = null;
    this.session = "unknown";
    this.edition = null;
  }

  async load() {
    this.outbox.account = (await this.base.kept("account")) ?? null;
    this.rounds = (await this.base.kept("rounds")) ?? null;
    this.round = (await this.base.kept("round")) ?? null;
    await this.clock.load();
  }

  // Meets the server: who is signed in, what time it is; then sends what waits. Gives what became of it.
  async meet() {
    const asked_ms = this.clock.steady();
    const answer = await ask("/api/v1/crew/now");
    if (answer.kind === "sign_in" || answer.kind === "refused") {
      this.session = answer.kind === "sign_in" ? "ended" : "not_crew";
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
    await this.outbox.never_ahead(answer.json.now_ms);
    await this.outbox.send();
    await this.#forget_old();
    return "met";
  }

  // Another person: the round of the one before goes; what they have not sent waits for them.
  async #change_account(account) {
    await this.base.drop("round");
    await this.base.drop("rounds");
    await this.base.keep("account", account);
    Object.assign(this, { round: null, rounds: null });
    this.outbox.account = account;
  }

  async #forget_old() {
    const before = this.clock.now() - SENT_KEPT_MS;
    const key = this.round && keyOf(this.round.round);
    const old = (await this.outbox.items()).filter((item) => item.state === "sent" && item.made_ms < before && item.about?.round !== key);
    if (old.length) await this.outbox.forget(old.map((item) => item.id));
  }

  async load_rounds() {
    const answer = await ask("/api/v1/crew/rounds");
    if (answer.kind !== "answer") return answer.kind;
    this.rounds = answer.json;
    await this.base.keep("rounds", this.rounds);
    return "answer";
  }

  // Loads a round's houses; the one on the phone stays where there is no answer.
  async load_round({ place, stream, service_date }) {
    const query = new URLSearchParams({ place, stream, on: service_date });
    const answer = await ask(`/api/v1/crew/round?${query}`);
    if (answer.kind !== "answer" || !Array.isArray(answer.json?.houses)) return answer.kind === "answer" ? "away" : answer.kind;
    this.round = answer.json;
    await this.base.keep("round", this.round);
    return "answer";
  }

  #item(kind, path, body, about = {}) {
    const id = crypto.randomUUID();
    const at = this.clock.now();
    return { id, path, body: { id, at, ...body }, made_ms: at, about: { kind, round: this.round && keyOf(this.round.round), ...about } };
  }

  #words_of_round(round, action) {
    const { place, stream, service_date } = round;
    return this.#item("round", "/api/v1/rounds", { place, stream, service_date, action }, { round: keyOf(round), action, name: round.name });
  }

  async open_round(round) {
    await this.outbox.add([this.#words_of_round(round, "open")]);
  }

  // Closes the round; its houses leave the phone, what has not been sent stays.
  async close_round() {
    await this.outbox.add([this.#words_of_round(this.round.round, "close")]);
    await this.leave_round();
  }

  async leave_round() {
    await this.base.drop("round");
    this.round = null;
  }

  // Logs a pickup with its picture. Gives its id; resolves when both are durable on the phone.
  async log(household, { result, reason, manual_g, reading, photo }) {
    const { place, stream } = this.round.round;
    const body = { household, place, stream, result };
    if (reason) body.reason = reason;
    if (reading) body.reading = reading;
    else if (manual_g) body.manual_g = manual_g;
    const pickup = this.#item("pickup", "/api/v1/pickups", body, { household });
    const items = [pickup];
    if (photo) {
      const id = crypto.randomUUID();
      const path = `/api/v1/pickups/${pickup.id}/photos?id=${id}`;
      items.push({ id, path, blob: photo, made_ms: pickup.made_ms, depends: pickup.id, about: { ...pickup.about, kind: "photo" } });
    }
    await this.outbox.add(items);
    return pickup.id;
  }

  // Takes a pickup back: on the phone alone when it never left it, else by a statement of its own.
  async undo(pickup, household) {
    const item = (await this.outbox.items()).find((item) => item.id === pickup);
    if (item?.state === "refused") {
      await this.outbox.forget([pickup, ...(await this.#dependents(pickup))]);
      return;
    }
    if (item && (await this.outbox.take_back(pickup))) return;
    const path = `/api/v1/pickups/${pickup}/void`;
    const undone = this.#item("void", path, { reason: this.undo_reason() }, { household, pickup });
    if (item?.state === "waiting") undone.depends = pickup;
    await this.outbox.add([undone]);
  }

  async #dependents(id) {
    return (await this.outbox.items()).filter((item) => item.depends === id).map((item) => item.id);
  }

  async report(kind, household, note) {
    const body = { place: this.round.round.place, report: kind };
    if (household) body.household = household;
    if (note) body.note = note;
    await this.outbox.add([this.#item("report", "/api/v1/crew/reports", body, { household, report: kind })]);
  }

  // Gives what lies on the scale now. Null: nothing, or nobody knows.
  async weight() {
    const { place, stream } = this.round.round;
    const answer = await ask(`/api/v1/crew/weight?${new URLSearchParams({ place, stream })}`);
    if (answer.kind !== "answer") return { scale: null, weight: null };
    // What an item names that has not arrived yet is used, too.
    const named = (await this.outbox.items()).map((item) => item.body?.reading).filter(Boolean);
    const { weight, scale } = answer.json;
    const used = weight && named.some((one) => one.device === weight.device && one.log === weight.log && one.seq === weight.seq);
    return { scale, weight: used ? null : weight };
  }
}
