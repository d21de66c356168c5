// The crew's app.

import { start } from "../field/app.js";
import { Crew } from "./crew.js";
import { entries } from "./round.js";
import * as screens from "./screens.js";

await start({
  name: "crew",
  work: Crew,
  screens,
  home: ({ work }) => (work.round ? "#round" : "#rounds"),
  refresh: ({ work }) => (work.round ? work.load_round(work.round.round) : work.load_rounds()),
  more: (app) => ({ crew: app.work, entries: () => (app.work.round ? entries(app.work.round, app.items) : []) }),
});
