import { builtinNamed, type Plain } from '../builtins/builtins.ts';
import { catalogue } from '../messages/catalogue.ts';
import type { Node } from '../text/ast.ts';
import { malformed, misplacedUnit } from './atoms.ts';
import type { FormParts } from './expand-param.ts';
import type { Expression } from './forms.ts';

const HEAD = 'hysteresis';

/** Keywords of plain builtins, for their last arguments. */
export const KEYWORDS: ReadonlyMap<string, readonly string[]> = new Map([[HEAD, ['down', 'up']]]);

/** `(hysteresis NAME VALUE :down LOW :up HIGH)`: the bounds become its last two arguments. */
export function expandHysteresis(
  rest: readonly Node[],
  form: FormParts,
  expand: (node: Node) => Expression,
): Expression {
  const { node } = form;
  const builtin = builtinNamed(HEAD) as Plain;
  const first = rest.findIndex(({ kind }) => kind === 'keyword');
  const args = first === -1 ? rest : rest.slice(0, first);
  if (args.length !== 2) return malformed(node, catalogue.arity(HEAD, 2, 2, args.length, builtin.signature), HEAD);
  const bounds = new Map<string, Node>();
  for (let at = 2; at < rest.length; at += 2) {
    const [keyword, bound] = rest.slice(at) as [Node, Node?];
    if (keyword.kind !== 'keyword')
      return (
        misplacedUnit(node, rest.slice(at - 1), HEAD) ?? malformed(node, catalogue.afterKeyword('up'), HEAD, keyword)
      );
    if (keyword.name !== 'down' && keyword.name !== 'up')
      return malformed(node, catalogue.unknownKeyword(keyword.name, HEAD, ['down', 'up']), HEAD, keyword);
    if (bound === undefined || bound.kind === 'keyword')
      return malformed(node, catalogue.keywordValue(keyword.name), HEAD, keyword);
    if (bounds.has(keyword.name)) return malformed(node, catalogue.keywordTwice(keyword.name), HEAD, keyword);
    bounds.set(keyword.name, bound);
  }
  const [low, high] = [bounds.get('down'), bounds.get('up')];
  if (low === undefined || high === undefined)
    return malformed(node, catalogue.keywordMissing(HEAD, low === undefined ? 'down' : 'up', builtin.signature), HEAD);
  return { kind: 'apply', builtin, args: [...args, low, high].map(expand), ...form };
}
