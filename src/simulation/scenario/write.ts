import { escapeControls } from '../../model/text.ts';
import type { DemandSpec, GuestSpec, HostSpec, Scenario } from './model.ts';

/** A value of YAML, or a group of keys; undefined: the key is left out, because the value is its default. */
type Value = string | number | boolean | Group | undefined;
interface Group {
  readonly [key: string]: Value;
}

/** The text of a scenario file. Reading it gives the same scenario, with each guest as a group of its own. */
export function scenarioText({ story, durationS, host, guests }: Scenario, comments: readonly string[] = []): string {
  const notes = comments.map((line) => `# ${escapeControls(line)}\n`).join('');
  const head = { story: JSON.stringify(story), duration: time(durationS), host: hostKeys(host) };
  return `${notes}${keys(head, 0)}guests:\n${guests.map(guestText).join('')}`;
}

function hostKeys(host: HostSpec): Group {
  const { memoryKib, cpus, reserveKib, swapKib, swapSpeedKib, filesKib, other, arc, ksm, numa } = host;
  return {
    ...{ memory: size(memoryKib), cpus, reserve: size(reserveKib), swap: size(swapKib) },
    ...{ swap_speed: size(swapSpeedKib), files: size(filesKib), other: demandKeys(other) },
    arc: arc.maxKib === 0 ? undefined : { min: size(arc.minKib), max: size(arc.maxKib) },
    ksm: {
      ...{ run: ksm.run, pages_to_scan: ksm.pagesToScan, sleep: milliseconds(ksm.sleepMs) },
      merge_across_nodes: ksm.mergeAcrossNodes ? undefined : false,
    },
    numa: numa === null ? undefined : { nodes: numa.nodes },
  };
}

function guestText(guest: GuestSpec): string {
  const text = keys(guestKeys(guest), 4);
  return `  - ${text.slice(4)}`;
}

function guestKeys({ life, running, balloon, statistics, sharing, files, ...guest }: GuestSpec): Group {
  return {
    ...{ name: JSON.stringify(guest.name), memory: size(guest.memoryKib) },
    min: guest.minKib === null ? undefined : size(guest.minKib),
    swap: unless(0, guest.swapKib, size),
    demand: demandKeys(guest.demand),
    idle: unless(0.3, guest.idle, share),
    files: { size: size(files.sizeKib), hot: size(files.hotKib), reads: size(files.readsKib) },
    balloon: {
      ...{ moves: unless('follows', balloon.moves, String), rate: unless(0, balloon.rateKib, size) },
      ...{ limit: unless(0, balloon.limitKib, size), late: unless(0, balloon.lateS, time) },
    },
    free_page_reporting: guest.freePageReporting || undefined,
    statistics: {
      ...{ kind: unless('linux', statistics.kind, String), period: time(statistics.periodS) },
      ...{ late: unless(0, statistics.lateS, time), until: unless(0, statistics.untilS, time) },
    },
    sharing:
      sharing.image === '' && sharing.share === 0
        ? undefined
        : {
            image: sharing.image === '' ? undefined : JSON.stringify(sharing.image),
            ...{ share: share(sharing.share), writes: share(sharing.writes) },
          },
    node: guest.node ?? undefined,
    start: unless(0, life.startS, time),
    running: running === null ? undefined : runningKeys(running),
    stop: unless(0, life.stopS, time),
    reboots: life.rebootsS.length === 0 ? undefined : `[${life.rebootsS.map(time).join(', ')}]`,
    migrate: unless(0, life.migrateS, time),
    migration: life.migrateS === 0 ? undefined : time(life.migrationS),
  };
}

function runningKeys({ sizeKib, cacheKib, residentKib }: NonNullable<GuestSpec['running']>): Group {
  return { size: size(sizeKib), cache: size(cacheKib), resident: size(residentKib) };
}

function demandKeys({ baseKib, spread, day, points, repeatS, bursts, leakKib }: DemandSpec): Group {
  return {
    ...{ base: size(baseKib), spread: unless(0, spread, share) },
    day: day === null ? undefined : dayKeys(day),
    points: points.length === 0 ? undefined : pointText(points),
    repeat: unless(0, repeatS, time),
    bursts: bursts === null ? undefined : burstKeys(bursts),
    leak: unless(0, leakKib, size),
  };
}

function dayKeys({ peakKib, fromS, toS, rampS, shiftS }: NonNullable<DemandSpec['day']>): Group {
  return { peak: size(peakKib), from: time(fromS), to: time(toS), ramp: time(rampS), shift: time(shiftS) };
}

function burstKeys({ everyS, sizeKib, rateKib, lastsS }: NonNullable<DemandSpec['bursts']>): Group {
  return { every: time(everyS), size: size(sizeKib), rate: size(rateKib), lasts: time(lastsS) };
}

/** Some points a line. */
const POINTS_A_LINE = 6;

function pointText(points: DemandSpec['points']): string {
  const pairs = points.map(({ atS, sizeKib }) => `${time(atS)} ${size(sizeKib)}`);
  if (pairs.length <= POINTS_A_LINE) return JSON.stringify(pairs.join(', '));
  const lines: string[] = [];
  for (let at = 0; at < pairs.length; at += POINTS_A_LINE) lines.push(pairs.slice(at, at + POINTS_A_LINE).join(', '));
  return `>-\n${lines.join(',\n')}`;
}

function keys(group: Group, indent: number): string {
  const margin = ' '.repeat(indent);
  return Object.entries(group)
    .map(([key, value]) => {
      if (value === undefined) return '';
      if (typeof value === 'object') {
        const inner = keys(value, indent + 2);
        return inner === '' ? '' : `${margin}${key}:\n${inner}`;
      }
      return `${margin}${key}: ${String(value).replaceAll('\n', `\n${margin}  `)}\n`;
    })
    .join('');
}

function unless<T>(usual: T, value: T, write: (value: T) => string): string | undefined {
  return value === usual ? undefined : write(value);
}

/** The largest unit of which it is a whole number. */
function inUnits(value: number, units: readonly (readonly [string, number])[]): string {
  const whole = Math.round(value);
  const [unit, factor] = units.find(([, each]) => whole !== 0 && whole % each === 0) ?? units.at(-1)!;
  return `${whole / factor}${unit}`;
}

function size(kib: number): string {
  return inUnits(kib, [
    ['GiB', 1024 ** 2],
    ['MiB', 1024],
    ['KiB', 1],
  ]);
}

function milliseconds(ms: number): string {
  return inUnits(ms, [
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1000],
    ['ms', 1],
  ]);
}

function time(s: number): string {
  return inUnits(s * 1000, [
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1000],
  ]);
}

function share(ratio: number): string {
  return String(ratio);
}
