// The visitors' app.

import { start } from "../field/app.js";
import { entries } from "./list.js";
import * as screens from "./screens.js";
import { Visitor } from "./visitor.js";

await start({
  name: "visits",
  work: Visitor,
  screens,
  home: ({ work }) => (work.list ? "#list" : "#areas"),
  refresh: ({ work }) => work.refresh(),
  more: (app) => ({ visitor: app.work, entries: () => (app.work.list ? entries(app.work.list, app.items) : []) }),
});
