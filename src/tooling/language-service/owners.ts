import type { ControlDecl } from '../../model/control.ts';
import type { FieldDecl } from '../../model/field.ts';
import { NODES_FIELD } from '../../model/numa-nodes.ts';
import type { Vocabulary } from '../../model/vocabulary.ts';
import type { Analysis } from '../../policy/forms/analysis.ts';
import type { Definition, Occurrence } from '../../policy/forms/occurrence.ts';
import type { Node, SymbolNode } from '../../policy/text/ast.ts';
import { OWNERS, type Owner } from '../../policy/values/owner.ts';

/** Limit on steps: names can pass values on in exponentially many ways. */
const MAX_STEPS = 500;

/** Loops that return elements of their list. */
const OF_LIST: ReadonlySet<string> = new Set(['filter', 'sort']);
/** The same, and the list itself where it is not nil. */
const OF_NODES: ReadonlySet<string> = new Set([...OF_LIST, 'default']);
const ONE_OF_LIST: ReadonlySet<string> = new Set(['first', 'min-of', 'max-of']);

/** Results by analysis. */
const CACHE = new WeakMap<Analysis, Map<Definition, readonly Owner[]>>();

/** Whether a name can hold the host, a guest, either or neither, as far as the text shows. */
export function ownersOf(analysis: Analysis, name: Occurrence): readonly Owner[] {
  const known = CACHE.get(analysis) ?? new Map<Definition, readonly Owner[]>();
  CACHE.set(analysis, known);
  const definitions = analysis.definitionsOf(name);
  if (definitions.length === 0) return ofPredefined(name.name);
  return union(
    definitions.map((definition) => {
      const found = known.get(definition) ?? new Search(analysis).owners(definition);
      known.set(definition, found);
      return found;
    }),
  );
}

function ofPredefined(name: string): readonly Owner[] {
  if (name === 'Host') return ['host'];
  return name === 'Guests' ? [] : OWNERS;
}

/** Whether a name is an element of the NUMA nodes of the host, as far as the text shows. */
export function isNode(analysis: Analysis, name: Occurrence): boolean {
  const definitions = analysis.definitionsOf(name);
  return (
    definitions.length > 0 &&
    definitions.every(({ kind, value }) => (kind === 'with' || kind === 'loop') && value !== null && isNodes(value))
  );
}

function isNodes(list: Node): boolean {
  if (list.kind === 'symbol') return list.name === `Host.${NODES_FIELD}`;
  if (list.kind !== 'list') return false;
  const [head, inner] = list.items;
  return head?.kind === 'symbol' && OF_NODES.has(head.name) && inner !== undefined && isNodes(inner);
}

/** Traces values to their origin, for one query. */
class Search {
  readonly #analysis: Analysis;
  readonly #visiting = new Set<Definition>();
  #steps = 0;

  constructor(analysis: Analysis) {
    this.#analysis = analysis;
  }

  owners(definition: Definition): readonly Owner[] {
    const { kind, value } = definition;
    // A cycle adds no owners.
    if (this.#visiting.has(definition)) return [];
    this.#steps += 1;
    if (this.#steps > MAX_STEPS) return OWNERS;
    this.#visiting.add(definition);
    try {
      switch (kind) {
        case 'function':
        case 'granted':
        case 'param':
          return [];
        case 'with':
        case 'loop':
          return value && this.#isGuests(value) ? ['guest'] : OWNERS;
        case 'parameter':
          return this.#ofArguments(definition);
        case 'carried':
          // The bodies may make anything of it.
          return OWNERS;
        case 'let':
        case 'defvar':
          return value ? this.#ofValue(value) : OWNERS;
      }
    } finally {
      this.#visiting.delete(definition);
    }
  }

  /** A parameter has the owners of the arguments in all calls. */
  #ofArguments({ name, parameters, form }: Definition): readonly Owner[] {
    const [, own] = form.items;
    if (own?.kind !== 'symbol') return OWNERS;
    const at = parameters.indexOf(name) + 1;
    const given = this.#analysis.occurrencesOf('function', own.name).flatMap(({ call }) => call?.items[at] ?? []);
    return given.length === 0 ? OWNERS : union(given.map((node) => this.#ofValue(node)));
  }

  #ofValue(value: Node): readonly Owner[] {
    if (value.kind === 'number' || value.kind === 'text') return [];
    if (value.kind === 'symbol' && !value.name.includes('.')) return this.#ofName(value);
    if (value.kind !== 'list') return OWNERS;
    const [head, list] = value.items;
    return head?.kind === 'symbol' && ONE_OF_LIST.has(head.name) && list && this.#isGuests(list) ? ['guest'] : OWNERS;
  }

  #ofName(node: SymbolNode): readonly Owner[] {
    const definitions = this.#definitionsOf(node);
    return definitions.length === 0
      ? ofPredefined(node.name)
      : union(definitions.map((definition) => this.owners(definition)));
  }

  #isGuests(list: Node): boolean {
    this.#steps += 1;
    if (this.#steps > MAX_STEPS) return false;
    if (list.kind === 'list') {
      const [head, inner] = list.items;
      return head?.kind === 'symbol' && OF_LIST.has(head.name) && inner !== undefined && this.#isGuests(inner);
    }
    if (list.kind !== 'symbol') return false;
    const definitions = this.#definitionsOf(list);
    return definitions.length === 0
      ? list.name === 'Guests'
      : definitions.every(({ value }) => value !== null && this.#isGuests(value));
  }

  #definitionsOf({ name, span }: SymbolNode): readonly Definition[] {
    const occurrence = this.#analysis
      .occurrencesOf('variable', name)
      .find((each) => each.span.start === span.start && each.span.source === span.source);
    return occurrence ? this.#analysis.definitionsOf(occurrence) : [];
  }
}

function union(owners: readonly (readonly Owner[])[]): readonly Owner[] {
  return OWNERS.filter((owner) => owners.some((each) => each.includes(owner)));
}

export function fieldsOf({ hostFields, guestFields }: Vocabulary, owner: Owner): readonly FieldDecl[] {
  return owner === 'host' ? hostFields : guestFields;
}

export function controlsOf({ controls }: Vocabulary, owner: Owner): readonly ControlDecl[] {
  return controls.filter(({ scope }) => scope === owner);
}

export function propsOf({ hostProps, guestProps }: Vocabulary, owner: Owner): readonly string[] {
  return owner === 'host' ? hostProps : guestProps;
}
