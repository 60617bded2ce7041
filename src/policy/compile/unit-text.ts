/** A JavaScript operand that holds a variable's value, and the scope of the policy that the variable belongs to. */
interface KnownValue {
  readonly operand: string;
  readonly scope: number;
}

/** One function of the generated code while it is written, with what is known of the policy's variables at the present place. */
export class UnitText {
  lines: string[] = [];
  /** Whether the present scope is the outermost one of the program. */
  topLevel: boolean;
  /** Whether the present scope binds a name that has a cell. */
  bindsCells = false;
  #temporaries = 0;
  #scope = 0;
  #scopes = 0;
  /** Names whose value a JavaScript variable holds as well. Only names that `set` never changes are here. */
  #known = new Map<string, KnownValue>();
  /** Names that the present scope may or may not have, by what ran before. */
  #uncertain = new Set<string>();
  readonly #truths = new Set<string>();
  /** Operands whose value a tracer has been told at the present place, with the slot. */
  #slots = new Map<string, number>();

  constructor(topLevel: boolean) {
    this.topLevel = topLevel;
  }

  put(line: string): void {
    this.lines.push(line);
  }

  temporary(): string {
    return `t${this.#temporaries++}`;
  }

  /** Keeps a value in a variable of the unit. */
  keep(value: string): string {
    const name = this.temporary();
    this.put(`const ${name} = ${value};`);
    return name;
  }

  /** Keeps a value that is true or false and nothing else. */
  keepTruth(value: string): string {
    const name = this.keep(value);
    this.#truths.add(name);
    return name;
  }

  /** An operand as a JavaScript condition. */
  condition(operand: string): string {
    return this.isTruth(operand) ? operand : `isTrue(${operand})`;
  }

  /** Whether an operand is true or false and nothing else. */
  isTruth(operand: string): boolean {
    return this.#truths.has(operand);
  }

  keptInSlot(operand: string, slot: number): void {
    this.#slots.set(operand, slot);
  }

  slotOf(operand: string): number | undefined {
    return this.#slots.get(operand);
  }

  know(name: string, operand: string): void {
    this.#known.set(name, { operand, scope: this.#scope });
  }

  /** The operand that holds a variable's value. */
  known(name: string): string | undefined {
    return this.#known.get(name)?.operand;
  }

  /** The same, if the variable belongs to the present scope. */
  knownInScope(name: string): string | undefined {
    const known = this.#known.get(name);
    return known?.scope === this.#scope ? known.operand : undefined;
  }

  isUncertain(name: string): boolean {
    return this.#uncertain.has(name);
  }

  /** Writes code that may or may not run, and returns the names that may have been bound in it. */
  branch(body: () => void): ReadonlySet<string> {
    const [before, slots] = [this.#known, this.#slots] as const;
    this.#known = new Map(before);
    this.#slots = new Map(slots);
    body();
    const after = this.#known;
    this.#known = before;
    this.#slots = slots;
    return new Set([...before.keys(), ...after.keys()].filter((name) => before.get(name) !== after.get(name)));
  }

  /** After branches: what they may have bound is no longer known. */
  forget(...branches: readonly ReadonlySet<string>[]): void {
    for (const names of branches) {
      for (const name of names) {
        this.#known.delete(name);
        this.#uncertain.add(name);
      }
    }
  }

  /** Writes the inside of an inner scope. */
  innerScope(body: () => void): void {
    const outer = [this.#known, this.#scope, this.#uncertain, this.topLevel] as const;
    this.#known = new Map(this.#known);
    this.#uncertain = new Set();
    this.#scope = ++this.#scopes;
    this.topLevel = false;
    this.openClose(body);
    [this.#known, this.#scope, this.#uncertain, this.topLevel] = outer;
  }

  /** Opens and closes a scope of the machine around code, unless the code binds nothing in it. */
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
