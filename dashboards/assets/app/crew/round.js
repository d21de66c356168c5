// The round on the phone: its houses as the server gave them, with what the outbox holds laid over them.
//
// Pure: no page, no network, no clock.

export const keyOf = (round) => `${round.place}|${round.stream}|${round.service_date}`;

// Gives the houses with what is known of each, in walking order, those that are not on the list last.
export function entries(kept, items) {
  const key = keyOf(kept.round);
  const mine = items.filter((item) => item.about?.round === key);
  const taken_back = new Set(mine.filter((item) => item.about.kind === "void" && item.state !== "refused").map((item) => item.about.pickup));
  const houses = new Map();
  const add = (house, listed) => {
    const done = house.done
      .filter((done) => !taken_back.has(done.pickup))
      .map((done) => ({ ...done, state: "sent" }));
    houses.set(house.household, { household: house.household, cards: house.cards, done, listed });
  };
  kept.houses.forEach((house) => add(house, true));
  (kept.others ?? []).forEach((house) => add(house, false));
  for (const item of mine) {
    if (item.about.kind !== "pickup" || taken_back.has(item.id)) continue;
    const { household } = item.about;
    if (!houses.has(household)) houses.set(household, { household, cards: [], done: [], listed: false });
    const { done } = houses.get(household);
    if (done.some((known) => known.pickup === item.id)) continue;
    done.push({
      pickup: item.id,
      at_ms: item.body.at,
      source: "crew",
      result: item.body.result,
      own: true,
      state: item.state,
      reason: item.reason,
    });
  }
  return [...houses.values()];
}

// A house is done when something stands of it that the server has not refused.
export const isDone = (entry) => entry.done.some((done) => done.state !== "refused");

export function progress(all) {
  const listed = all.filter((entry) => entry.listed);
  return { done: listed.filter(isDone).length, all: listed.length };
}

const plain = (text) => text.normalize("NFKC").toUpperCase().replace(/[\s:_-]/g, "");

// Gives the card's number as the register writes it. The printed code may stand at the end of an address.
export const cardOf = (text) => plain(text.trim().split(/[/=#?]/).pop());

export function byCard(all, text) {
  const card = cardOf(text);
  return all.find((entry) => entry.cards.includes(card)) ?? null;
}

// Finds houses by their code or a part of it, or by a card's number, as typed with gloves: case, blanks and dashes do not matter.
export function byCode(all, text) {
  const wanted = plain(text);
  if (!wanted) return [];
  const exact = all.filter((entry) => plain(entry.household) === wanted || entry.cards.includes(wanted));
  if (exact.length) return exact;
  const ending = all.filter((entry) => plain(entry.household).endsWith(wanted));
  return ending.length ? ending : all.filter((entry) => plain(entry.household).includes(wanted));
}

// Gives the first house after another, in walking order, that is not done; from the start again at the end.
export function nextAfter(all, household) {
  const at = all.findIndex((entry) => entry.household === household);
  const turned = [...all.slice(at + 1), ...all.slice(0, at + 1)];
  return turned.find((entry) => entry.listed && !isDone(entry)) ?? null;
}
