// A stream's icon and name.

import { el, icon } from "./page.js";

export function stream_label({ words, stream }, code) {
  const known = stream(code);
  return el("span", { class: "field-stream" }, icon(known.icon, known.colour), ` ${known[words.lang]}`);
}
