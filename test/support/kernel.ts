import { NO_AGENT } from './no-agent.ts';
import { NO_TUNING } from './no-tuning.ts';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Host } from '../../src/ports/host.ts';
import { kernelFiles } from '../../src/host/kernel-files.ts';
import type { CollectorContext, FieldValues, HostCollector, GuestCollector } from '../../src/plugin/collector.ts';
import type { GuestReading } from '../../src/ports/hypervisor.ts';

export type Tree = 'linux-6.18' | 'linux-5.10' | 'bare' | 'zfs' | 'odd-lines';

const fixture = (tree: Tree) => fileURLToPath(new URL(`../fixtures/hosts/${tree}`, import.meta.url));

/** The files of one of the trees in test/fixtures/hosts; read-only. */
export function fixtureHost(tree: Tree): Host {
  return kernelFiles(fixture(tree));
}

/** A temporary folder of files that a test can change; removed when the test ends. */
export class KernelTree {
  readonly root: string;
  readonly host: Host;

  private constructor(root: string) {
    this.root = root;
    this.host = kernelFiles(root);
  }

  static async of(files: Readonly<Record<string, string>>): Promise<KernelTree> {
    const tree = new KernelTree(await mkdtemp(join(tmpdir(), 'ballast-kernel-')));
    onTestFinished(() => rm(tree.root, { recursive: true, force: true }));
    for (const [path, text] of Object.entries(files)) await tree.set(path, text);
    return tree;
  }

  static async copyOf(name: Tree): Promise<KernelTree> {
    const tree = await KernelTree.of({});
    await cp(fixture(name), tree.root, { recursive: true });
    return tree;
  }

  async set(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(this.root, path)), { recursive: true });
    await writeFile(join(this.root, path), text);
  }

  get(path: string): Promise<string> {
    return readFile(join(this.root, path), 'utf8');
  }

  remove(path: string): Promise<void> {
    return rm(join(this.root, path), { recursive: true });
  }
}

export const START_MS = Date.UTC(2026, 0, 2, 3, 4, 5);

/** A clock that only a test advances. */
export class ManualClock {
  ms = START_MS;
  readonly now = (): number => this.ms;
}

export function contextOf(host: Host, changes: Partial<CollectorContext> = {}): CollectorContext {
  return {
    host,
    now: () => START_MS,
    balloonMinKib: () => null,
    ballooningOff: () => null,
    verdicts: () => ({}),
    writes: () => ({}),
    tuning: NO_TUNING,
    agent: NO_AGENT,
    settings: () => ({}),
    ...changes,
  };
}

/** Runs a new instance of a host collector once. */
export async function collectHost(
  collector: HostCollector,
  host: Host,
  guests: readonly GuestReading[] = [],
  guestsAreKnown = true,
): Promise<FieldValues> {
  return collector.create(contextOf(host)).collect(new AbortController().signal, guests, guestsAreKnown);
}

/** Runs a new instance of a guest collector once. */
export async function collectGuest(
  collector: GuestCollector,
  guest: GuestReading,
  changes: Partial<CollectorContext> & { readonly host?: Host } = {},
): Promise<FieldValues> {
  return collector
    .create(contextOf(changes.host ?? fixtureHost('bare'), changes))
    .collect(guest, new AbortController().signal);
}

/** The signal of one interval: collectors share what they read in it. */
export function oneInterval(): AbortSignal {
  return new AbortController().signal;
}

export const NEVER_ABORTED = new AbortController().signal;
