import type { Builtin } from '../builtins/builtins.ts';
import { METHODS } from '../builtins/methods.ts';
import { catalogue } from '../messages/catalogue.ts';
import type { Fault } from '../messages/fault.ts';
import type { ListNode, Node } from '../text/ast.ts';
import { oneLine } from '../text/one-line.ts';
import { literalUnit } from '../text/quantity.ts';
import { spanText } from '../text/source.ts';
import { called, malformed, misplacedUnit } from './atoms.ts';
import type { Malformed } from './forms.ts';

// Usual mistakes that show as a wrong number or order of arguments. Each is reported where it is, with what to write instead.

/** Longer parts are not repeated in messages. */
const SHOWN = 40;

/** A mistake: the part to report, and its message. */
interface Meant {
  readonly at: Node;
  readonly fault: Fault;
}

/** The mistake in a form with a wrong number of arguments; null if only their number is known to be wrong. */
export function meantForm(node: ListNode, builtin: Builtin, head: string, rest: readonly Node[]): Malformed | null {
  const unit = rest.length > builtin.maxArguments ? misplacedUnit(node, rest, head) : null;
  if (unit) return unit;
  const meant = uncalledMethod(rest) ?? rateIn(rest) ?? infixIn(rest) ?? inForm(builtin, rest);
  return meant && malformed(node, meant.fault, head, meant.at);
}

/** The mistake in several bodies of one form; null if there is none. */
export function meantBodies(node: ListNode, head: string, bodies: readonly Node[]): Malformed | null {
  const meant = uncalledMethod(bodies) ?? rateIn(bodies) ?? infixIn(bodies);
  return misplacedUnit(node, bodies, head) ?? (meant && malformed(node, meant.fault, head, meant.at));
}

function inForm(builtin: Builtin, rest: readonly Node[]): Meant | null {
  const extra = rest[builtin.maxArguments];
  switch (builtin.form) {
    case 'if': {
      const word = rest.find((each) => each.kind === 'symbol' && (each.name === 'else' || each.name === 'then'));
      if (word) return { at: word, fault: catalogue.wordInIf(shown(word)) };
      return extra ? { at: extra, fault: catalogue.secondBody('if', 'THEN and one ELSE', builtin.signature) } : null;
    }
    case 'with':
    case 'loop': {
      const [list, second] = rest as [Node?, Node?];
      if (rest.length !== 2 || !list || second?.kind !== 'list') return null;
      return { at: second, fault: catalogue.elementName(builtin.name, shown(list, 'LIST')) };
    }
    case 'plain': {
      const [a, b, c, ...more] = rest as [Node?, Node?, Node?, ...Node[]];
      if (!COMPARISONS.has(builtin.name) || !a || !b || !c || more.length > 0) return null;
      if (a.kind === 'operator' && a.operator === '>' && builtin.name === 'lt')
        return { at: a, fault: catalogue.unequalSign(shown(b, 'A'), shown(c, 'B')) };
      const sign = builtin.signature.split(' ')[0]?.slice(1) ?? '';
      return { at: c, fault: catalogue.comparisonChain(sign, shown(a, 'A'), shown(b, 'B'), shown(c, 'C')) };
    }
    default:
      return null;
  }
}

const COMPARISONS: ReadonlySet<string> = new Set(['lt', 'gt', 'lte', 'gte']);

/** `vm.StatAvg "mem_unused"` among other parts: its brackets are missing. */
export function uncalledMethod(items: readonly Node[]): Meant | null {
  for (const [at, item] of items.entries()) {
    if (item.kind !== 'symbol') continue;
    const method = METHODS.get(item.name.split('.', 2)[1] ?? '');
    const args = items.slice(at + 1, at + 1 + (method?.minArguments ?? 0));
    if (!method || args[0]?.kind !== 'text') continue;
    const window =
      items[at + 1 + args.length]?.kind === 'keyword' ? items.slice(at + 1 + args.length, at + 3 + args.length) : [];
    return {
      at: item,
      fault: catalogue.uncalledMethod(item.name, [...args, ...window].map((each) => shown(each)).join(' ')),
    };
  }
  return null;
}

/** `100KiB/s`: a unit has no slash. */
function rateIn(items: readonly Node[]): Meant | null {
  for (const [at, item] of items.entries()) {
    const [sign, unit] = items.slice(at + 1, at + 3);
    if (item.kind !== 'number' || sign?.kind !== 'operator' || sign.operator !== '/' || unit?.kind !== 'symbol')
      continue;
    const time = PER[unit.name.toLowerCase()];
    if (time === undefined || literalUnit(time.slice(1)) === null) continue;
    return { at: sign, fault: catalogue.rateLiteral(`${spanText(item.span)}/${unit.name}`, spanText(item.span), time) };
  }
  return null;
}

const PER: Readonly<Record<string, string>> = {
  s: '1s',
  sec: '1s',
  second: '1s',
  min: '1min',
  minute: '1min',
  h: '1h',
  hour: '1h',
};

/** `A < B` among other parts. */
function infixIn(items: readonly Node[]): Meant | null {
  const at = items.findIndex(({ kind }, index) => kind === 'operator' && index > 0 && index < items.length - 1);
  const [before, sign, after] = items.slice(at - 1, at + 2);
  if (at === -1 || !before || !after || sign?.kind !== 'operator') return null;
  return { at: sign, fault: catalogue.operatorAlone(sign.operator, shown(before, 'A'), shown(after, 'B')) };
}

/** `(held-for NAME CONDITION DURATION)` in another order, as far as literals show it. */
export function heldOrder(node: ListNode, args: readonly [Node, Node, Node]): Malformed | null {
  const name = args.find(({ kind }) => kind === 'text');
  const duration = args.findLast((each) => each.kind === 'number' && each.unit !== null);
  const condition = args.find((each) => each !== name && each !== duration);
  const isNameLate = name !== undefined && name !== args[0];
  const isDurationEarly = duration !== undefined && duration !== args[2] && args[2].kind !== 'number';
  if ((!isNameLate && !isDurationEarly) || !condition) return null;
  const texts = [shown(name, 'NAME'), shown(condition, 'CONDITION'), shown(duration, 'DURATION')] as const;
  return malformed(node, catalogue.heldOrder(...texts), 'held-for', isNameLate ? args[0] : duration);
}

/** `(cooldown BODY DURATION)`, `(because BODY "reason")`: the first part comes last. */
export function firstPartLast(node: ListNode, head: string, args: readonly Node[]): Malformed | null {
  const [first, last] = [args[0], args.at(-1)];
  const wanted = head === 'because' ? 'text' : 'number';
  if (args.length < 2 || first?.kind !== 'list' || last?.kind !== wanted) return null;
  const what = head === 'because' ? 'the reason' : 'the duration';
  return malformed(node, catalogue.firstPart(head, what, shown(last)), head, last);
}

/** The text of a part on one line; another word for a long one. */
export function shown(node: Node | undefined, otherwise = '…'): string {
  const text = node === undefined ? otherwise : oneLine(node);
  return text.length <= SHOWN ? text : otherwise;
}

/** Why a binding of `let` is none. */
export function bindingFault(binding: Node): Meant {
  const uncalled = binding.kind === 'list' ? uncalledMethod(binding.items) : null;
  return uncalled ?? { at: binding, fault: catalogue.bindingWanted(called(binding)) };
}
