import type { ComparedScenario } from '../../comparison/comparison.ts';
import type { Scenario } from '../../simulation/scenario/model.ts';

/** A scenario as a comparison describes it. */
export function comparedScenario({ name, story, durationS, guests, host }: Scenario): Omit<ComparedScenario, 'bound'> {
  const promisedKib = guests.reduce((sum, { memoryKib }) => sum + memoryKib, 0);
  return { name, story, durationS, guests: guests.length, promised: promisedKib / host.memoryKib };
}
