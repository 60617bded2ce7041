import { describe, expect, it } from 'vitest';
import { MetricsRegistry, type Gauges } from '../../../src/metrics/registry.ts';
import { METRIC_LIST } from '../../../src/metrics/table.ts';

const NONE: Gauges = new Map();

function guests(...domains: readonly string[]): Gauges {
  return new Map([['ballast_guest_stuck', domains.map((domain) => ({ labels: { domain }, value: 0 }))]]);
}

describe('the table of metrics', () => {
  it.each(METRIC_LIST)('%s follows the conventions of Prometheus', (name, { type, unit, labels, help, buckets }) => {
    expect(name).toMatch(/^ballast_[a-z][a-z0-9_]*[a-z]$/);
    expect(name.endsWith('_total')).toBe(type === 'counter');
    if (unit !== 'none') expect(name.replace(/_total$/, '')).toMatch(new RegExp(`_${unit}$`));
    else expect(name).not.toMatch(/_(bytes|seconds|ratio|kib|kb|mib|ms|percent)(_|$)/);
    expect(labels.filter((label) => !/^[a-z][a-z0-9]*$/.test(label))).toEqual([]);
    // Only info metrics may have labels that are as many as there are guests ever.
    if (!name.endsWith('_info')) expect(labels).not.toContain('uuid');
    expect(labels).not.toContain('reason');
    expect(help).toMatch(/^[A-Z1].*[^.]$/);
    expect(buckets !== undefined).toBe(type === 'histogram');
    expect(buckets ?? []).toEqual((buckets ?? []).toSorted((one, other) => one - other));
  });
});

describe('a rendered page', () => {
  it('has no value for a gauge that has none, and counters from 0', async () => {
    const text = await new MetricsRegistry().render(NONE);
    expect(text).not.toMatch(/^ballast_host_spare_bytes/m);
    expect(text).toMatch(/^ballast_intervals_total 0$/m);
  });

  it('has no series of guests that are gone', async () => {
    const registry = new MetricsRegistry();
    expect(await registry.render(guests('a', 'b'))).toContain('ballast_guest_stuck{domain="b"} 0');
    expect(await registry.render(guests('a'))).not.toContain('domain="b"');
    expect(await registry.render(NONE)).not.toContain('domain');
  });

  it('escapes hostile names, so that they forge no line and no label', async () => {
    const text = await new MetricsRegistry().render(guests('a"} 7\nballast_forged 1\\', '__proto__', '', '\ufffd\0\r'));
    expect(text).toContain(String.raw`ballast_guest_stuck{domain="a\"} 7\nballast_forged 1\\"} 0`);
    expect(text).toContain('ballast_guest_stuck{domain="__proto__"} 0');
    expect(text).toContain('ballast_guest_stuck{domain=""} 0');
    expect(text).not.toMatch(/^ballast_forged/m);
  });

  it('counts what has too many different labels as other', async () => {
    const registry = new MetricsRegistry();
    for (let at = 0; at < 5000; at++) registry.count('ballast_policy_errors_total', { policy: `${at}.policy` });
    const text = await registry.render(NONE);
    expect(text.match(/^ballast_policy_errors_total/gm)).toHaveLength(501);
    expect(text).toContain('ballast_policy_errors_total{policy="other"} 4500');
  });
});
