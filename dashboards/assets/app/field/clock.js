// What time it is, as far as a phone can know.
//
// Statements bear the phone's clock corrected by its error against the server's, as it was at their last meeting; the error is kept
// over restarts. While the app runs, a wall clock that falls behind the monotonic one was set back by somebody, and the error
// grows by as much. The monotonic clock alone will not do: on most phones it stands still while the phone sleeps, so it is a
// lower bound of the time that has passed and no more. A clock set ahead without a signal cannot be told from sleep; the
// server refuses what lies ahead of it, and `never ahead` below puts right what has not been sent yet.

const SLACK_MS = 2_000;

// Gives the local day of a time in a zone, `YYYY-MM-DD`.
export function dayOf(at_ms, zone) {
  const of = {};
  const format = new Intl.DateTimeFormat("en", { year: "numeric", month: "2-digit", day: "2-digit", timeZone: zone, calendar: "gregory", numberingSystem: "latn" });
  for (const { type, value } of format.formatToParts(at_ms)) of[type] = value;
  return `${of.year}-${of.month}-${of.day}`;
}

// Gives the Monday of a day's week.
export function mondayOf(day) {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
  return date.toISOString().slice(0, 10);
}

export class Clock {
  #base;
  #error_ms = 0;
  #wall_ms;
  #steady_ms;

  constructor(base, wall = () => Date.now(), steady = () => performance.now()) {
    this.#base = base;
    this.wall = wall;
    this.steady = steady;
    this.#wall_ms = wall();
    this.#steady_ms = steady();
  }

  async load() {
    this.#error_ms = (await this.#base.kept("clock_error_ms")) ?? 0;
  }

  // Takes the server's time, as told by an answer to a question asked at `asked_ms` of the steady clock.
  async met(server_ms, asked_ms) {
    const half_ms = Math.max(0, this.steady() - asked_ms) / 2;
    this.#error_ms = Math.round(server_ms + half_ms - this.wall());
    this.#wall_ms = this.wall();
    this.#steady_ms = this.steady();
    await this.#base.keep("clock_error_ms", this.#error_ms);
  }

  // Gives the time, milliseconds since 1970 UTC.
  now() {
    const wall_ms = this.wall();
    const steady_ms = this.steady();
    const passed_ms = steady_ms - this.#steady_ms;
    const set_back_ms = passed_ms - (wall_ms - this.#wall_ms);
    if (set_back_ms > SLACK_MS) this.#error_ms += Math.round(set_back_ms);
    this.#wall_ms = wall_ms;
    this.#steady_ms = steady_ms;
    return wall_ms + this.#error_ms;
  }
}
