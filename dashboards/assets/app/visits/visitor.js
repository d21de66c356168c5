// What a visitor does: takes a hamlet's list along, records visits and attempts, takes them back.
//
// Owns the list kept beside the outbox: names and addresses. Knows no page.

import { ask } from "../field/ask.js";
import { dayOf, mondayOf } from "../field/clock.js";
import { Work } from "../field/work.js";
import { isOf } from "./list.js";

// The list leaves the phone after so long without a new one.
const LIST_KEPT_MS = 7 * 24 * 3_600_000;
// A list is asked for anew after so long: each time is a look at names, which is logged.
const LIST_FRESH_MS = 15 * 60_000;

export class Visitor extends Work {
  constructor(parts) {
    super(parts, "/api/v1/visits/now", ["areas", "list", "stretch"]);
    this.expired = false;
  }

  async load() {
    await super.load();
    await this.#drop_old();
  }

  async met({ areas }) {
    await this.keep("areas", areas);
    // A hamlet that is not the visitor's any more goes from the phone.
    if (this.list && !areas.some((one) => one.area === this.list.area)) await this.drop("list");
    await this.#drop_old();
  }

  async #drop_old() {
    if (!this.list || this.clock.now() - this.list.now_ms < LIST_KEPT_MS) return;
    await this.drop("list");
    this.expired = true;
  }

  // What was done in the stretch shows on its list.
  stays(item) {
    return this.list !== null && isOf(this.list, item);
  }

  today() { return dayOf(this.clock.now(), this.zone); }

  // Gives the day on which the chosen stretch begins.
  since() {
    const today = this.today();
    switch (this.stretch) {
      case "today": return today;
      case "month": return `${today.slice(0, 8)}01`;
      default: return mondayOf(today);
    }
  }

  // Loads a hamlet's list; the one on the phone stays where there is no answer.
  async load_list(area) {
    const answer = await ask(`/api/v1/visits/list?${new URLSearchParams({ area, since: this.since() })}`);
    if (answer.kind !== "answer" || !Array.isArray(answer.json?.households)) return answer.kind === "answer" ? "away" : answer.kind;
    await this.keep("list", answer.json);
    this.expired = false;
    return "answer";
  }

  // Loads what is needed after a meeting: the only hamlet's list at once, the one on the phone when it is old or its stretch is over.
  async refresh() {
    if (!this.list) {
      if (this.areas?.length === 1 && !this.dropped) await this.load_list(this.areas[0].area);
      return;
    }
    if (this.clock.now() - this.list.now_ms > LIST_FRESH_MS || this.list.since !== this.since()) await this.load_list(this.list.area);
  }

  // Changes over to another of the visitor's hamlets. Gives whether its list is there.
  async turn_to(area) {
    if (!this.areas?.some((one) => one.area === area) || this.list?.area === area) return false;
    return (await this.load_list(area)) === "answer";
  }

  // Takes the list off the phone; it comes back only when it is asked for.
  async drop_list() {
    this.dropped = true;
    await this.drop("list");
  }

  #about(household) {
    return { area: this.list.area, day: this.today(), household };
  }

  // Records what was found, stream by stream. Gives the visit's id; resolves when it is durable on the phone.
  async visit(household, streams) {
    const item = this.item("visit", "/api/v1/visits", (at) => ({ on: dayOf(at, this.zone), household, streams }), this.#about(household));
    await this.outbox.add([item]);
    return item.id;
  }

  // Records that nothing could be seen.
  async attempt(household, outcome) {
    const item = this.item("attempt", "/api/v1/attempts", (at) => ({ at, household, outcome }), this.#about(household));
    await this.outbox.add([item]);
    return item.id;
  }

  // Takes a visit or an attempt back, with everything that it stated.
  async undo(id, household) {
    await this.take_back(id, `/api/v1/visits/${id}/void`, { ...this.#about(household), of: id }, { whole: true });
  }
}
