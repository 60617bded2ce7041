import { NODE_FIELDS, NODE_GUESTS } from '../../model/numa-nodes.ts';
import { describeOverride } from '../../model/parameter.ts';
import type { Definition, Occurrence } from '../../policy/forms/occurrence.ts';
import { BUILTINS } from '../../policy/builtins/builtins.ts';
import { FUNCTION_VALUES } from '../../policy/builtins/function-values.ts';
import { METHODS } from '../../policy/builtins/methods.ts';
import { commentOf } from './comments.ts';
import {
  code,
  definitionText,
  describeCallable,
  describeControl,
  describeField,
  describeMethod,
  describeNodeGuests,
} from './describe.ts';
import { placeOf } from './navigate.ts';
import { OWNERS, type Owner } from '../../policy/values/owner.ts';
import { controlsOf, fieldsOf, isNode, ownersOf, propsOf } from './owners.ts';
import type { Place, PolicyProgram } from './program.ts';

export interface Hover {
  readonly place: Place;
  readonly markdown: string;
}

/** Describes the name under the cursor; null if there is nothing to describe. */
export function hover(program: PolicyProgram, file: string, offset: number): Hover | null {
  const occurrence = program.analysis.at(file, offset);
  const markdown = occurrence && explain(program, occurrence);
  if (!markdown) return null;
  const type = typeOf(program, occurrence);
  return { place: placeOf(occurrence), markdown: type === null ? markdown : `${markdown}\n\nHere: ${type}` };
}

/** The type of the value at this place, narrowed by the guards around it. */
function typeOf(program: PolicyProgram, { kind, role, span, owner, call, name }: Occurrence): string | null {
  const place = placeOf({ span });
  if (kind === 'field' && owner && owner.span.end < span.start)
    return program.typeOf({ ...place, start: owner.span.start });
  if (kind === 'function' && call) return program.typeOf(placeOf(call));
  if (kind !== 'variable') return null;
  if (role !== 'definition') return program.typeOf(place);
  const definition = program.analysis
    .variablesNamed(name)
    .find((each) => each.span.start === span.start && each.span.source === span.source);
  const takesValue = definition?.kind === 'let' || definition?.kind === 'defvar';
  return takesValue && definition.value ? program.typeOf(placeOf(definition.value)) : null;
}

const KEYWORDS: Readonly<Record<string, string>> = {
  min: 'The least value that the operator may set.',
  max: 'The greatest value that the operator may set.',
  'one-of': 'The texts that the operator may set.',
  last: 'Of the last samples, this many.',
  down: 'Below this, it becomes false.',
  up: 'Above this, it becomes true.',
  over: 'Of the samples this long back from now, such as `30s`.',
};

const PREDEFINED: Readonly<Record<string, string>> = {
  Host: 'The host: its fields, properties, controls and stored variables.',
  Guests: 'The list of all guests whose mandatory statistics are there, by name, then uuid.',
};

function explain(program: PolicyProgram, occurrence: Occurrence): string | null {
  const { kind, name, head } = occurrence;
  switch (kind) {
    case 'builtin': {
      const builtin = BUILTINS.get(name) ?? FUNCTION_VALUES.get(name);
      return builtin ? describeCallable(builtin) : null;
    }
    case 'method': {
      const method = METHODS.get(name);
      return method ? describeMethod(method) : null;
    }
    case 'field':
      if (occurrence.owner && isNode(program.analysis, occurrence.owner)) return ofNode(name);
      return joined(present(program, occurrence, fieldsOf, describeField));
    case 'control':
      return joined(present(program, occurrence, controlsOf, describeControl));
    case 'prop':
      return joined(
        owners(program, occurrence)
          .filter((owner) => propsOf(program.vocabulary, owner).includes(name))
          .map((owner) => `property **${name}** of ${owner === 'host' ? 'the host' : 'a guest'}`),
      );
    case 'keyword':
      return head === null || !Object.hasOwn(KEYWORDS, name) ? null : `**:${name}** of ${head}\n\n${KEYWORDS[name]}`;
    case 'stored':
      return `variable **${name}** that SetVar keeps from interval to interval`;
    case 'function':
    case 'variable': {
      const definitions = program.analysis.definitionsOf(occurrence);
      if (definitions.length === 0)
        return !Object.hasOwn(PREDEFINED, name) ? null : `${code(name)}\n${PREDEFINED[name]}`;
      return joined(definitions.map((definition) => explainDefinition(program, definition)));
    }
    case 'unknown':
      return null;
  }
}

function ofNode(name: string): string | null {
  if (name === NODE_GUESTS.name) return describeNodeGuests();
  const field = NODE_FIELDS.find((each) => each.name === name);
  return field ? describeField(field, 'node') : null;
}

function explainDefinition({ analysis, overrides }: PolicyProgram, definition: Definition): string {
  const { file, line } = definition.span.source.positionAt(definition.span.start);
  const comment = commentOf(analysis, definition);
  const said = comment === null || definition.kind === 'parameter' ? '' : `\n${comment}`;
  const set = definition.kind === 'param' ? overrides.filter(({ name }) => name === definition.name) : [];
  const values = set
    .map((override) => `\n\n${fileName(override.file)} sets ${describeOverride(override)} to \`${override.given}\`.`)
    .join('');
  return `${code(definitionText(definition))}${said}${values}\n\n${WHAT[definition.kind]}, ${fileName(file)}:${line}`;
}

const WHAT: Readonly<Record<Definition['kind'], string>> = {
  function: 'function',
  parameter: 'parameter',
  carried: 'variable of a fold',
  granted: 'what a hand-out gives',
  let: 'variable of let',
  with: 'element of the loop',
  loop: 'element of the loop',
  defvar: 'variable',
  param: 'parameter of the policy, with its default',
};

export function fileName(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1);
}

function owners(program: PolicyProgram, { owner }: Occurrence): readonly Owner[] {
  return owner ? ownersOf(program.analysis, owner) : OWNERS;
}

function present<T extends { readonly name: string }>(
  program: PolicyProgram,
  occurrence: Occurrence,
  all: (vocabulary: PolicyProgram['vocabulary'], owner: Owner) => readonly T[],
  describe: (item: T, owner: Owner) => string,
): string[] {
  return owners(program, occurrence).flatMap((owner) => {
    const found = all(program.vocabulary, owner).find(({ name }) => name === occurrence.name);
    return found ? [describe(found, owner)] : [];
  });
}

function joined(parts: readonly string[]): string | null {
  return parts.length > 0 ? parts.join('\n\n---\n\n') : null;
}
