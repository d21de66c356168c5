// Says households, what to look at there and what was done, in words.

// Gives whom an entry is about: a name, or the code where none is known.
export const who = (entry) => entry.head_name || entry.household;

export function stream_name({ words, stream }, code) {
  return code ? stream(code)[words.lang] : words.get("found_all");
}

const pathway = (words, word) => words.get(`pathway_${word}`);

export const mark = { not_sorting: "n", running_out: "s", visited: null };

// Why a household is on the list.
export function why({ words }, entry) {
  const parts = [words.get(`why_${entry.why}`)];
  if (entry.until) parts.push(words.get("until", { day: words.day(entry.until) }));
  if (entry.settled) parts.push(words.get("settled"));
  else if (!entry.listed && entry.why !== "visited") parts.push(words.get("new_one"));
  return parts.join(" · ");
}

// What to look at there.
export function look(app, entry) {
  const { words } = app;
  const lines = entry.streams.map((code) => {
    const stream = stream_name(app, code);
    const declared = entry.declared.filter((one) => one.stream === code).map((one) => pathway(words, one.pathway));
    if (entry.until) return words.get("look_until", { stream, day: words.day(entry.until) });
    return declared.length ? words.get("look_declared", { stream, pathway: declared.join(", ") }) : words.get("look_missing", { stream });
  });
  return lines.length ? lines : [words.get("look_all")];
}

// What was known before the stretch.
export function known({ words, told }, entry) {
  const lines = [];
  if (entry.before) lines.push(words.get("before", { day: words.day(entry.before.on), what: words.get(`found_${entry.before.result}`) }));
  if (entry.attempt_ms !== null) {
    const [time, day] = [words.time(entry.attempt_ms, told.zone), words.date(entry.attempt_ms, told.zone)];
    lines.push(words.get("attempts_before", { n: words.whole(entry.attempts), time, day }));
  }
  return lines;
}

// What was found of a stream.
export function found(app, { stream, found, pathway: way }) {
  const { words } = app;
  const what = found === "not_sorting" ? words.get("found_not_sorting")
    : !way ? words.get("found_sorting")
    : words.get(found === "declared" ? "found_said" : "found_saw", { pathway: pathway(words, way) });
  return `${stream_name(app, stream)}: ${what}`;
}

// What was done: an attempt or a visit.
export function done(app, one) {
  return one.outcome ? app.words.get(one.outcome) : one.found.map((of) => found(app, of)).join("; ");
}

// When it was done.
export function when({ words, told }, one) {
  return one.at_ms === null ? words.day(one.on) : `${words.time(one.at_ms, told.zone)} ${words.day(one.on)}`;
}
