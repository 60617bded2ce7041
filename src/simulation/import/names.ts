import { escapeJson } from '../../model/text.ts';

const LONGEST = 64;

/** Names that a scenario accepts, each once, from names of any kind. */
export class GuestNames {
  readonly #taken = new Set<string>();
  readonly #changed: string[] = [];
  /** By name: the number to try next. Trying all from the first on takes seconds for thousands of equal names. */
  readonly #numbers = new Map<string, number>();

  take(given: string): string {
    const plain = given
      .slice(0, LONGEST)
      .replaceAll(/[^A-Za-z0-9_.-]/g, '_')
      .replace(/^[^A-Za-z0-9]/, 'x');
    const base = plain === '' ? 'guest' : plain;
    let name = base;
    let number = this.#numbers.get(base) ?? 2;
    for (; this.#taken.has(name); number++) {
      const suffix = `.${number}`;
      name = `${base.slice(0, LONGEST - suffix.length)}${suffix}`;
    }
    this.#numbers.set(base, number);
    this.#taken.add(name);
    if (name !== given) this.#changed.push(given);
    return name;
  }

  /** What was changed, in a sentence. */
  lines(): readonly string[] {
    if (this.#changed.length === 0) return [];
    const some = this.#changed.slice(0, 5).map((name) => escapeJson(JSON.stringify(name.slice(0, LONGEST))));
    const rest = this.#changed.length - some.length;
    return [
      `names are changed that a scenario cannot have, or that are there twice: ${some.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`,
    ];
  }
}
