// What a crew does with its round: open, log, take back, report, close.
//
// Owns the round kept beside the outbox. Knows no page.

import { ask } from "../field/ask.js";
import { Work } from "../field/work.js";
import { keyOf } from "./round.js";

export class Crew extends Work {
  constructor(parts) {
    super(parts, "/api/v1/crew/now", ["rounds", "round"]);
  }

  // The round under way shows what was logged in it.
  stays(item) {
    return this.round !== null && item.about?.round === keyOf(this.round.round);
  }

  async load_rounds() {
    const answer = await ask("/api/v1/crew/rounds");
    if (answer.kind !== "answer") return answer.kind;
    await this.keep("rounds", answer.json);
    return "answer";
  }

  // Loads a round's houses; the one on the phone stays where there is no answer.
  async load_round({ place, stream, service_date }) {
    const query = new URLSearchParams({ place, stream, on: service_date });
    const answer = await ask(`/api/v1/crew/round?${query}`);
    if (answer.kind !== "answer" || !Array.isArray(answer.json?.houses)) return answer.kind === "answer" ? "away" : answer.kind;
    await this.keep("round", answer.json);
    return "answer";
  }

  #item(kind, path, body, about = {}) {
    return this.item(kind, path, (at) => ({ at, ...body }), { round: this.round && keyOf(this.round.round), ...about });
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
    await this.drop("round");
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

  async undo(pickup, household) {
    const round = this.round && keyOf(this.round.round);
    await this.take_back(pickup, `/api/v1/pickups/${pickup}/void`, { round, household, pickup });
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
