import { MOST_GUESTS, type DemandSpec, type GuestSpec, type HostSpec, type Scenario } from './model.ts';
import type { DemandFile, GroupFile, ScenarioFile } from './schema.ts';

/** A scenario from the content of its file, or why it cannot be simulated: a path of keys and the problem. */
export type Expanded =
  { readonly scenario: Scenario } | { readonly path: readonly (string | number)[]; readonly problem: string };

export function expand(name: string, file: ScenarioFile): Expanded {
  const problem = contradiction(file);
  if (problem !== null) return problem;
  const counts = countsOf(file);
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total > MOST_GUESTS) {
    const path = file.fill === undefined ? ['guests'] : ['fill'];
    return { path, problem: `these are ${total} guests; at most ${MOST_GUESTS} are simulated` };
  }
  const guests = file.guests.flatMap((group, at) => guestsOf(group, counts[at]!));
  const names = new Set<string>();
  for (const { name: own } of guests) {
    if (names.has(own)) return { path: ['guests'], problem: `two guests are named "${own}"` };
    names.add(own);
  }
  return {
    scenario: { name, story: file.story, durationS: Math.floor(file.duration / 1000), host: hostOf(file.host), guests },
  };
}

type Problem = Exclude<Expanded, { scenario: unknown }>;

/** Keys that contradict each other. */
function contradiction({ host, guests }: ScenarioFile): Problem | null {
  if (host.arc.min > host.arc.max) return { path: ['host', 'arc', 'min'], problem: 'is larger than arc.max' };
  if (host.reserve + host.arc.min > host.memory * 0.9)
    return { path: ['host', 'reserve'], problem: 'with arc.min it leaves less than a tenth of the memory of the host' };
  for (const [at, { min = 0, memory, running }] of guests.entries()) {
    if (min > memory) return { path: ['guests', at, 'min'], problem: 'is larger than the memory of the guest' };
    const wrong = running && (['size', 'cache', 'resident'] as const).find((key) => running[key] > memory);
    if (wrong) return { path: ['guests', at, 'running', wrong], problem: 'is larger than the memory of the guest' };
  }
  const misplaced = nodesProblem({ host, guests });
  if (misplaced !== null) return misplaced;
  const early = guests.map(lifeProblem).find((problem) => problem !== null);
  if (early) return early;
  const ofGuests = guests.map(({ demand }, at) => demandProblem(demand, ['guests', at, 'demand']));
  return [demandProblem(host.other, ['host', 'other']), ...ofGuests].find((problem) => problem !== null) ?? null;
}

/** Nodes without a CPU, and guests on nodes that the host does not have. */
function nodesProblem({ host, guests }: Pick<ScenarioFile, 'host' | 'guests'>): Problem | null {
  const nodes = host.numa?.nodes ?? 1;
  if (nodes > host.cpus)
    return { path: ['host', 'numa', 'nodes'], problem: `each node needs a CPU, and host.cpus is ${host.cpus}` };
  const at = guests.findIndex(({ node = 0 }) => node >= nodes);
  if (at < 0) return null;
  const own = nodes === 1 ? 'it has node 0 only; host.numa.nodes adds others' : `it has nodes 0 to ${nodes - 1}`;
  return { path: ['guests', at, 'node'], problem: `the host has no node ${guests[at]!.node}; ${own}` };
}

/** A guest that ends before it starts; 0: it never does. */
function lifeProblem({ start, stop, migrate }: GroupFile, at: number): Problem | null {
  const early = Object.entries({ stop, migrate }).find(([, ms]) => ms !== 0 && ms <= start);
  return early === undefined ? null : { path: ['guests', at, early[0]], problem: 'is not later than start' };
}

function demandProblem({ points, day }: DemandFile, path: Problem['path']): Problem | null {
  const late = points.findIndex((point, at) => at > 0 && point.at <= points[at - 1]!.at);
  if (late > 0) return { path: [...path, 'points', late, 'at'], problem: 'is not later than the point before it' };
  if (day === undefined || day.from !== day.to) return null;
  return { path: [...path, 'day', 'to'], problem: 'is the same as from: such a day has no length' };
}

/** How many guests of each group there are. */
function countsOf({ fill, host, guests }: ScenarioFile): readonly number[] {
  const counts = guests.map(({ count }) => count);
  if (fill === undefined) return counts;
  const limit = (host.memory * Number.parseInt(fill, 10)) / 100;
  let left = limit - guests.reduce((sum, { memory }, at) => sum + memory * counts[at]!, 0);
  let total = counts.reduce((sum, count) => sum + count, 0);
  // A group whose guests no longer fit is passed over; when none fits, the host is full.
  for (let [at, misfits] = [0, 0]; misfits < guests.length && total <= MOST_GUESTS; at = (at + 1) % guests.length) {
    const { memory } = guests[at]!;
    misfits = memory > left ? misfits + 1 : 0;
    if (memory > left) continue;
    left -= memory;
    counts[at] = counts[at]! + 1;
    total += 1;
  }
  return counts;
}

function guestsOf(group: GroupFile, count: number): readonly GuestSpec[] {
  const digits = String(count).length;
  const s = (ms: number): number => Math.floor(ms / 1000);
  const common = {
    memoryKib: group.memory,
    minKib: group.min ?? null,
    swapKib: group.swap,
    demand: demandOf(group.demand),
    idle: group.idle,
    files: { sizeKib: group.files.size, hotKib: group.files.hot, readsKib: group.files.reads },
    balloon: {
      ...{ moves: group.balloon.moves, rateKib: group.balloon.rate },
      ...{ limitKib: group.balloon.limit, lateS: s(group.balloon.late) },
    },
    freePageReporting: group.free_page_reporting,
    statistics: {
      ...{ kind: group.statistics.kind, periodS: Math.max(1, s(group.statistics.period)) },
      ...{ lateS: s(group.statistics.late), untilS: s(group.statistics.until) },
    },
    sharing: { ...group.sharing, image: group.sharing.image === 'none' ? '' : group.sharing.image },
    node: group.node ?? null,
  };
  const running =
    group.running === undefined
      ? null
      : { sizeKib: group.running.size, cacheKib: group.running.cache, residentKib: group.running.resident };
  return Array.from({ length: count }, (_, at): GuestSpec => {
    const afterS = s(group.every) * at;
    const later = (ms: number): number => (ms === 0 ? 0 : s(ms) + afterS);
    const life = {
      startS: s(group.start) + afterS,
      stopS: later(group.stop),
      rebootsS: group.reboots.map(later),
      migrateS: later(group.migrate),
      migrationS: s(group.migration),
    };
    const name = count === 1 ? group.name : `${group.name}-${String(at + 1).padStart(digits, '0')}`;
    return { name, ...common, life, running };
  });
}

function demandOf({ base, spread, day, points, repeat, bursts, leak }: DemandFile): DemandSpec {
  const s = (ms: number): number => Math.floor(ms / 1000);
  return {
    baseKib: base,
    spread,
    day:
      (day && {
        ...{ peakKib: day.peak, fromS: s(day.from), toS: s(day.to), rampS: s(day.ramp), shiftS: s(day.shift) },
      }) ||
      null,
    points: points.map(({ at, size }) => ({ atS: s(at), sizeKib: size })),
    repeatS: s(repeat),
    bursts:
      (bursts && { everyS: s(bursts.every), sizeKib: bursts.size, rateKib: bursts.rate, lastsS: s(bursts.lasts) }) ||
      null,
    leakKib: leak,
  };
}

function hostOf(host: ScenarioFile['host']): HostSpec {
  const { memory, cpus, reserve, swap, swap_speed, files, other, arc, ksm, numa } = host;
  return {
    ...{ memoryKib: memory, cpus, reserveKib: reserve, swapKib: swap, swapSpeedKib: swap_speed, filesKib: files },
    other: demandOf(other),
    arc: { minKib: arc.min, maxKib: arc.max },
    ksm: {
      ...{ run: ksm.run, pagesToScan: ksm.pages_to_scan, sleepMs: ksm.sleep },
      mergeAcrossNodes: ksm.merge_across_nodes,
    },
    numa: numa ?? null,
  };
}
