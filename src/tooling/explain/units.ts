import type { Vocabulary } from '../../model/vocabulary.ts';
import type { Apply, Expression } from '../../policy/forms/forms.ts';
import { literalUnit } from '../../policy/text/quantity.ts';
import { isTrue } from '../../policy/index.ts';
import type { Frame } from '../../policy/trace/index.ts';
import type { Scene } from './scene.ts';

/** Statistics in the unit of the field. */
const OF_THE_FIELD: ReadonlySet<string> = new Set([
  'Stat',
  'StatAvg',
  'StatMin',
  'StatMax',
  'StatDelta',
  'StatPercentile',
  'StatSameHour',
]);

/** Limit for expressions in recursive functions. */
const DEPTH = 100;

/**
 * The unit of a value, derived from the declared units of fields: sums and the like keep the unit, a quotient of equal units is a
 * ratio. null: a plain number, or unknown.
 */
export function unitOf(scene: Scene, expression: Expression, frame: Frame): string | null {
  const known = scene.units.get(frame) ?? new Map<Expression, string | null>();
  scene.units.set(frame, known);
  const before = known.get(expression);
  if (before !== undefined || scene.deriving > DEPTH) return before ?? null;
  // The text may have cycles between names even if the evaluation had none.
  known.set(expression, null);
  scene.deriving += 1;
  const unit = derived(scene, expression, frame);
  scene.deriving -= 1;
  known.set(expression, unit);
  return unit;
}

function derived(scene: Scene, expression: Expression, frame: Frame): string | null {
  const inner = (part: Expression, at: Frame = frame): string | null => unitOf(scene, part, at);
  switch (expression.kind) {
    case 'literal':
      return literalBase(expression.unit);
    case 'attribute':
      return fieldUnit(scene.vocabulary, expression.root, expression.attribute);
    case 'variable': {
      const binding = scene.lookup(expression.name, expression, frame);
      return binding?.source ? inner(binding.source, binding.frame) : paramUnit(scene, expression.name);
    }
    case 'method': {
      const { root, attribute } = expression.callee;
      const [field] = expression.args;
      if (attribute === 'StatAge') return 's';
      const name = field?.kind === 'literal' && typeof field.value === 'string' ? field.value : null;
      if (name !== null && OF_THE_FIELD.has(attribute)) return fieldUnit(scene.vocabulary, root, name);
      return called(scene, expression, frame, inner);
    }
    case 'call':
      return expression.name === 'abs'
        ? inner(expression.args[0] ?? expression)
        : called(scene, expression, frame, inner);
    case 'loop':
      return expression.carried ? inner(expression.carried.initial) : null;
    case 'grant':
      return inner(expression.want);
    case 'apply':
      return appliedUnit(expression, inner);
    case 'if': {
      const condition = scene.value(expression.condition, frame);
      return condition === undefined ? null : inner(isTrue(condition) ? expression.consequent : expression.alternative);
    }
    case 'defvar':
    case 'assign':
      return inner(expression.value);
    case 'let':
    case 'block':
    case 'because': {
      const last = expression.body.at(-1);
      return last ? inner(last) : null;
    }
    default:
      return null;
  }
}

/** The unit of a control. */
export function controlUnit(vocabulary: Vocabulary, name: string): string | null {
  return known(vocabulary.controls.find((control) => control.name === name)?.unit);
}

function called(
  scene: Scene,
  call: Expression,
  frame: Frame,
  inner: (part: Expression, at: Frame) => string | null,
): string | null {
  const ran = scene.called(call, frame);
  return ran ? inner(scene.table.expression(ran.body), ran) : null;
}

function appliedUnit({ builtin, args }: Apply, inner: (part: Expression) => string | null): string | null {
  const units = args.map((argument) => inner(argument));
  const [a, b] = units;
  switch (builtin.name) {
    case 'add':
    case 'sub':
    case 'min':
    case 'max':
    case 'clamp':
    case 'default':
      return units.find((unit) => unit !== null && unit !== 'ratio') ?? a ?? null;
    case 'mul':
      return units.find((unit) => unit !== null && unit !== 'ratio') ?? (units.includes('ratio') ? 'ratio' : null);
    case 'div':
      if (a !== null && a === b) return 'ratio';
      return b === null || b === 'ratio' ? (a ?? null) : null;
    case 'floor':
    case 'ceil':
    case 'round':
    case 'mod':
      return a ?? null;
    default:
      return null;
  }
}

/** A host field for `Host`, a guest field for all other names, or a field of the only entity that has it. */
function fieldUnit({ hostFields, guestFields }: Vocabulary, root: string, name: string): string | null {
  const order = root === 'Host' ? [hostFields, guestFields] : [guestFields, hostFields];
  for (const fields of order) {
    const field = fields.find((each) => each.name === name);
    if (field) return known(field.unit);
  }
  return null;
}

function paramUnit(scene: Scene, name: string): string | null {
  const param = scene.program.params.find((each) => each.name === name);
  return literalBase(param?.value.unit ?? null);
}

function literalBase(suffix: string | null): string | null {
  return suffix === null ? null : (literalUnit(suffix)?.base ?? null);
}

function known(unit: string | undefined): string | null {
  return unit === undefined || unit === 'none' || unit === 'count' ? null : unit;
}
