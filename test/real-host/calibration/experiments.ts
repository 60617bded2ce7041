import type { ExperimentPlan, GuestPlan } from './plan.ts';

const GUEST: Omit<GuestPlan, 'name'> = {
  ...{ memoryMib: 768, swapMib: 0, startS: 1, heap: [], hasImage: false, touchedPerS: 0, idle: 0 },
  ...{ files: null, writesPerMin: 0, targets: [] },
};

const HOST = { hostMib: null, hostSwap: true, ksm: [], policy: null } as const;

/** Targets for a balloon that moves down and up again. */
function downAndUp(fromS: number, everyS: number, sizes: readonly number[], fullMib: number) {
  return sizes.flatMap((mib, at) => [
    { atS: fromS + 2 * at * everyS, mib },
    { atS: fromS + (2 * at + 1) * everyS, mib: fullMib },
  ]);
}

function balloonFree(set: ExperimentPlan['set'], memoryMib: number, sizes: readonly number[]): ExperimentPlan {
  const heap = [{ atS: 60, mib: Math.floor(memoryMib * 0.7) }, { atS: 70, mib: 16 }]; // prettier-ignore
  const targets = [...downAndUp(20, 9, sizes, memoryMib), ...downAndUp(74, 9, sizes.slice(0, 1), memoryMib)];
  return {
    ...{ name: `balloon-free-${set}`, set, seconds: 96, ...HOST },
    about: 'a guest boots, and its balloon takes free memory: first untouched, then such that was in use once',
    guests: [{ ...GUEST, name: 'free', memoryMib, heap, targets }],
  };
}

function balloonCache(set: ExperimentPlan['set'], memoryMib: number, sizeMib: number, to: number): ExperimentPlan {
  const files = { sizeMib, hotMib: Math.floor(sizeMib / 4), readsMib: 24 };
  return {
    ...{ name: `balloon-cache-${set}`, set, seconds: 100, ...HOST },
    about: 'a guest reads files, and its balloon takes the page cache: first what is rarely read, then what is often read',
    guests: [
      {
        ...{ ...GUEST, name: 'cache', memoryMib, files },
        targets: [{ atS: 55, mib: to }, { atS: 85, mib: memoryMib }],
      },
    ],
  }; // prettier-ignore
}

function balloonSwap(set: ExperimentPlan['set'], memoryMib: number, heapMib: number, to: number): ExperimentPlan {
  return {
    ...{ name: `balloon-swap-${set}`, set, seconds: 100, ...HOST },
    about: 'the balloon takes memory that programs use, so that the guest swaps',
    guests: [
      {
        ...{ ...GUEST, name: 'swap', memoryMib, swapMib: 1024, touchedPerS: 0.05, idle: 0.3 },
        heap: [{ atS: 18, mib: heapMib }],
        targets: [{ atS: 32, mib: to }, { atS: 72, mib: memoryMib }],
      },
    ],
  }; // prettier-ignore
}

/** Guests that boot side by side hinder each other, and emulated ones then sometimes hang. */
function startOf(at: number): number {
  return 1 + 6 * at;
}

function merging(set: ExperimentPlan['set'], heapMib: number, speeds: readonly (readonly [number, number])[]) {
  const memoryMib = 384;
  const ksm: { atS: number; run: 0 | 1 | 2; pagesToScan: number }[] = [];
  let atS = 34;
  for (const [pagesToScan, seconds] of speeds) {
    ksm.push({ atS, run: 1, pagesToScan }, { atS: atS + seconds, run: 2, pagesToScan });
    atS += seconds + 4;
  }
  const names = ['one', 'two', 'three'];
  const plan: ExperimentPlan = {
    ...{ name: `ksm-${set}`, set, seconds: atS, ...HOST, ksm },
    about: 'KSM merges guests of one image, with different settings of pages_to_scan, and undoes it',
    guests: names.map((name, at) => ({
      ...{ ...GUEST, name, memoryMib, hasImage: true, startS: startOf(at) },
      heap: [{ atS: 22, mib: heapMib }],
    })),
  };
  return plan;
}

function mergingWrites(set: ExperimentPlan['set'], heapMib: number, writesPerMin: number): ExperimentPlan {
  return {
    ...{ name: `ksm-writes-${set}`, set, seconds: 76, ...HOST },
    about: 'KSM runs while the guests overwrite their memory',
    ksm: [{ atS: 30, run: 1, pagesToScan: 5000 }],
    guests: ['one', 'two'].map((name, at) => ({
      ...{ ...GUEST, name, memoryMib: 384, hasImage: true, writesPerMin, startS: startOf(at) },
      heap: [{ atS: 20, mib: heapMib }],
    })),
  };
}

function pressure(set: ExperimentPlan['set'], hostMib: number, heapMib: number, idle: number): ExperimentPlan {
  return {
    ...{ name: `host-pressure-${set}`, set, seconds: 95, ...HOST, hostMib },
    about: 'the guests use more memory than the host has, and the host swaps',
    guests: ['one', 'two'].map((name, at) => ({
      ...{ ...GUEST, name, memoryMib: 512, touchedPerS: 0.05, idle, startS: startOf(at) },
      heap: [{ atS: 20, mib: Math.floor(heapMib / 2) }, { atS: 30 + 10 * at, mib: heapMib }, { atS: 75, mib: Math.floor(heapMib / 4) }], // prettier-ignore
    })),
  };
}

function killed(set: ExperimentPlan['set'], hostMib: number): ExperimentPlan {
  return {
    ...{ name: `host-oom-${set}`, set, seconds: 60, ...HOST, hostMib, hostSwap: false },
    about: 'a host without swap runs out of memory',
    guests: ['one', 'two'].map((name, at) => ({
      ...{ ...GUEST, name, memoryMib: 512, startS: startOf(at) },
      heap: [{ atS: 20 + 3 * at, mib: 160 + 128 * at }, { atS: 34, mib: 368 }], // prettier-ignore
    })),
  };
}

/** Quiet and busy guests in turn, with a policy. */
function mixed(set: ExperimentPlan['set'], hostMib: number, turnS: number): ExperimentPlan {
  return {
    ...{ name: `mixed-${set}`, set, seconds: 110, ...HOST, hostMib, policy: 'policies/mom-balloon.policy' },
    about: 'three guests with swap take turns in using much memory, and a policy moves their balloons',
    guests: ['one', 'two', 'three'].map((name, at) => ({
      ...{ ...GUEST, name, memoryMib: 512, swapMib: 512, touchedPerS: 0.05, idle: 0.3, startS: startOf(at) },
      heap: [
        { atS: 24, mib: 96 },
        ...Array.from({ length: 6 }, (_, turn) => ({ atS: 30 + turn * turnS, mib: turn % 3 === at ? 300 : 96 })),
      ],
    })),
  };
}

/** In pairs: constants are fitted to the first, and judged by the second. */
export const EXPERIMENTS: readonly ExperimentPlan[] = [
  balloonFree('fit', 768, [384, 192]),
  balloonFree('held-out', 1024, [640, 256]),
  balloonCache('fit', 768, 448, 256),
  balloonCache('held-out', 640, 384, 224),
  balloonSwap('fit', 768, 480, 384),
  balloonSwap('held-out', 640, 400, 288),
  merging('fit', 160, [[100, 75], [1000, 25], [10_000, 12], [100_000, 8]]), // prettier-ignore
  merging('held-out', 120, [[300, 40], [3000, 15], [30_000, 8]]), // prettier-ignore
  mergingWrites('fit', 160, 0.3),
  mergingWrites('held-out', 120, 0.6),
  pressure('fit', 720, 368, 0.1),
  pressure('held-out', 800, 384, 0.2),
  killed('fit', 720),
  killed('held-out', 800),
  mixed('fit', 1200, 14),
  mixed('held-out', 1100, 12),
];
