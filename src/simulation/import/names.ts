const LONGEST = 64;

/** Names that a scenario accepts, each once, from names of any kind. */
export class GuestNames {
  readonly #taken = new Set<string>();
  /** Names that had to be changed, as given. */
  readonly changed: string[] = [];

  take(given: string): string {
    const plain = given
      .slice(0, LONGEST)
      .replaceAll(/[^A-Za-z0-9_.-]/g, '_')
      .replace(/^[^A-Za-z0-9]/, 'x');
    const base = plain === '' ? 'guest' : plain;
    let name = base;
    for (let number = 2; this.#taken.has(name); number++) {
      const suffix = `.${number}`;
      name = `${base.slice(0, LONGEST - suffix.length)}${suffix}`;
    }
    this.#taken.add(name);
    if (name !== given) this.changed.push(given);
    return name;
  }
}
