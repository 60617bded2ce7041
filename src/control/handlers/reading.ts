import { listParameters } from '../../parameters/list.ts';
import { redacted } from '../../support/secrets.ts';
import type { Parameters } from '../api/settings.ts';
import type { Pauses, Reservations } from '../api/pauses.ts';
import type { RouteName } from '../api/routes.ts';
import { ApiError } from '../server/api-error.ts';
import { Rendered, type Handlers } from '../server/server.ts';
import { guestsOf } from '../views/guests.ts';
import { decisionsOf, holdsOf } from '../views/history.ts';
import { refOf, timeText } from '../views/plain.ts';
import { statisticsOf } from '../views/statistics.ts';
import { statusOf } from '../views/status.ts';
import { whyOf } from '../views/why.ts';
import type { ControlParts } from './parts.ts';

export type ReadRoute = Extract<
  RouteName,
  | 'version' | 'status' | 'guests' | 'statistics' | 'decisions' | 'holds' | 'why' | 'parameters' | 'policy' | 'pauses' | 'reservations'
  | 'config' | 'recording' | 'logLevel'
>; // prettier-ignore

/** What the routes that change nothing answer. */
export function readingHandlers(parts: ControlParts): Pick<Handlers, ReadRoute> {
  const { running, kept, layouts, commands, recordsOnly } = parts;
  const { environment, configuration, stopFile, pauses } = running;
  const { clock, hypervisor } = environment;
  const [startedMs, startedMonotonicMs] = [clock.now(), clock.monotonic()];
  const { version, pid } = parts;
  const guests = new OncePerInterval(() =>
    guestsOf(kept, {
      layout: layouts.guest,
      floorKib: parts.floorKib,
      paused: (guest) => pauses.reason({ guest }),
    }),
  );
  return {
    version: () => ({ version, api: 1, node: NODE, pid, started: timeText(startedMs) }),
    status: () =>
      statusOf({
        ...{ version, pid, startedMs, startedMonotonicMs, recordsOnly, layouts },
        nowMonotonicMs: clock.monotonic(),
        dryRun: configuration.config.dryRun,
        libvirt: { uri: configuration.config.libvirt.uri, connected: hypervisor.connected },
        collectIntervalMs: configuration.config.collectIntervalMs,
        policyIntervalMs: configuration.config.policyIntervalMs,
        policies: commands.policies.map(({ file }) => file),
        shadow: running.shadow.state,
        counts: parts.daemon.counts,
        last: kept.last,
        stopped: stopFile.lastReason,
        pauses: pausesOf(parts).pauses,
        recording: commands.recording,
        troubles: parts.running.observers.troubles,
      }),
    guests: () => guests.at(`${kept.generation} ${pauses.version}`),
    statistics: () => statisticsOf(kept, layouts),
    decisions: ({ query }) => decisionsOf(kept, query),
    holds: ({ query }) => holdsOf(kept, query),
    why: ({ query }) => {
      const why = whyOf(kept, query, {
        vocabulary: parts.vocabulary,
        evaluate: { onError: configuration.config.policy.onError, clock: clock.monotonic },
        nowMs: clock.now(),
        stopped: configuration.config.dryRun ? null : stopFile.lastReason,
        paused: (guest) => pauses.reason({ guest }),
        shadowOf: (uuid) => running.shadow.guest(uuid),
        hasPolicy: !recordsOnly,
      });
      if ('unknown' in why) throw new ApiError(404, why.unknown);
      return why;
    },
    parameters: () => parametersOf(parts),
    policy: () => policyOf(parts),
    pauses: () => pausesOf(parts),
    reservations: async () => reservationsOf(parts),
    config: () => ({
      path: parts.configPath,
      config: redacted({ ...configuration.config }) as Record<string, unknown>,
    }),
    recording: () => ({ path: commands.recording }),
    logLevel: () => ({ level: commands.logLevel }),
  };
}

const NODE = `v${process.versions.node}`;

export function parametersOf({ running: { configuration, parameters } }: ControlParts): Parameters {
  const { program } = configuration;
  const { parameters: set } = parameters;
  const listed = program === null ? [] : listParameters(program, set);
  return {
    file: set?.file?.path ?? null,
    parameters: listed.map((each) => ({
      ...each,
      one_of: each.one_of && [...each.one_of],
      overrides: each.overrides.map((override) => ({ ...override })),
    })),
  };
}

export function policyOf({ commands }: ControlParts) {
  return {
    set: commands.arePoliciesSet,
    files: commands.policies.map(({ file, text }) => ({ name: file, text })),
  };
}

export function pausesOf({ running: { pauses } }: ControlParts): Pauses {
  return {
    kept: pauses.isSaved,
    pauses: pauses.all.map((pause) => ({
      what: pause.what,
      guest: pause.what === 'guest' ? refOf(pause.guest) : null,
      since: timeText(pause.sinceMs),
      until: pause.untilMs === null ? null : timeText(pause.untilMs),
      by: pause.by,
      reason: pause.reason,
    })),
  };
}

export async function reservationsOf({ running: { reservations, environment } }: ControlParts): Promise<Reservations> {
  const nowMs = environment.clock.now();
  return {
    reservations: (await reservations.read()).map(({ name, client, kib, untilMs }) => ({
      ...{ name, client, kib, until: timeText(untilMs), expired: untilMs <= nowMs },
    })),
  };
}

/** A large answer, made once for all who ask for it in one interval. */
class OncePerInterval {
  readonly #make: () => unknown;
  #key: string | null = null;
  #rendered: Rendered | null = null;

  constructor(make: () => unknown) {
    this.#make = make;
  }

  at(key: string): Rendered {
    if (this.#rendered === null || this.#key !== key) {
      this.#rendered = new Rendered(Buffer.from(`${JSON.stringify(this.#make())}\n`));
      this.#key = key;
    }
    return this.#rendered;
  }
}
