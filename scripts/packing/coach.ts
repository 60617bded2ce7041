import { listed } from '../../src/policy/messages/wording.ts';
import { guestsOf, meanOf, type Packing } from './packing.ts';

const SCENARIO = 'time-of-day';

/** What the abstract of the paper says, percent: B. Reidys et al., ASPLOS 2025. */
const COACH_PERCENT = 26;

/** How many guests more than by size fit on a host whose guests peak at different hours, beside what is published. '': that was not packed. */
export function coachText(packing: Packing): string {
  const scenario = packing.scenarios.find(({ name }) => name === SCENARIO);
  if (scenario === undefined) return '';
  const [first = '', ...others] = packing.policies;
  const gain = (policy: string): string => {
    const more = guestsOf(packing, SCENARIO, policy).map((guests) => (guests / scenario.notOvercommitted - 1) * 100);
    const { mean, half } = meanOf(more);
    const halfText = half === null || half < 0.5 ? '' : ` ± ${Math.round(half)}`;
    return `${Math.round(mean)}${halfText} %`;
  };
  return `### Guests that peak at different hours

In [${SCENARIO}](../scenarios/held-out/${SCENARIO}.yaml) ${scenario.notOvercommitted} guests fit by size. \`${first}\` carries ${gain(first)} more at
<= 1 % of waiting, and ${listed(others.map((policy) => `\`${policy}\` ${gain(policy)}`))}; the bound is ${Math.round((meanOf(scenario.bounds).mean / scenario.notOvercommitted - 1) * 100)} %.

Published for guests of a cloud that peak at different hours: Coach (B. Reidys et al., *Coach: Exploiting Temporal Patterns for All-Resource Oversubscription in Cloud Platforms*, ASPLOS 2025,
[arXiv:2501.11179](https://arxiv.org/abs/2501.11179)) hosts up to ${COACH_PERCENT} % more guests with minimal loss of performance. The two figures do not compare: that one is of the guests of a real cloud,
on all resources, with guests placed by prediction; ours is of one made-up scenario, on one host, for memory alone, in a simulation. How much fits depends on how much of their memory guests
use, and in this scenario that is less than half on average. Take it for the order of size, and simulate [your own guests](traces.md).
`;
}
