import { builtinNamed, type Plain } from '../builtins/builtins.ts';
import { catalogue } from '../messages/catalogue.ts';
import type { Node } from '../text/ast.ts';
import { called, literal, malformed, reference } from './atoms.ts';
import type { FormParts } from './expand-param.ts';
import type { Apply, Clause, Cond, Expression, Logic, Variable } from './forms.ts';

/**
 * `(case VALUE (A BODY …) ((B C) BODY …) … (else BODY …))`, as a `cond` of comparisons in a scope of its own. A VALUE that is
 * computed is bound to a name there that a policy cannot write.
 */
export function expandCase(rest: readonly Node[], form: FormParts, expand: (node: Node) => Expression): Expression {
  const [subject, ...clauses] = rest as [Node, ...Node[]];
  const value = expand(subject);
  const isRead = value.kind === 'variable' || value.kind === 'attribute' || value.kind === 'literal';
  const { source, start } = subject.span;
  const held: Variable = {
    kind: 'variable',
    name: `_case:${source.file}:${start}`,
    node: subject,
    span: subject.span,
  };
  const compared: Compared = { subject, read: () => ({ ...(isRead ? value : held) }) };
  const found: Clause[] = [];
  for (const [at, clause] of clauses.entries()) {
    if (clause.kind !== 'list' || clause.items.length === 0)
      return malformed(form.node, catalogue.caseClause(called(clause)), 'case', clause);
    const [first, ...body] = clause.items as [Node, ...Node[]];
    const isElse = first.kind === 'symbol' && first.name === 'else';
    if (isElse && (body.length === 0 || at < clauses.length - 1 || at === 0))
      return malformed(form.node, catalogue.caseElse(), 'case', clause);
    if (body.length === 0) return malformed(form.node, catalogue.caseBody(), 'case', clause);
    const test = isElse ? null : testOf(first, compared);
    if (test === undefined) return malformed(form.node, catalogue.caseValue(called(first)), 'case', first);
    found.push({ test, body: body.map(expand), span: clause.span });
  }
  const cond: Cond = { kind: 'cond', clauses: found, ...form, head: '' };
  return {
    kind: 'let',
    bindings: isRead ? [] : [{ name: held.name, value, span: subject.span }],
    body: [cond],
    ...form,
  };
}

/** The value of a `case`, to be read in each comparison. */
interface Compared {
  readonly subject: Node;
  readonly read: () => Expression;
}

/** undefined: neither a value nor a list of values. */
function testOf(node: Node, compared: Compared): Expression | undefined {
  if (node.kind !== 'list') return comparison(node, compared);
  const args = node.items.map((item) => (item.kind === 'list' ? undefined : comparison(item, compared)));
  const tests = args.filter((test) => test !== undefined);
  if (tests.length === 0 || tests.length < args.length) return undefined;
  return { kind: 'logic', operator: 'or', args: tests, head: '', node, span: node.span } satisfies Logic;
}

function comparison(node: Node, { subject, read }: Compared): Apply | undefined {
  if (node.kind === 'list' || node.kind === 'operator' || node.kind === 'keyword') return undefined;
  const { span } = node;
  return {
    kind: 'apply',
    builtin: builtinNamed('eq') as Plain,
    args: [read(), node.kind === 'symbol' ? reference(node) : literal(node)],
    head: '',
    node: Object.freeze({
      kind: 'list',
      items: Object.freeze([{ kind: 'operator' as const, operator: '==', span }, subject, node]),
      span,
    }),
    span,
  };
}
