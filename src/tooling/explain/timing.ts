import type { Expression, Pace } from '../../policy/forms/forms.ts';
import type { Frame } from '../../policy/trace/index.ts';
import { words } from '../../policy/forms/words.ts';
import { shown, shownDistinct } from './show.ts';
import type { Story } from './story.ts';

/** `cooldown 30min`, with the value of a computed duration. */
export function timing(story: Story, pace: Expression, frame: Frame): string {
  if (pace.kind !== 'pace') return words(pace);
  const { duration } = pace;
  return `${pace.mode} ${words(duration)}${duration.kind === 'literal' ? '' : ` ${shown(story.scene.value(duration, frame), 's')}`}`;
}

/** An `every` or `cooldown` whose body did not run. */
export function waiting(story: Story, pace: Pace, frame: Frame): string {
  const seconds = story.scene.elapsedSeconds(pace, frame);
  const [, ago] = shownDistinct(story.scene.value(pace.duration, frame), seconds, 's');
  return `${timing(story, pace, frame)}: not due${seconds === undefined ? '' : `; last ran ${ago} before`}`;
}
