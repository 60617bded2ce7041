/** Two plugins claim one name. Which of them was meant nobody can know, so nothing starts. */
export class NameClash extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NameClash';
  }
}

/** @throws NameClash where a name is there twice */
export function unique(what: string, owners: readonly (readonly [name: string, owner: string])[]): void {
  const seen = new Map<string, string>();
  for (const [name, owner] of owners) {
    const first = seen.get(name);
    if (first !== undefined) {
      const where = first === owner ? `twice by ${owner}` : `by ${first} and by ${owner}`;
      throw new NameClash(`the ${what} "${name}" is declared ${where}; each name can have one owner`);
    }
    seen.set(name, owner);
  }
}
