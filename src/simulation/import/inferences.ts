/** What is concluded about guests, by the sentence that says it. */
export class Inferences {
  readonly #guests = new Map<string, string[]>();

  add(sentence: string, guest: string): void {
    const guests = this.#guests.get(sentence) ?? [];
    guests.push(guest);
    this.#guests.set(sentence, guests);
  }

  /** @param total number of guests */
  lines(total: number): readonly string[] {
    return [...this.#guests].map(([sentence, guests]) => `${named(guests, total)}: ${sentence}`);
  }
}

const MOST_NAMED = 5;

function named(guests: readonly string[], total: number): string {
  if (guests.length === total && total > 1) return 'all guests';
  const rest = guests.length - MOST_NAMED;
  return `${guests.slice(0, MOST_NAMED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
