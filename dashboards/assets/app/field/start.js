// On the page of forms: puts the app on the phone where the browser can hold one, and changes over to it.
//
// # Why
// Service workers need HTTPS (or this machine itself). Where there is none the forms stay, and everything but working without a signal
// works.

const { worker, scope } = document.querySelector("script[data-worker]").dataset;
const PAUSE_MS = 30_000;
// Each app changes over by itself.
const CHANGED = `changed_over ${scope}`;

async function begin() {
  if (!("serviceWorker" in navigator) || !("indexedDB" in window) || new URL(location.href).searchParams.has("plain")) return;
  await navigator.serviceWorker.register(worker, { scope });
  await navigator.serviceWorker.ready;
  // A worker that lost its files leads here again and again; then the forms stay.
  if (Date.now() - Number(sessionStorage.getItem(CHANGED) ?? 0) < PAUSE_MS) return;
  sessionStorage.setItem(CHANGED, String(Date.now()));
  location.replace(scope + location.search);
}

begin().catch(() => { /* The forms work all the same. */ });
