import type { FieldDecl, FieldValue } from '../src/model/field.ts';
import { HostFileError, type Host } from '../src/ports/host.ts';
import { parsePressure, type Pressure, type Stall } from '../src/host/pressure.ts';
import { defineCollector } from '../src/plugin/collector.ts';
import { awaitAll } from '../src/support/await-all.ts';

const RESOURCES = ['memory', 'cpu', 'io'] as const;

const KINDS = [
  { kind: 'some', who: 'at least one task' },
  { kind: 'full', who: 'all tasks at once' },
] as const;

const MEASURES = [
  { measure: 'avg10', unit: '%', of: 'Share of the last 10 s' },
  { measure: 'avg60', unit: '%', of: 'Share of the last 60 s' },
  { measure: 'avg300', unit: '%', of: 'Share of the last 300 s' },
  { measure: 'total', unit: 'us', of: 'Time since the host started' },
] as const satisfies readonly { measure: keyof Stall; unit: FieldDecl['unit']; of: string }[];

const path = (resource: string) => `/proc/pressure/${resource}`;

/**
 * Pressure stall information: how long tasks waited for a resource. nil when the kernel does not provide it (before
 * Linux 4.20, or booted with psi=0).
 */
export const hostPressure = defineCollector({
  name: 'host-pressure',
  scope: 'host',
  fields: RESOURCES.flatMap((resource) =>
    KINDS.flatMap(({ kind, who }) =>
      MEASURES.map(({ measure, unit, of }): FieldDecl => ({
        name: `psi_${resource}_${kind}_${measure}`,
        type: 'number',
        unit,
        optional: true,
        doc: `${of} that ${who} waited for ${resource}`,
        source: `${path(resource)} ${kind} ${measure}`,
      })),
    ),
  ),
  create: ({ host }) => ({
    async collect() {
      const all = await awaitAll(RESOURCES.map((resource) => read(host, path(resource))));
      const values: Record<string, FieldValue> = {};
      for (const [index, resource] of RESOURCES.entries()) {
        for (const { kind } of KINDS) {
          const stall = all[index]?.[kind];
          for (const { measure } of MEASURES) values[`psi_${resource}_${kind}_${measure}`] = stall?.[measure] ?? null;
        }
      }
      return values;
    },
  }),
});

async function read(host: Host, file: string): Promise<Pressure | null> {
  try {
    const text = await host.readText(file);
    return text === null ? null : parsePressure(file, text);
  } catch (error) {
    // With psi=0, kernels before 5.2 create the files, but refuse to open them.
    if (error instanceof HostFileError && error.code === 'EOPNOTSUPP') return null;
    throw error;
  }
}
