import { count } from '../../src/report/figures.ts';
import { isBeyondChance } from '../../src/comparison/estimate.ts';
import { listed } from '../../src/policy/messages/wording.ts';
import { shareText } from './figures.ts';
import { aheadOfFirst, guestsOf, meanOf, sharesOf, type PackedScenario, type Packing } from './packing.ts';

/** The share of the bound that Ballast aims at. */
export const AIM = 0.9;

/** In words, where the first policy carries fewer guests than another one. */
export function behindText(packing: Packing): string {
  const [first = '', ...others] = packing.policies;
  const lines = packing.scenarios.flatMap(({ name }) => {
    const ahead = others
      .map((policy) => ({ policy, difference: aheadOfFirst(packing, name, policy) }))
      .filter(({ difference }) => difference.mean > 0)
      .toSorted((a, b) => b.difference.mean - a.difference.mean);
    const words = (isWanted: boolean) =>
      ahead
        .filter(({ difference }) => isBeyondChance(difference) === isWanted)
        .map(({ policy, difference }) => `\`${policy}\` by ${guests(difference.mean)}`);
    const [sure, chance] = [words(true), words(false)];
    if (ahead.length === 0) return [];
    const parts = [
      ...(sure.length === 0 ? [] : [`behind ${listed(sure)}`]),
      ...(chance.length === 0
        ? []
        : [`${sure.length === 0 ? '' : 'and '}perhaps behind ${listed(chance)}, which may be chance`]),
    ];
    return [`- **${name}**: ${parts.join('; ')}.\n`];
  });
  return lines.length === 0
    ? `\`${first}\` carries at least as many guests as each of the others in every scenario.\n`
    : `Where \`${first}\` carries fewer guests than another policy, on average over the seeds:\n\n${lines.join('')}`;
}

/** One row for each other policy: in how many scenarios the first is ahead of it. */
export function standings(packing: Packing): readonly (readonly string[])[] {
  return packing.policies.slice(1).map((policy) => {
    const differences = packing.scenarios.map(({ name }) => aheadOfFirst(packing, name, policy));
    const number = (isCounted: (mean: number, sure: boolean) => boolean): string =>
      String(differences.filter((each) => isCounted(each.mean, isBeyondChance(each))).length);
    return [
      policy,
      number((mean, sure) => sure && mean < 0),
      number((mean, sure) => sure && mean > 0),
      number((mean, sure) => !sure && mean !== 0),
      number((mean) => mean === 0),
    ];
  });
}

/** In words, where the first policy misses the aim, and by how many guests. */
export function aimText(packing: Packing): string {
  const [first = ''] = packing.policies;
  const missed = packing.scenarios
    .map((scenario) => ({ scenario, ...missedBy(packing, scenario) }))
    .filter(({ share }) => share < AIM)
    .toSorted((a, b) => a.share - b.share);
  const reached = packing.scenarios.length - missed.length;
  const lines = missed.map(
    ({ scenario, lacks }) =>
      `- **${scenario.name}**: ${shareText(sharesOf(packing, scenario, first))}, ${guests(lacks)} too few; what stops it: ${stopsText(packing, scenario.name)}.\n`,
  );
  const all = `The aim is ${AIM * 100} % of the bound. \`${first}\` reaches it in ${reached} of ${count(packing.scenarios.length, 'scenario')}.`;
  return `${all}\n${lines.length === 0 ? '' : `\nBelow the aim, the worst first:\n\n${lines.join('')}`}`;
}

function missedBy(packing: Packing, scenario: PackedScenario): { readonly share: number; readonly lacks: number } {
  const [first = ''] = packing.policies;
  const share = meanOf(sharesOf(packing, scenario, first)).mean;
  const carried = meanOf(guestsOf(packing, scenario.name, first)).mean;
  return { share, lacks: AIM * meanOf(scenario.bounds).mean - carried };
}

/** What one more guest breaks with the first policy, with each seed. */
function stopsText({ packed, policies }: Packing, scenario: string): string {
  const own = packed.filter((each) => each.scenario === scenario && each.policy === policies[0]);
  return listed([...new Set(own.flatMap(({ stops }) => stops))]) || 'nothing';
}

function guests(number: number): string {
  const rounded = Number(number.toFixed(1));
  return count(rounded, 'guest');
}
