import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ksm, runBallast, waitFor, type KsmSettings } from '../support/index.ts';
import { allFull, FaultBed, FLOOR_KIB, FULL_KIB, nextMoves } from './support/fault-bed.ts';
import { faultSeed, randomFrom } from './support/random.ts';
import { recordedMoments } from './support/recording.ts';
import { addRow, counted } from './support/table.ts';

const KILLS = 50;
/** The longest life of a daemon, milliseconds. */
const LONGEST_MS = 6000;
/** Each fifth one is killed during its exit, so long after SIGTERM at most, milliseconds. */
const LONGEST_EXIT_MS = 400;

interface State {
  readonly host: Readonly<Record<string, unknown>>;
  readonly guests: readonly { readonly name: string; readonly values: Readonly<Record<string, unknown>> }[];
}

let bed: FaultBed;
let before: KsmSettings;

beforeAll(async () => {
  before = await ksm.settings();
  bed = await FaultBed.create(['one', 'two', 'three']);
});

afterAll(() => bed?.close());

/** The state file; null: there is none. */
async function savedState(): Promise<State | null> {
  const directory = join(bed.host.path, 'run/ballast');
  const name = (await readdir(directory).catch(() => [])).find((file) => /^found-.*\.json$/.test(file));
  return name === undefined ? null : (JSON.parse(await readFile(join(directory, name), 'utf8')) as State);
}

/** Guests take and return memory, with pages that KSM merges, until it is stopped. */
function load(random: () => number): () => Promise<void> {
  const stop = new AbortController();
  const working = Promise.all(
    bed.guests.map(async (guest) => {
      while (!stop.signal.aborted) await guest.fill(32 + 8 * Math.floor(random() * 8), 'same');
    }),
  );
  // A failure is reported where it is awaited.
  working.catch(() => {});
  return async () => {
    stop.abort();
    await working;
  };
}

test(`SIGKILL at ${KILLS} random moments of a loaded run`, { timeout: 1_500_000 }, async () => {
  const random = randomFrom(faultSeed());
  const stopLoad = load(random);
  const exits: number[] = [];
  let [taken, logged, recorded, unfinished, smallestKib, moves] = [0, 0, 0, 0, Infinity, 0];
  let first: State | null = null;
  const logs: string[] = [];
  for (let kill = 1; kill <= KILLS; kill++) {
    const name = `kill-${kill}`;
    const recording = join(bed.folder, `${name}.jsonl.gz`);
    const { ballast } = await bed.start(name, [`record: {path: ${recording}}`]);
    const lifeMs = Math.floor(random() * LONGEST_MS);
    // The fault is a random moment, which nothing announces.
    await Promise.race([sleep(lifeMs), ballast.exit]);
    if (kill % 5 === 0) {
      const exitMs = Math.floor(random() * LONGEST_EXIT_MS);
      ballast.kill('SIGTERM');
      await Promise.race([sleep(exitMs), ballast.exit]);
    }
    const exit = await ballast.stop('SIGKILL');
    // Only a SIGTERM may have ended it before.
    if (kill % 5 !== 0) expect(exit, ballast.stderr.join('\n')).toEqual({ code: null, signal: 'SIGKILL' });
    if (exit.signal === 'SIGKILL' && kill % 5 === 0) exits.push(kill);
    const log = ballast.stderr.join('\n');
    logs.push(`kill ${kill}: ${JSON.stringify(exit)}\n${log}`);
    expect(log).not.toMatch(/^ +(?:\| )?at /m);
    expect(log).not.toMatch(/refuses|already runs/);
    if (log.includes('Took over what an earlier Ballast found')) taken += 1;
    moves += log.match(/Ballooning guest:\S+ from/g)?.length ?? 0;

    const evaluations = log.match(/evaluation \d+/g)?.length ?? 0;
    const moments = await recordedMoments(recording);
    const evaluated = moments.filter((moment) => moment.evaluated).length;
    expect(evaluated, `intervals of ${recording} against those in the log`).toBeGreaterThanOrEqual(evaluations - 1);
    logged += evaluations;
    recorded += evaluated;
    if (evaluated < evaluations) unfinished += 1;
    const sizes = moments.flatMap(({ sizesKib }) => [...sizesKib.values()].filter((kib) => kib !== null));
    smallestKib = Math.min(smallestKib, ...sizes);
    if (moments.length > 0) {
      const replayed = await runBallast(['replay', '--quiet', recording, '--policy', join(bed.folder, 'sway.policy')]);
      expect(replayed.code, replayed.stderr).toBe(0);
    }

    const saved = await savedState();
    if (saved === null && log.includes('All initial values restored')) {
      // The end was reached before the kill, and the next one begins anew. If it began while the balloons still move, it would find
      // them halfway.
      first = null;
      await allFull(bed.guests);
    } else {
      // What was found at first stays what was found at first.
      // A guest that answered none of the daemons before may be added.
      if (first !== null) {
        expect(saved?.host, logs.slice(-3).join('\n')).toEqual(first.host);
        expect(saved?.guests, logs.slice(-3).join('\n')).toEqual(expect.arrayContaining([...first.guests]));
      }
      first = saved;
    }
    for (const { values } of saved?.guests ?? [])
      expect(values, logs.slice(-3).join('\n')).toEqual({ balloon_target: FULL_KIB });
  }
  await stopLoad();
  expect(smallestKib).toBeGreaterThanOrEqual(FLOOR_KIB);
  expect(smallestKib).toBeLessThan(FULL_KIB);
  expect(moves).toBeGreaterThan(KILLS);

  const last = await bed.start('kill-last');
  if (first !== null) await last.ballast.waitForLine(/Took over what an earlier Ballast found/);
  for (const guest of bed.guests) await nextMoves(last, guest);
  expect((await last.ballast.stop('SIGTERM')).code).toBe(0);
  await allFull(bed.guests);
  await waitFor('KSM to be as it was', 10_000, async () => {
    const now = await ksm.settings();
    return Object.keys(before).every((key) => now[key] === before[key]);
  });
  expect(await savedState()).toBeNull();
  const alive = await Promise.all(bed.guests.map((guest) => guest.alive()));
  expect(alive).toEqual(bed.guests.map(() => true));

  await addRow({
    fault: `SIGKILL of the daemon at ${KILLS} random moments of a loaded run, ${exits.length} of them during its exit`,
    did: `Was started again each time; ${taken} took over what the first one had found. ${moves} balloon moves, the smallest size was ${Math.floor(smallestKib / 1024)} MiB (floor: ${FLOOR_KIB / 1024}). At the end KSM and all balloons were as before the first start`,
    lost:
      unfinished === 0
        ? 'nothing'
        : `${counted(unfinished, 'interval')} of ${logged}: the last one before the kill, not yet recorded; all ${recorded} others can be replayed`,
  });
});
