/** Two plugins declare the same name. */
export class NameClash extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NameClash';
  }
}

/** @throws NameClash when a name occurs twice */
export function unique(kind: string, owners: readonly (readonly [name: string, owner: string])[]): void {
  const seen = new Map<string, string>();
  for (const [name, owner] of owners) {
    const first = seen.get(name);
    if (first !== undefined) {
      const where = first === owner ? `twice by ${owner}` : `by ${first} and by ${owner}`;
      throw new NameClash(`the ${kind} "${name}" is declared ${where}; each name can have one owner`);
    }
    seen.set(name, owner);
  }
}
