import { NODE_FIELDS, NODE_GUESTS } from '../../model/numa-nodes.ts';
import { KEYWORDS } from '../../policy/forms/expand-hysteresis.ts';
import type { Occurrence } from '../../policy/forms/occurrence.ts';
import type { ListNode, Node } from '../../policy/text/ast.ts';
import { BUILTIN_LIST } from '../../policy/builtins/builtins.ts';
import { FUNCTION_VALUES } from '../../policy/builtins/function-values.ts';
import { METHOD_LIST, METHODS } from '../../policy/builtins/methods.ts';
import { LITERAL_UNITS } from '../../policy/text/quantity.ts';
import { within } from '../../policy/text/source.ts';
import { commentOf } from './comments.ts';
import { cursorAt, type Cursor } from './cursor.ts';
import {
  code,
  definitionText,
  describeCallable,
  describeControl,
  describeField,
  describeMethod,
  describeNodeGuests,
  typeAndUnit,
} from './describe.ts';
import { OWNERS, type Owner } from '../../policy/values/owner.ts';
import { controlsOf, fieldsOf, isNode, ownersOf, propsOf } from './owners.ts';
import type { Place, PolicyProgram } from './program.ts';
import { snippetOf } from './snippet.ts';

/** A completion at the cursor. */
export interface Completion {
  readonly label: string;
  readonly kind:
    | 'field'
    | 'method'
    | 'control'
    | 'prop'
    | 'stored'
    | 'builtin'
    | 'form'
    | 'function'
    | 'variable'
    | 'constant'
    | 'keyword'
    | 'unit';
  /** One line. */
  readonly detail: string;
  readonly markdown: string;
  /** Replaces the text at `place`; a snippet with numbered placeholders if `isSnippet`. */
  readonly text: string;
  readonly isSnippet: boolean;
  readonly place: Place;
}

type Offer = Omit<Completion, 'place' | 'text' | 'isSnippet'> & { readonly snippet?: string };

/** Everything that is valid at the cursor; the editor filters by the current word. */
export function completions(program: PolicyProgram, file: string, offset: number): readonly Completion[] {
  const cursor = cursorAt(program, file, offset);
  if (!cursor) return [];
  const word =
    cursor.kind === 'name' && cursor.word.includes('.') ? cursor.word.slice(cursor.word.indexOf('.') + 1) : cursor.word;
  const place = { file, start: offset - word.length, end: offset };
  return offers(program, cursor).map(({ snippet, ...offer }) => ({
    ...offer,
    place,
    text: snippet ?? offer.label,
    isSnippet: snippet !== undefined,
  }));
}

function offers(program: PolicyProgram, cursor: Cursor): readonly Offer[] {
  switch (cursor.kind) {
    case 'number':
      return UNITS;
    case 'keyword':
      return keywords(cursor);
    case 'text':
      return texts(program, cursor);
    case 'name':
      if (cursor.word.includes('.')) return attributes(program, cursor);
      if (isNewName(cursor)) return [];
      return isHead(cursor) ? heads(cursor) : values(cursor);
  }
}

const UNITS: readonly Offer[] = LITERAL_UNITS.map(({ suffix, base, times, per }) => {
  const value = per === 1 ? `${times} ${base}` : `${times}/${per} ${base}`;
  return { label: suffix, kind: 'unit', detail: value, markdown: `1${suffix} is ${value}` };
});

function keywords({ around }: Cursor): readonly Offer[] {
  const head = around.at(-1)?.items[0];
  if (head?.kind !== 'symbol') return [];
  const ofMethod = METHODS.get(head.name.split('.', 2)[1] ?? '')?.windows ?? [];
  const names = head.name === 'param' ? ['min', 'max', 'one-of'] : (KEYWORDS.get(head.name) ?? ofMethod);
  return names.map((name) => ({ label: name, kind: 'keyword', detail: `:${name}`, markdown: '' }));
}

/** Names for the first argument of a method. */
function texts(program: PolicyProgram, { around, analysis, node }: Cursor): readonly Offer[] {
  const call = around.at(-1);
  const [head, first] = call?.items ?? [];
  if (head?.kind !== 'symbol' || first !== node) return [];
  const [, attribute = ''] = head.name.split('.', 2);
  const root = analysis.occurrences.find(
    ({ kind, span }) => kind === 'variable' && span.source === head.span.source && span.start === head.span.start,
  );
  const owners = root ? ownersOf(analysis, root) : OWNERS;
  switch (METHODS.get(attribute)?.names) {
    case 'field':
      return fields(program, owners);
    case 'control':
      return unique(owners.flatMap((owner) => controlsOf(program.vocabulary, owner))).map((control) => ({
        label: control.name,
        kind: 'control',
        detail: typeAndUnit(control.type, control.unit),
        markdown: describeControl(control),
      }));
    case 'prop':
      return unique(owners.flatMap((owner) => propsOf(program.vocabulary, owner)).map((name) => ({ name }))).map(
        ({ name }) => ({ label: name, kind: 'prop', detail: 'property', markdown: '' }),
      );
    case 'param':
      return unique(analysis.definitions.filter(({ kind }) => kind === 'param')).map((param) => ({
        label: param.name,
        kind: 'variable',
        detail: definitionText(param),
        markdown: commentOf(analysis, param) ?? '',
      }));
    case 'variable': {
      const stored = analysis.occurrences.filter(({ kind, span }) => kind === 'stored' && !within(span, node.span));
      return unique(stored).map(({ name }) => ({
        label: name,
        kind: 'stored',
        detail: 'kept by SetVar',
        markdown: '',
      }));
    }
    case undefined:
      return [];
  }
}

function fields({ vocabulary }: PolicyProgram, owners: readonly Owner[]): readonly Offer[] {
  const found = owners.flatMap((owner) => fieldsOf(vocabulary, owner).map((field) => ({ ...field, owner })));
  return unique(found).map((field): Offer => ({
    label: field.name,
    kind: 'field',
    detail: typeAndUnit(field.type, field.unit),
    markdown: found
      .filter(({ name }) => name === field.name)
      .map((each) => describeField(each, each.owner))
      .join('\n\n---\n\n'),
  }));
}

const NODE_ATTRIBUTES: readonly Offer[] = [
  ...NODE_FIELDS.map((field): Offer => ({
    label: field.name,
    kind: 'field',
    detail: typeAndUnit(field.type, field.unit),
    markdown: describeField(field, 'node'),
  })),
  { label: NODE_GUESTS.name, kind: 'field', detail: 'list of guests', markdown: describeNodeGuests() },
];

/** Completions after the dot. At the head of a list, only methods. */
function attributes(program: PolicyProgram, cursor: Cursor): readonly Offer[] {
  const { analysis, node, word } = cursor;
  // A second dot is not valid.
  if (word.split('.').length > 2) return [];
  const root = analysis.occurrences.find(
    ({ kind, span }) => kind === 'variable' && span.source === node.span.source && span.start === node.span.start,
  );
  if (root && isNode(analysis, root)) return isHead(cursor) ? [] : NODE_ATTRIBUTES;
  const owners = root ? ownersOf(analysis, root) : OWNERS;
  if (owners.length === 0) return [];
  const methods = METHOD_LIST.filter(({ name }) => !name.startsWith('_')).map((method): Offer => ({
    label: method.name,
    kind: 'method',
    detail: method.signature,
    markdown: describeMethod(method),
    ...(isHead(cursor) && { snippet: snippetOf(method.signature).replace(/^[^.]*\./, '') }),
  }));
  return isHead(cursor) ? methods : [...fields(program, owners), ...methods];
}

/** Whether the cursor is at the head of a call. */
function isHead({ around, node }: Cursor): boolean {
  return around.at(-1)?.items[0] === node && !isClause(around);
}

/** Whether the innermost list is a clause of cond, which starts with a test, or of case, or the values of such a clause. */
function isClause(around: readonly ListNode[]): boolean {
  const [inner, outer, outermost] = [around.at(-1), around.at(-2), around.at(-3)];
  if (headName(outer) === 'cond') return outer?.items[0] !== inner;
  if (headName(outer) === 'case') return (outer?.items.indexOf(inner as ListNode) ?? 0) > 1;
  return headName(outermost) === 'case' && outer?.items[0] === inner && outermost?.items[1] !== outer;
}

function headName(list: ListNode | undefined): string | null {
  const head = list?.items[0];
  return head?.kind === 'symbol' ? head.name : null;
}

/** Whether the word is a new name, so that existing names do not apply. */
function isNewName({ around, node }: Cursor): boolean {
  const [outer, middle, inner] = [around.at(-3), around.at(-2), around.at(-1)];
  const placeIn = (list: ListNode | undefined, item: Node | undefined): number =>
    list && item ? list.items.indexOf(item) : -1;
  switch (headName(inner)) {
    case 'def':
    case 'defun':
    case 'defvar':
    case 'param':
      return placeIn(inner, node) === 1;
    case 'with':
      return placeIn(inner, node) === 2;
    default:
  }
  const form = headName(inner) === null ? undefined : BUILTIN_LIST.find(({ name }) => name === headName(inner))?.form;
  const place = placeIn(inner, node);
  if ((form === 'loop' || form === 'fold') && place === 2) return true;
  if ((form === 'fold' && place === 3) || (form === 'hand-out' && (place === 3 || place === 4))) return true;
  if ((headName(middle) === 'def' || headName(middle) === 'defun') && placeIn(middle, inner) === 2) return true;
  if (headName(middle) === 'let' && placeIn(middle, inner) === 1) return true;
  return headName(outer) === 'let' && placeIn(outer, middle) === 1 && placeIn(inner, node) === 0;
}

function heads(cursor: Cursor): readonly Offer[] {
  const own = functions(cursor);
  const taken = new Set(own.map(({ label }) => label));
  const builtins = BUILTIN_LIST.filter(({ name }) => !taken.has(name)).map((builtin): Offer => {
    const isForm = builtin.form !== 'plain';
    return {
      label: builtin.name,
      kind: isForm ? 'form' : 'builtin',
      detail: builtin.signature,
      markdown: describeCallable(builtin),
      ...(isForm && builtin.name !== 'eval' && { snippet: snippetOf(builtin.signature) }),
    };
  });
  const values = [...FUNCTION_VALUES.values()].map((each): Offer => ({
    label: each.name,
    kind: 'builtin',
    detail: each.signature,
    markdown: describeCallable(each),
  }));
  return [...own, ...builtins, ...values, ...variables(cursor), HOST];
}

function functions({ analysis }: Cursor): readonly Offer[] {
  return unique(analysis.definitions.filter(({ kind }) => kind === 'function')).map((definition) => ({
    label: definition.name,
    kind: 'function',
    detail: definitionText(definition),
    markdown: `${code(definitionText(definition))}\n${commentOf(analysis, definition) ?? ''}`,
  }));
}

const HOST: Offer = { label: 'Host', kind: 'constant', detail: 'the host', markdown: '' };
const CONSTANTS: readonly Offer[] = [
  HOST,
  { label: 'Guests', kind: 'constant', detail: 'the list of all guests', markdown: '' },
  { label: 'nil', kind: 'constant', detail: 'no value', markdown: '' },
];

function values(cursor: Cursor): readonly Offer[] {
  const clause = isClause(cursor.around) && cursor.around.at(-1)?.items[0] === cursor.node;
  const others: readonly Offer[] = clause
    ? [{ label: 'else', kind: 'keyword', detail: 'if no test is true', markdown: '' }]
    : [];
  const given =
    cursor.word === '' ? keywords(cursor).map(({ label, ...offer }) => ({ ...offer, label: `:${label}` })) : [];
  return [...variables(cursor), ...CONSTANTS, ...others, ...given];
}

/** Variables that are certainly visible at the cursor, and those of the whole program. */
function variables({ analysis, node }: Cursor): readonly Offer[] {
  const visible = analysis.definitions.filter(({ kind, scope, span }) => {
    if (kind === 'function' || isAtCursor(node, span)) return false;
    return scope === null || within(node.span, scope);
  });
  // The innermost binding of a name wins.
  return unique([...visible].reverse()).map((definition) => ({
    label: definition.name,
    kind: 'variable',
    detail: definitionText(definition),
    markdown: `${code(definitionText(definition))}\n${definition.kind === 'parameter' ? '' : (commentOf(analysis, definition) ?? '')}`,
  }));
}

function isAtCursor(node: Node, span: Occurrence['span']): boolean {
  return span.source === node.span.source && span.start === node.span.start;
}

function unique<T extends { readonly name: string }>(items: readonly T[]): readonly T[] {
  return [...new Map([...items].reverse().map((item) => [item.name, item])).values()].reverse();
}
