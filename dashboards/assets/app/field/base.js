// What a phone keeps: one IndexedDB database with the outbox and a few named values.
//
// Owns the database's shape and its transactions. Knows nothing of what the values mean.
// A promise resolves only once the transaction is complete: what is told as kept survives the app's end.

const VERSION = 1;

const asked = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

const completed = (transaction) => new Promise((resolve, reject) => {
  transaction.oncomplete = () => resolve();
  transaction.onabort = () => reject(transaction.error || new Error("the phone could not keep it"));
  transaction.onerror = () => reject(transaction.error);
});

export class Base {
  #db;
  #name;

  static async open(name) {
    const request = indexedDB.open(name, VERSION);
    request.onupgradeneeded = () => {
      const db = request.result;
      if (!db.objectStoreNames.contains("kept")) db.createObjectStore("kept");
      if (!db.objectStoreNames.contains("outbox")) {
        // Numbered, so that items are sent in the order in which they were made.
        const outbox = db.createObjectStore("outbox", { keyPath: "number", autoIncrement: true });
        outbox.createIndex("id", "id", { unique: true });
      }
    };
    const base = new Base();
    base.#db = await asked(request);
    base.#name = name;
    // Another tab that empties the phone must not wait for this one.
    base.#db.onversionchange = () => base.#db.close();
    return base;
  }

  // Runs `work` on the outbox's store within one transaction and gives what it gives.
  async outbox(mode, work) {
    const transaction = this.#db.transaction("outbox", mode, { durability: "strict" });
    const done = completed(transaction);
    const given = await work(transaction.objectStore("outbox"), asked);
    await done;
    return given;
  }

  async kept(name) {
    return asked(this.#db.transaction("kept").objectStore("kept").get(name));
  }

  async keep(name, value) {
    const transaction = this.#db.transaction("kept", "readwrite");
    const done = completed(transaction);
    transaction.objectStore("kept").put(value, name);
    await done;
  }

  async drop(name) {
    const transaction = this.#db.transaction("kept", "readwrite");
    const done = completed(transaction);
    transaction.objectStore("kept").delete(name);
    await done;
  }

  // Empties the phone: the whole database is gone.
  async destroy() {
    this.#db.close();
    await asked(indexedDB.deleteDatabase(this.#name));
  }
}
