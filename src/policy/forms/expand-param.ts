import type { ListNode, Node } from '../text/ast.ts';
import { catalogue } from '../messages/catalogue.ts';
import type { Expression, Literal } from './forms.ts';
import type { Span } from '../text/source.ts';
import { called, literal, malformed, misplacedUnit } from './atoms.ts';

/** The source of a form. */
export interface FormParts {
  readonly head: string;
  readonly node: ListNode;
  readonly span: Span;
}

const KEYWORDS = ['min', 'max', 'one-of'];

/** `(param NAME DEFAULT "doc" :min A :max B)`, or `:one-of ("a" "b")` for texts. */
export function expandParam([name, value, ...rest]: readonly Node[], form: FormParts): Expression {
  if (name?.kind !== 'symbol' || name.name.includes('.'))
    return malformed(form.node, catalogue.nameWanted('param', called(name ?? form.node)), 'param', name ?? form.node);
  if (value?.kind !== 'number' && value?.kind !== 'text')
    return malformed(
      form.node,
      catalogue.literalWanted('the default of param', called(value ?? form.node)),
      'param',
      value ?? form.node,
    );
  const doc = rest[0]?.kind === 'text' ? rest[0].value : null;
  const bounds: { min: Literal | null; max: Literal | null } = { min: null, max: null };
  let choices: readonly Literal[] | null = null;
  const pairs = rest.slice(doc === null ? 0 : 1);
  for (let at = 0; at < pairs.length; at += 2) {
    const [keyword, bound] = pairs.slice(at) as [Node, Node?];
    if (keyword.kind !== 'keyword')
      return (
        misplacedUnit(form.node, [value, ...rest], 'param') ??
        malformed(form.node, catalogue.paramRest(called(keyword)), 'param', keyword)
      );
    if (!KEYWORDS.includes(keyword.name))
      return malformed(form.node, catalogue.unknownKeyword(keyword.name, 'param', KEYWORDS), 'param', keyword);
    if (bound === undefined) return malformed(form.node, catalogue.keywordValue(keyword.name), 'param', keyword);
    if (keyword.name === 'one-of') {
      if (choices !== null) return malformed(form.node, catalogue.keywordTwice(keyword.name), 'param', keyword);
      choices = textsIn(bound);
      if (choices === null) {
        const wrong = bound.kind === 'list' ? (bound.items.find(({ kind }) => kind !== 'text') ?? bound) : bound;
        return malformed(form.node, catalogue.choicesWanted(called(wrong)), 'param', wrong);
      }
      continue;
    }
    if (keyword.name !== 'min' && keyword.name !== 'max') continue;
    if (bound.kind !== 'number')
      return malformed(form.node, catalogue.literalWanted(`:${keyword.name}`, called(bound)), 'param', bound);
    if (bounds[keyword.name] !== null)
      return malformed(form.node, catalogue.keywordTwice(keyword.name), 'param', keyword);
    bounds[keyword.name] = literal(bound);
  }
  return {
    kind: 'param',
    name: name.name,
    nameSpan: name.span,
    value: literal(value),
    doc,
    ...bounds,
    choices,
    ...form,
  };
}

/** null: not a list of texts, or an empty one. */
function textsIn(node: Node): readonly Literal[] | null {
  if (node.kind !== 'list' || node.items.length === 0) return null;
  const texts = node.items.flatMap((item) => (item.kind === 'text' ? [literal(item)] : []));
  return texts.length === node.items.length ? texts : null;
}
