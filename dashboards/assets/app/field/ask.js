// Questions to the server, and what became of them.
//
// # Why
// An answer counts only when it is the server's own: a network that shows its own page (a hotspot's sign-in) answers 200, too.

const PATIENCE_MS = 20_000;

// Gives `{ kind, json }`: `answer`; `sign_in`; `refused` with its problem; `version`: app and server do not fit; `away`: no answer of the
// server's.
export async function ask(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, {
      credentials: "same-origin",
      redirect: "error",
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...options,
      headers: { accept: "application/json", ...options.headers },
    });
  } catch {
    return { kind: "away" };
  }
  // The one refusal that may come before our own code is reached.
  if (answer.status === 413) {
    return { kind: "refused", problem: { type: "urn:phanloai:problem:unusable", detail: "the body is too large" } };
  }
  let json;
  try {
    json = await answer.json();
  } catch {
    return { kind: "away" };
  }
  if (answer.ok) return { kind: "answer", json };
  const told = typeof json?.type === "string" && json.type.startsWith("urn:phanloai:");
  // Too much at once, or something of the server's own: it will do later.
  if (!told || answer.status >= 500 || answer.status === 429) return { kind: "away" };
  if (answer.status === 401) return { kind: "sign_in" };
  if (answer.status === 426) return { kind: "version", problem: json };
  return { kind: "refused", problem: json };
}
