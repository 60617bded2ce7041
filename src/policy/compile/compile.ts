import { DISKS_FIELD } from '../../model/disk-tuning.ts';
import { NODES_FIELD } from '../../model/numa-nodes.ts';
import type { Cell, FieldIndex } from '../image/cells.ts';
import { type Fault, PolicyFailure } from '../messages/fault.ts';
import { Entity } from '../values/entity.ts';
import type { Expression } from '../forms/forms.ts';
import { Fractions } from '../image/fractions.ts';
import { Generator } from './generate.ts';
import type { Machine } from '../run/machine.ts';
import type { Names } from '../forms/names.ts';
import { Paths } from '../image/paths.ts';
import type { Compiled, Unit } from '../image/image.ts';
import type { ScopeMode } from '../run/program.ts';
import type { TraceTable } from '../trace/table.ts';
import { Callable, isTrue, type Value } from '../values/values.ts';

/**
 * Compiles expressions to JavaScript. Each function, loop body and top-level expression of the policy becomes one function.
 *
 * The generated code consists of the templates in writer.ts, call-writer.ts and generate.ts, numbered names (`k12`, `t3`),
 * and number and string literals written by `JSON.stringify`. Policy text enters the generated code in no other way.
 */
export function compile(
  expressions: readonly (readonly Expression[])[],
  names: Names,
  scopes: ScopeMode,
  trace: TraceTable | null,
): Compiled {
  const paths = new Paths(expressions.flat(), names);
  if (scopes === 'all') return build(expressions, names, new Generator(names, paths, new Set(), trace));
  // The first pass finds the names that need dynamic lookup; all others become JavaScript variables.
  const firstPass = new Generator(names, paths, new Set());
  for (const file of expressions) firstPass.file(file);
  return build(expressions, names, new Generator(names, paths, firstPass.lexicalNames(), trace));
}

function build(expressions: readonly (readonly Expression[])[], names: Names, generator: Generator): Compiled {
  let fractions: Fractions | null = null;
  const units = expressions.map((file) => generator.file(file));
  const functions = link(generator);
  const { tables } = generator;
  // `Stat` may compute the name.
  const mayRead = (field: string): boolean => tables.fields.has(field) || tables.fields.has('Stat');
  return {
    cells: [...tables.cells.values()],
    functions: [...tables.functions.values()],
    fields: [...tables.fields.values()],
    sites: tables.sites,
    hasTimers: generator.hasTimers,
    readsDisks: mayRead(DISKS_FIELD),
    readsNodes: mayRead(NODES_FIELD),
    params: paramDefaults(expressions.flat()),
    paths: generator.paths,
    fractions: () => (fractions ??= new Fractions(expressions.flat(), names)),
    definitionOf: (definition) => generator.compiledDefinition(definition),
    units: units.map((file) =>
      file.map(({ name, weight, site }) => ({ run: functions[name] as Unit['run'], weight, site })),
    ),
  };
}

/** Of several declarations of a name the first counts. */
function paramDefaults(expressions: readonly Expression[]): ReadonlyMap<string, number | string> {
  const declared = expressions.flatMap((each): [string, number | string][] =>
    each.kind === 'param' && each.value.value !== null ? [[each.name, each.value.value]] : [],
  );
  return new Map(declared.reverse());
}

/** Functions that generated code calls by name. */
const HELPERS = {
  Callable,
  Entity,
  isTrue,
  isEmpty: (value: Value): boolean =>
    value === null || ((typeof value === 'string' || Array.isArray(value)) && value.length === 0),
  field(machine: Machine, root: Value | undefined, cell: Cell, field: FieldIndex, site: number): Value {
    if (root instanceof Entity) {
      const value = root.last[root.isGuest ? field.guest : field.host];
      if (value !== undefined) return value;
    }
    return machine.attribute(root, cell, field, site);
  },
  fail(fault: Fault, site: number): never {
    throw new PolicyFailure(fault, site);
  },
};

/** Evaluates the generated text. */
function link({ tables, units, definitions }: Generator): Readonly<Record<string, unknown>> {
  const text = [
    '"use strict";',
    `const { ${Object.keys(HELPERS).join(', ')} } = helpers;`,
    ...tables.constants.map((_, index) => `const k${index} = constants[${index}];`),
    ...units,
    ...definitions.map(({ constant, unit }) => `${constant}.code = ${unit};`),
    `return { ${units.map((_, index) => `u${index}`).join(', ')} };`,
  ].join('\n');
  // oxlint-disable-next-line typescript/no-implied-eval -- the text is generated; see above for what it can contain
  return new Function('helpers', 'constants', text)(HELPERS, tables.constants) as Record<string, unknown>;
}
