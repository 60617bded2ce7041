import { describe, expect, test } from 'vitest';
import { runCase } from '../../../src/cli/handlers/eval-cases.ts';
import { momCases } from '../../support/mom-cases.ts';

/** Numbers match MOM's within 1e-9, relative if they are large. */
const TOLERANCE = 1e-9;

interface Line {
  readonly note: string;
  readonly policy: string;
  readonly want: {
    readonly results?: readonly unknown[];
    readonly results_before?: readonly unknown[];
    readonly error?: { readonly phase: string };
    readonly host_controls?: unknown;
    readonly guest_controls?: unknown;
    readonly host_vars?: unknown;
    readonly guest_vars?: unknown;
  };
}

function same(got: unknown, want: unknown): boolean {
  if (typeof got === 'number' && typeof want === 'number') {
    return Math.abs(got - want) <= TOLERANCE * Math.max(1, Math.abs(want));
  }
  if (Array.isArray(got) && Array.isArray(want)) {
    return got.length === want.length && got.every((item, index) => same(item, want[index]));
  }
  if (typeof got === 'object' && typeof want === 'object' && got !== null && want !== null) {
    const [a, b] = [got as Record<string, unknown>, want as Record<string, unknown>];
    const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
    return [...keys].every((key) => same(a[key], b[key]));
  }
  return got === want;
}

for (const { file, lines } of momCases()) {
  describe(file, () => {
    test.each(lines.map((line, index) => [index + 1, line] as const))('line %i', (_, line) => {
      const { note, policy, want } = JSON.parse(line) as Line;
      const got = runCase(line);
      const about = `${note}\n${policy}\ngot ${JSON.stringify(got)}\nwant ${JSON.stringify(want)}`;
      if (want.error) {
        expect(got.errors.length, about).toBeGreaterThan(0);
        const before = want.results_before ?? [];
        expect(same(got.results.slice(0, before.length), before), about).toBe(true);
        return;
      }
      expect(got.errors, about).toEqual([]);
      expect(same(got.results, want.results), about).toBe(true);
      for (const key of ['host_controls', 'guest_controls', 'host_vars', 'guest_vars'] as const) {
        if (key in want) expect(same(got[key], want[key]), `${key}: ${about}`).toBe(true);
      }
    });
  });
}
