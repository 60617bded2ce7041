import type { DemandSpec, GuestSpec, HostSpec, KsmSpec, Scenario } from '../../../src/simulation/scenario/model.ts';

export const MIB = 1024;
export const GIB = 1024 ** 2;

export function demandSpec(changes: Partial<DemandSpec> = {}): DemandSpec {
  const none = { spread: 0, day: null, points: [], repeatS: 0, bursts: null, leakKib: 0 };
  return { baseKib: 256 * MIB, ...none, ...changes };
}

export function guestSpec(changes: Partial<GuestSpec> = {}): GuestSpec {
  return {
    ...{ name: 'guest', memoryKib: 1024 * MIB, minKib: null, swapKib: 0, demand: demandSpec(), idle: 0.3 },
    files: { sizeKib: 0, hotKib: 0, readsKib: 0 },
    balloon: { moves: 'follows', rateKib: 0, limitKib: 0, lateS: 0 },
    freePageReporting: false,
    statistics: { kind: 'linux', periodS: 5, lateS: 0, untilS: 0 },
    sharing: { image: '', share: 0, writes: 0 },
    life: { startS: 0, stopS: 0, rebootsS: [], migrateS: 0, migrationS: 0 },
    running: null,
    node: null,
    ...changes,
  };
}

export function ksmSpec(changes: Partial<KsmSpec> = {}): KsmSpec {
  return { run: false, pagesToScan: 100, sleepMs: 20, mergeAcrossNodes: true, ...changes };
}

export function hostSpec(changes: Partial<HostSpec> = {}): HostSpec {
  return {
    ...{ memoryKib: 8 * GIB, cpus: 4, reserveKib: 512 * MIB, swapKib: 0, swapSpeedKib: 200 * MIB, filesKib: 0 },
    other: demandSpec({ baseKib: 0 }),
    arc: { minKib: 0, maxKib: 0 },
    ksm: ksmSpec(),
    numa: null,
    ...changes,
  };
}

export function scenario(guests: readonly GuestSpec[], changes: Partial<Scenario> = {}): Scenario {
  return { name: 'test', story: 'A test.', durationS: 3600, host: hostSpec(), guests, ...changes };
}
