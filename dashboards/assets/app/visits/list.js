// A hamlet's list on the phone: its households as the server gave them, with what the outbox holds laid over them.
//
// Pure: no page, no network, no clock.

// A household that is not on the list.
export const blank = (household) => ({
  household, head_name: "", address: "", listed: false, why: "visited", streams: [], declared: [],
  until: null, settled: false, before: null, attempts: 0, attempt_ms: null, done: [],
});

// Tells whether an item speaks of a list: of its hamlet, on a day of its stretch.
export const isOf = (list, item) => item.about?.area === list.area && item.about.day >= list.since;

// What an item of the outbox says was done.
function done_of(item) {
  const { id, body, about, state, reason } = item;
  const outcome = about.kind === "attempt" ? body.outcome : null;
  const found = about.kind === "visit" ? body.streams.map(({ stream, found, pathway }) => ({ stream, found, pathway: pathway ?? null })) : [];
  return { id, on: body.on ?? about.day, at_ms: body.at ?? null, outcome, found, by: item.account, own: true, state, reason };
}

// Gives the households with what is known of each, in the order of visits; those that only this phone knows of last.
export function entries(list, items) {
  const mine = items.filter((item) => isOf(list, item));
  const taken_back = new Set(mine.filter((item) => item.about.kind === "void" && item.state !== "refused").map((item) => item.about.of));
  const houses = new Map();
  for (const house of list.households) {
    const done = house.done.filter((done) => !taken_back.has(done.id)).map((done) => ({ ...done, state: "sent" }));
    houses.set(house.household, { ...house, done });
  }
  for (const item of mine) {
    if (item.about.kind === "void" || taken_back.has(item.id)) continue;
    const { household } = item.about;
    if (!houses.has(household)) houses.set(household, blank(household));
    const { done } = houses.get(household);
    if (!done.some((known) => known.id === item.id)) done.push(done_of(item));
  }
  return [...houses.values()];
}

// Somebody saw or heard something there in this stretch.
export const isVisited = (entry) => entry.done.some((done) => !done.outcome && done.state !== "refused");

// Which part of the list a household is in.
export function partOf(entry) {
  if (entry.settled || isVisited(entry)) return "done";
  return entry.done.some((done) => done.state !== "refused") ? "tried" : "left";
}

export function progress(all) {
  const listed = all.filter((entry) => entry.listed);
  return { done: listed.filter((entry) => partOf(entry) === "done").length, all: listed.length };
}

// Counts the hamlet's households that were visited today and since Monday: as the server counted, and what this phone knows besides.
export function visited(list, items, { today, monday }) {
  const sent = new Map(list.households.map((house) => [house.household, house.done.filter((done) => !done.outcome)]));
  const besides = (from) => new Set(items
    .filter((item) => isOf(list, item) && item.about.kind === "visit" && item.state !== "refused" && item.about.day >= from)
    .filter((item) => !(sent.get(item.about.household) ?? []).some((done) => done.on >= from))
    .map((item) => item.about.household)).size;
  return {
    today: (list.today === today ? list.visited_today : 0) + besides(today),
    week: (list.today >= monday ? list.visited_week : 0) + besides(monday),
  };
}

// Folds a text for search: no diacritics, no case, `đ` as `d`; as the server does.
export const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replaceAll("đ", "d");

export function search(all, typed, why) {
  const wanted = fold(typed.trim());
  const matches = (entry) => (!why || entry.why === why) && fold(`${entry.head_name} ${entry.address} ${entry.household}`).includes(wanted);
  return all.filter(matches);
}
