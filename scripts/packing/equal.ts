import { pairedDifference } from '../../src/comparison/estimate.ts';
import { table } from '../comparison/table.ts';
import { meanText, waitText } from './figures.ts';
import { isSure, type EqualRun, type Packing } from './packing.ts';

/** What guests suffer with each policy when all have the same number of them. */
export function equalTable(packing: Packing): string {
  const rows = packing.scenarios.map(({ name, equalGuests }) => [
    name,
    String(equalGuests),
    ...packing.policies.map((policy) => (equalGuests === 0 ? '-' : cellText(packing, name, policy))),
  ]);
  return table(['scenario', 'guests', ...packing.policies], rows);
}

function cellText(packing: Packing, scenario: string, policy: string): string {
  const waits = bySeed(packing, scenario, policy, ({ stallShare }) => stallShare);
  const killed = bySeed(packing, scenario, policy, (run) => run.killed);
  const first = packing.policies[0]!;
  const waitMark = mark(
    bySeed(packing, scenario, first, ({ stallShare }) => stallShare),
    waits,
  );
  const killedMark = mark(
    bySeed(packing, scenario, first, (run) => run.killed),
    killed,
  );
  return `waits ${waitText(waits)}${waitMark}<br>${meanText(killed)} killed${killedMark}`;
}

function bySeed(
  { equal, seeds }: Packing,
  scenario: string,
  policy: string,
  of: (run: EqualRun) => number,
): readonly number[] {
  const own = equal.filter((each) => each.scenario === scenario && each.policy === policy);
  return seeds.map((seed) => of(own.find((each) => each.seed === seed)!));
}

/** Less pain is better. */
function mark(first: readonly number[], own: readonly number[]): string {
  const difference = pairedDifference(first, own)!;
  if (!isSure(difference)) return '';
  return difference.mean < 0 ? ' +' : ' \u2212';
}
