/** A JavaScript operand with a variable's value, and the policy scope of the variable. */
interface KnownValue {
  readonly operand: string;
  readonly scope: number;
}

/** A change of a map: the value before, undefined if there was none. */
interface Change<V> {
  readonly key: string;
  readonly before: V | undefined;
}

function undo<V>(map: Map<string, V>, changes: Change<V>[], mark: number): void {
  for (const { key, before } of changes.splice(mark).reverse()) {
    if (before === undefined) map.delete(key);
    else map.set(key, before);
  }
}

/** One generated function while it is written, with what is known about variables of the policy at the current position. */
export class UnitText {
  lines: string[] = [];
  /** Whether the current scope is the outermost one. */
  topLevel: boolean;
  /** Whether the current scope binds a name that has a cell. */
  bindsCells = false;
  #temporaries = 0;
  #scope = 0;
  #scopes = 0;
  /** Names whose value is also in a JavaScript variable. Excludes names that `set` changes. */
  readonly #known = new Map<string, KnownValue>();
  /** Names that may or may not exist in the current scope, depending on branches. */
  #uncertain = new Set<string>();
  readonly #truths = new Set<string>();
  /** Operands that were traced at the current position, with their slots. */
  readonly #slots = new Map<string, number>();
  /**
   * The changes of both maps, newest last, to undo them at the end of a branch or scope. Copies of the maps would make long
   * functions with many branches quadratic.
   */
  readonly #knownChanges: Change<KnownValue>[] = [];
  readonly #slotChanges: Change<number>[] = [];

  constructor(topLevel: boolean) {
    this.topLevel = topLevel;
  }

  put(line: string): void {
    this.lines.push(line);
  }

  temporary(): string {
    return `t${this.#temporaries++}`;
  }

  /** Stores a value in a local variable. */
  keep(value: string): string {
    const name = this.temporary();
    this.put(`const ${name} = ${value};`);
    return name;
  }

  /** Stores a value that is always a boolean. */
  keepTruth(value: string): string {
    const name = this.keep(value);
    this.#truths.add(name);
    return name;
  }

  /** An operand as a JavaScript condition. */
  condition(operand: string): string {
    return this.isTruth(operand) ? operand : `isTrue(${operand})`;
  }

  /** Whether an operand is always a boolean. */
  isTruth(operand: string): boolean {
    return this.#truths.has(operand);
  }

  keptInSlot(operand: string, slot: number): void {
    this.#slotChanges.push({ key: operand, before: this.#slots.get(operand) });
    this.#slots.set(operand, slot);
  }

  slotOf(operand: string): number | undefined {
    return this.#slots.get(operand);
  }

  know(name: string, operand: string): void {
    this.#knownChanges.push({ key: name, before: this.#known.get(name) });
    this.#known.set(name, { operand, scope: this.#scope });
  }

  /** The operand that holds a variable's value. */
  known(name: string): string | undefined {
    return this.#known.get(name)?.operand;
  }

  /** The same, if the variable belongs to the current scope. */
  knownInScope(name: string): string | undefined {
    const known = this.#known.get(name);
    return known?.scope === this.#scope ? known.operand : undefined;
  }

  isUncertain(name: string): boolean {
    return this.#uncertain.has(name);
  }

  /** Writes code that may not run. Returns the names that it may have bound. */
  branch(body: () => void): ReadonlySet<string> {
    const [known, slots] = [this.#knownChanges.length, this.#slotChanges.length];
    body();
    const after = new Map(this.#knownChanges.slice(known).map(({ key }) => [key, this.#known.get(key)]));
    undo(this.#known, this.#knownChanges, known);
    undo(this.#slots, this.#slotChanges, slots);
    return new Set([...after.keys()].filter((name) => this.#known.get(name) !== after.get(name)));
  }

  /** Discards what is known about names that branches may have bound. */
  forget(...branches: readonly ReadonlySet<string>[]): void {
    for (const names of branches) {
      for (const name of names) {
        this.#knownChanges.push({ key: name, before: this.#known.get(name) });
        this.#known.delete(name);
        this.#uncertain.add(name);
      }
    }
  }

  /** Writes the code of an inner scope. */
  innerScope(body: () => void): void {
    const outer = [this.#scope, this.#uncertain, this.topLevel] as const;
    const known = this.#knownChanges.length;
    this.#uncertain = new Set();
    this.#scope = ++this.#scopes;
    this.topLevel = false;
    this.openClose(body);
    undo(this.#known, this.#knownChanges, known);
    [this.#scope, this.#uncertain, this.topLevel] = outer;
  }

  /** Wraps code in a runtime scope, unless the code binds nothing in it. */
  openClose(body: () => void): void {
    const [lines, bindsCells] = [this.lines, this.bindsCells] as const;
    this.lines = [];
    this.bindsCells = false;
    body();
    const inner = this.lines;
    this.lines = lines;
    const top = this.bindsCells ? this.temporary() : null;
    if (top !== null) this.put(`const ${top} = m.top; m.depth++;`);
    for (const line of inner) this.put(line);
    if (top !== null) this.put(`m.depth--; m.unwind(${top});`);
    this.bindsCells = bindsCells;
  }
}
