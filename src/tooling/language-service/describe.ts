import type { ControlDecl } from '../../model/control.ts';
import { NODE_GUESTS } from '../../model/numa-nodes.ts';
import type { FieldDecl } from '../../model/field.ts';
import type { Definition } from '../../policy/forms/occurrence.ts';
import type { Method } from '../../policy/builtins/methods.ts';
import { spanText } from '../../policy/text/source.ts';
import type { Owner } from '../../policy/values/owner.ts';

// Descriptions of names, as Markdown.

const WHOSE: Readonly<Record<Owner | 'node', string>> = { host: 'the host', guest: 'a guest', node: 'a NUMA node' };

export function code(text: string): string {
  return `\`\`\`ballast-policy\n${text}\n\`\`\``;
}

export function describeCallable({ signature, doc }: { readonly signature: string; readonly doc: string }): string {
  return `${code(signature)}\n${doc}`;
}

export function describeMethod({ signature, doc, windows }: Pick<Method, 'signature' | 'doc' | 'windows'>): string {
  const ofSamples = windows.includes('last')
    ? '\n\nOf the last samples only: `:last N` of them, or those `:over DURATION` back from now.'
    : '';
  return `${code(signature)}\n${doc}${ofSamples}`;
}

export function describeField(
  { name, type, unit, holds, optional, doc, source }: FieldDecl,
  owner: Owner | 'node',
): string {
  const nil = optional ? '\n\nOptional: nil when it cannot be had.' : '';
  return `**${name}** of ${WHOSE[owner]}: ${typeAndUnit(holds === 'nodes' ? 'list' : type, unit)}\n\n${doc}${nil}\n\nFrom ${inCode(source)}`;
}

export function describeNodeGuests(): string {
  return `**${NODE_GUESTS.name}** of ${WHOSE.node}: list of guests\n\n${NODE_GUESTS.doc}.`;
}

export function describeControl({ name, scope, type, unit, doc, source, ...range }: ControlDecl): string {
  const limits = rangeText(range);
  return `control **${name}** of ${WHOSE[scope]}: ${typeAndUnit(type, unit)}${limits ? `, ${limits}` : ''}\n\n${doc}\n\nBecomes ${inCode(source)}`;
}

export function typeAndUnit(type: string, unit: string): string {
  return unit === 'none' ? type : `${type}, ${unit}`;
}

function rangeText({ min, max }: { readonly min?: number; readonly max?: number }): string | null {
  if (min !== undefined && max !== undefined) return `${min} to ${max}`;
  if (min !== undefined) return `at least ${min}`;
  return max === undefined ? null : `at most ${max}`;
}

function inCode(text: string): string {
  return `\`${text.replaceAll('`', "'")}\``;
}

const LONGEST_VALUE = 200;

/** A definition as source text, with its value shortened. */
export function definitionText({ kind, name, parameters, value, form }: Definition): string {
  const shown = value ? shorten(spanText(value.span)) : '…';
  switch (kind) {
    case 'function':
      return `(${[name, ...parameters].join(' ')})`;
    case 'param':
      return shorten(spanText(form.span));
    case 'defvar':
      return `(defvar ${name} ${shown})`;
    case 'let':
      return `(let ((${name} ${shown})) …)`;
    case 'with':
      return `(with ${shown} ${name} …)`;
    case 'loop':
      return `(${spanOfHead(form)} ${shown} ${name} …)`;
    case 'carried':
      return `(${spanOfHead(form)} … ${name} ${shown} …)`;
    case 'granted':
      return `(hand-out … ${name} ${shown} …)`;
    case 'parameter': {
      const own = form.items[1];
      return `(def ${own ? spanText(own.span) : '…'} (${parameters.join(' ')}) …)`;
    }
  }
}

function spanOfHead({ items: [head] }: Definition['form']): string {
  return head ? spanText(head.span) : '';
}

function shorten(text: string): string {
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)} …` : text;
}
