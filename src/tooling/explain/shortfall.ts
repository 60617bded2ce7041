import { isTrue, type Value } from '../../policy/index.ts';
import type { Apply, Expression } from '../../policy/forms/forms.ts';
import type { Frame } from '../../policy/trace/index.ts';
import { words } from '../../policy/forms/words.ts';
import { shown, shownDistinct } from './show.ts';
import { isNew, type Story } from './story.ts';
import { waiting } from './timing.ts';
import { unitOf } from './units.ts';

/** The relation that two numbers need for a comparison to be true, and to be false. */
const WANTED: Readonly<Record<string, Wanted>> = { lt: 'below', lte: 'at most', gt: 'above', gte: 'at least' };
const OPPOSITE: Readonly<Record<Wanted, Wanted>> = {
  below: 'at least',
  'at most': 'above',
  above: 'at most',
  'at least': 'below',
};
type Wanted = 'below' | 'at most' | 'above' | 'at least';

/** Explains which part of a condition did not have the wanted value, and by how much it missed. */
export function explainShortfall(story: Story, condition: Expression, frame: Frame, wanted: boolean): void {
  explainPart(story, condition, frame, wanted, new Map());
}

/** @param seen visited conditions: variables and functions may refer to each other many times */
function explainPart(
  story: Story,
  condition: Expression,
  frame: Frame,
  wanted: boolean,
  seen: Map<Frame, Set<Expression>>,
): void {
  const { scene } = story;
  const inner = (part: Expression, holds: boolean, at: Frame = frame) => explainPart(story, part, at, holds, seen);
  const value = scene.value(condition, frame);
  if (value === undefined || isTrue(value) === wanted || !isNew(seen, frame, condition)) return;
  switch (condition.kind) {
    case 'logic': {
      const anyOf = (condition.operator === 'or') === wanted && condition.args.length > 1;
      story.sources(condition, frame);
      if (anyOf) story.add('failed', condition, `one of these must be ${String(wanted)}, but none is:`);
      for (const argument of condition.args) inner(argument, wanted);
      return;
    }
    case 'held':
      if (isTrue(scene.value(condition.condition, frame) ?? null) !== wanted) return inner(condition.condition, wanted);
      story.sources(condition, frame);
      return story.add(
        'failed',
        condition,
        `${story.withValues(condition.condition, frame)} is true, but not yet for ${heldFor(scene.value(condition.duration, frame), scene.elapsedSeconds(condition, frame))}`,
      );
    case 'apply': {
      const [a] = condition.args;
      if (condition.builtin.name === 'not' && a) return inner(a, !wanted);
      story.sources(condition, frame);
      return story.add('failed', condition, distance(story, condition, frame, wanted));
    }
    case 'variable': {
      const binding = scene.lookup(condition.name, condition, frame);
      if (!binding?.source || binding.source.kind === 'literal') break;
      story.add('condition', condition, `${story.withValues(condition, frame)}; must be ${String(wanted)}`);
      return inner(binding.source, wanted, binding.frame);
    }
    case 'call':
    case 'method': {
      const ran = scene.called(condition, frame);
      if (!ran) break;
      story.add('condition', condition, `${words(condition)} is ${shown(value, null)}; must be ${String(wanted)}`);
      return inner(story.result(scene.table.expression(ran.body), ran), wanted, ran);
    }
    case 'loop': {
      if (!condition.each || (condition.operation !== 'any' && condition.operation !== 'all')) break;
      story.add('failed', condition, `${words(condition)} is ${shown(value, null)}; must be ${String(wanted)}`);
      const own = scene.iterations(condition, frame).find(({ item }) => scene.isOwn(item));
      return own && inner(condition.each.body, wanted, own);
    }
    case 'grant':
      story.sources(condition.want, frame);
      return story.add(
        'failed',
        condition,
        isPositive(scene.value(condition.want, frame))
          ? `${story.withValues(condition.want, frame)} wanted: nothing is left of the budget`
          : `${story.withValues(condition.want, frame)}: nothing is wanted`,
      );
    case 'pace':
      return story.add('failed', condition, waiting(story, condition, frame));
    default:
      break;
  }
  story.sources(condition, frame);
  story.add('failed', condition, `${story.withValues(condition, frame)}; must be ${String(wanted)}`);
}

function isPositive(value: Value | undefined): boolean {
  return typeof value === 'number' && value > 0;
}

function distance(story: Story, condition: Apply, frame: Frame, wanted: boolean): string {
  const { builtin, args } = condition;
  const [a, b] = args as [Expression, Expression];
  const text = `${story.withValues(condition, frame)}; must be ${String(wanted)}`;
  if (builtin.name === 'hysteresis') return betweenBounds(story, condition, frame, wanted);
  if (builtin.name === 'valid' || builtin.name === 'null') return emptiness(story, condition, frame, wanted);
  const wants = WANTED[builtin.name];
  const [x, y] = [story.scene.value(a, frame), story.scene.value(b, frame)];
  if (!wants || typeof x !== 'number' || typeof y !== 'number') return text;
  const unit = unitOf(story.scene, a, frame) ?? unitOf(story.scene, b, frame);
  const [left, right] = shownDistinct(x, y, unit);
  const need = wanted ? wants : OPPOSITE[wants];
  const difference = Math.abs(x - y);
  const bound = b.kind === 'literal' ? '' : ` (${words(b)})`;
  const name = a.kind === 'literal' ? left : `${words(a)} ${left}`;
  if (difference === 0) return `${name} equals ${words(b)}; must be ${need} it`;
  const short = need === 'above' || need === 'at least';
  return `${name} is ${shown(difference, unit)} ${short ? 'below' : 'above'} the ${right} ${short ? 'required' : 'allowed'}${bound}`;
}

/** A hysteresis that was not true has not risen above its upper bound; one that was has not fallen below the lower. */
function betweenBounds(story: Story, condition: Apply, frame: Frame, wanted: boolean): string {
  const [, value, low, high] = condition.args as [Expression, Expression, Expression, Expression];
  const bound = wanted ? high : low;
  const text = `${story.withValues(condition, frame)} is ${String(!wanted)}`;
  return `${text}: ${words(value)} must ${wanted ? 'rise above' : 'fall below'} ${words(bound)}`;
}

/** The trace does not show whether the condition was false or was not evaluated in the last evaluation: both restart the timer. */
function heldFor(duration: Value | undefined, seconds: number | undefined): string {
  if (seconds === undefined) return shown(duration, 's');
  const [needed, counted] = shownDistinct(duration, seconds, 's');
  return `${needed}: its timer ${seconds === 0 ? 'starts in this evaluation' : `started ${counted} before`}`;
}

/** The arguments of `valid` or `null` that prevent the wanted result. */
function emptiness(story: Story, { builtin, args }: Apply, frame: Frame, wanted: boolean): string {
  const nilWanted = (builtin.name === 'null') === wanted;
  const relevant = args.filter((argument) => (story.scene.value(argument, frame) === null) !== nilWanted);
  const texts = (relevant.length > 0 ? relevant : args).map(
    (argument) => `${words(argument)} is ${story.shownValue(argument, frame)}`,
  );
  return `${texts.join(', ')}; ${nilWanted ? 'must be nil' : 'must have a value'}`;
}
