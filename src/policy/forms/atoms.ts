import type { Node, NumberNode, SymbolNode, TextNode } from '../text/ast.ts';
import { catalogue } from '../messages/catalogue.ts';
import type { Fault } from '../messages/fault.ts';
import type { Attribute, Expression, Literal, Malformed, Variable } from './forms.ts';
import { strayUnitIn } from '../text/meant-unit.ts';
import { DISK_ATTRIBUTES } from '../builtins/disks.ts';
import { literalUnit } from '../text/quantity.ts';

// The meaning of single nodes, and the errors about invalid ones.

/** Only the first two parts of a dotted name count: `a.b.c` is `a.b`, except in `disk.maximum.total_iops_sec`. */
export function name(node: SymbolNode): Variable | Attribute {
  const [root = '', attribute, deeper] = node.name.split('.', 3);
  if (deeper !== undefined && DISK_ATTRIBUTES.has(`${attribute}.${deeper}`))
    return { kind: 'attribute', name: node.name, root, attribute: `${attribute}.${deeper}`, span: node.span };
  if (attribute === undefined) return { kind: 'variable', name: node.name, span: node.span };
  return { kind: 'attribute', name: node.name, root, attribute, span: node.span };
}

/** @param at the part to report, if not the whole node */
export function malformed(node: Node, fault: Fault, head: string | null = null, at: Node = node): Malformed {
  return { kind: 'malformed', fault, head, node, span: at.span };
}

/** An unknown or separate unit of a number counts as an extra item in its list. */
export function misplacedUnit(node: Node, items: readonly Node[], head: string | null = null): Malformed | null {
  const unit = strayUnitIn(items);
  return unit && { ...malformed(node, catalogue.unknownUnit('wrong-arity', unit), head), span: unit.span };
}

export function literal(node: NumberNode | TextNode): Literal {
  const number = node.kind === 'number' ? node : { fraction: false, unit: null };
  return {
    kind: 'literal',
    value: node.value,
    fraction: number.fraction,
    unit: number.unit,
    base: baseOf(number.unit),
    span: node.span,
  };
}

function baseOf(unit: string | null): Literal['base'] {
  return unit === null ? null : (literalUnit(unit)?.base ?? null);
}

export function reference(node: SymbolNode): Expression {
  if (node.name === 'nil')
    return { kind: 'literal', value: null, fraction: false, unit: null, base: null, span: node.span };
  return name(node);
}

export function called(node: Node): string {
  switch (node.kind) {
    case 'number':
      return `the number ${node.value}`;
    case 'text':
      return 'a text';
    case 'symbol':
      return `the name ${JSON.stringify(node.name)}`;
    case 'keyword':
      return `:${node.name}`;
    case 'operator':
      return `the operator ${node.operator}`;
    case 'list':
      return node.items.length === 0 ? 'empty brackets' : 'a list';
  }
}
