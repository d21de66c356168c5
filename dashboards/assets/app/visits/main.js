// The visitors' app.

import { start } from "../field/app.js";
import { entries } from "./list.js";
import * as screens from "./screens.js";
import { Visitor } from "./visitor.js";

// The hamlet that a link names, once.
let wanted = new URL(location.href).searchParams.get("area");
if (wanted) history.replaceState(null, "", location.pathname + location.hash);

async function refresh(app) {
  const area = wanted;
  wanted = null;
  if (area && (await app.work.turn_to(area))) app.go("#list");
  else await app.work.refresh();
}

await start({
  name: "visits",
  work: Visitor,
  screens,
  home: ({ work }) => (work.list ? "#list" : "#areas"),
  refresh,
  more: (app) => ({ visitor: app.work, entries: () => (app.work.list ? entries(app.work.list, app.items) : []) }),
});
