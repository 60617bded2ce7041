import type { FileNode } from '../text/ast.ts';
import { gatherOccurrences } from './gather-occurrences.ts';
import type { Definition, Occurrence } from './occurrence.ts';
import { within, type Span } from '../text/source.ts';

/**
 * The names of a program: all definitions and uses, over all files. Scopes are dynamic: a variable without an enclosing
 * definition may be any variable of its name, and called functions see the definitions of their callers.
 */
export class Analysis {
  readonly files: readonly FileNode[];
  readonly definitions: readonly Definition[];
  readonly occurrences: readonly Occurrence[];
  readonly #functions: ReadonlyMap<string, FunctionNames>;
  readonly #definitionsByName: ReadonlyMap<string, readonly Definition[]>;
  readonly #occurrencesByName: ReadonlyMap<string, readonly Occurrence[]>;
  readonly #local = new Map<Definition, boolean>();

  constructor(files: readonly FileNode[]) {
    this.files = files;
    const { definitions, occurrences } = gatherOccurrences(files);
    this.definitions = definitions;
    this.occurrences = occurrences;
    this.#functions = functionNames(occurrences);
    this.#definitionsByName = byName(definitions);
    this.#occurrencesByName = byName(occurrences);
  }

  /** The name at an offset, or the one that ends there. */
  at(file: string, offset: number): Occurrence | null {
    const touching = this.occurrences.filter(
      ({ span }) => span.source.file === file && span.start <= offset && offset <= span.end,
    );
    return touching.find(({ span }) => offset < span.end) ?? touching[0] ?? null;
  }

  /** The possible definitions of a name; empty if the program has none. */
  definitionsOf(occurrence: Occurrence): readonly Definition[] {
    if (occurrence.kind === 'function') return this.functionsNamed(occurrence.name);
    if (occurrence.kind !== 'variable') return [];
    if (occurrence.definition) return [occurrence.definition];
    const all = this.variablesNamed(occurrence.name);
    const global = all.filter(({ scope }) => scope === null);
    return global.length > 0 ? global : all;
  }

  functionsNamed(name: string): readonly Definition[] {
    return this.#definitionsNamed(name).filter(({ kind }) => kind === 'function');
  }

  variablesNamed(name: string): readonly Definition[] {
    return this.#definitionsNamed(name).filter(({ kind }) => kind !== 'function');
  }

  #definitionsNamed(name: string): readonly Definition[] {
    return this.#definitionsByName.get(name) ?? [];
  }

  occurrencesOf(kind: Occurrence['kind'], name: string): readonly Occurrence[] {
    return (this.#occurrencesByName.get(name) ?? []).filter((each) => each.kind === kind);
  }

  /** All occurrences with the same meaning, which a rename must change. */
  referencesOf(occurrence: Occurrence): readonly Occurrence[] {
    const same = this.occurrencesOf(occurrence.kind, occurrence.name);
    if (occurrence.kind !== 'variable') return same;
    const alone = this.isLocal(occurrence.definition);
    return same.filter(({ definition }) => (alone ? definition === occurrence.definition : !this.isLocal(definition)));
  }

  /** Whether a definition is visible only in the text of its scope: no function called there reads the name from its caller. */
  isLocal(definition: Definition | null): boolean {
    if (definition === null || definition.scope === null) return false;
    const known = this.#local.get(definition);
    if (known !== undefined) return known;
    const local = !this.seenFrom(definition.scope, definition.name);
    this.#local.set(definition, local);
    return local;
  }

  /** Whether a function called in a range reads or changes a variable that it does not bind itself. */
  seenFrom(scope: Span, name: string): boolean {
    const calls = this.occurrences.filter(
      ({ kind, role, span }) => kind === 'function' && role === 'use' && within(span, scope),
    );
    const queue = calls.map((call) => call.name);
    const seen = new Set(queue);
    for (let callee = queue.pop(); callee !== undefined; callee = queue.pop()) {
      const names = this.#functions.get(callee);
      if (names?.free.has(name)) return true;
      for (const next of names?.calls ?? []) {
        if (seen.has(next)) continue;
        seen.add(next);
        queue.push(next);
      }
    }
    return false;
  }
}

/** The names that the body of a function uses from outside. */
interface FunctionNames {
  readonly free: Set<string>;
  readonly calls: Set<string>;
}

function functionNames(occurrences: readonly Occurrence[]): ReadonlyMap<string, FunctionNames> {
  const functions = new Map<string, FunctionNames>();
  for (const { kind, name, role, inside, definition } of occurrences) {
    if (inside === null) continue;
    const names = functions.get(inside) ?? { free: new Set(), calls: new Set() };
    functions.set(inside, names);
    if (kind === 'variable' && definition === null) names.free.add(name);
    if (kind === 'function' && role === 'use') names.calls.add(name);
  }
  return functions;
}

function byName<T extends { readonly name: string }>(items: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(item.name);
    if (group) group.push(item);
    else groups.set(item.name, [item]);
  }
  return groups;
}
