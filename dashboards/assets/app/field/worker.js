// The service worker: keeps the app's own files, so that it opens without a signal. Before this text the server writes
// APP (its folder), EDITION (the fingerprint of all files and words), SHELL, FILES.
//
// Owns the cache of this app and nothing else. Answers of the API are never kept here: what a round needs of them lies in IndexedDB.
/* global APP, EDITION, SHELL, FILES */

const CACHE = `${APP}-${EDITION}`;

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    await cache.addAll([SHELL, ...FILES].map((path) => new Request(path, { cache: "reload", credentials: "omit" })));
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith(`${APP}-`) && name !== CACHE) await caches.delete(name);
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  // The forms for browsers without scripts stay reachable at `?plain`.
  if (request.mode === "navigate") {
    if (url.pathname === `/${APP}` && !url.searchParams.has("plain")) event.respondWith(kept(SHELL, request));
    return;
  }
  if (FILES.includes(url.pathname) || FILES.includes(url.pathname + url.search)) event.respondWith(kept(url.pathname + url.search, request));
});

async function kept(path, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(path)) ?? fetch(request);
}
