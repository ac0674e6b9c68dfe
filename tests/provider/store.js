// The authorization server's memory, in the shape that oidc-provider asks of an adapter.
// Everything is gone when the process ends, which is what tests want.

/** Returns an adapter factory over one new store. Expiry is checked by the models themselves. */
export function createStore() {
  const entries = new Map();
  return (model) => new Adapter(model, entries);
}

class Adapter {
  constructor(model, entries) {
    this.model = model;
    this.entries = entries;
  }

  async upsert(id, payload) {
    this.entries.set(this.#key(id), payload);
  }

  async find(id) {
    return this.entries.get(this.#key(id));
  }

  async findByUid(uid) {
    return this.#all().map(([, payload]) => payload).find((payload) => payload.uid === uid);
  }

  async consume(id) {
    this.entries.get(this.#key(id)).consumed = Math.floor(Date.now() / 1000);
  }

  async destroy(id) {
    this.entries.delete(this.#key(id));
  }

  async revokeByGrantId(grantId) {
    await this.destroyWhere({ grantId });
  }

  /** Beyond what oidc-provider asks for: an administrator knows what an entry says, not its id. */
  async destroyWhere(wanted) {
    for (const [key, payload] of this.#all()) {
      if (Object.entries(wanted).every(([name, value]) => payload[name] === value)) this.entries.delete(key);
    }
  }

  #all() {
    return [...this.entries].filter(([key]) => key.startsWith(`${this.model}:`));
  }

  #key(id) {
    return `${this.model}:${id}`;
  }
}
