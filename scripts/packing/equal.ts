import { pairedDifference } from '../../src/comparison/estimate.ts';
import { table } from '../comparison/table.ts';
import { markOf, meanText, waitText } from './figures.ts';
import { type EqualRun, type Packing } from './packing.ts';

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
  const first = packing.policies[0]!;
  const figure = (of: (run: EqualRun) => number) => {
    const own = bySeed(packing, scenario, policy, of);
    return { own, mark: markOf(pairedDifference(bySeed(packing, scenario, first, of), own)!, 'less') };
  };
  const waits = figure(({ stallShare }) => stallShare);
  const killed = figure((run) => run.killed);
  return `waits ${waitText(waits.own)}${waits.mark}<br>${meanText(killed.own)} killed${killed.mark}`;
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
