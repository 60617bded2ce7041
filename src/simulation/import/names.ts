const LONGEST = 64;

/** Names that a scenario accepts, each once, from names of any kind. */
export class GuestNames {
  readonly #taken = new Set<string>();
  readonly #changed: string[] = [];

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
    if (name !== given) this.#changed.push(given);
    return name;
  }

  /** What was changed, in a sentence. */
  lines(): readonly string[] {
    if (this.#changed.length === 0) return [];
    const some = this.#changed.slice(0, 5).map((name) => JSON.stringify(name.slice(0, LONGEST)));
    const rest = this.#changed.length - some.length;
    return [
      `names are changed that a scenario cannot have, or that are there twice: ${some.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`,
    ];
  }
}
