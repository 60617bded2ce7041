import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cpuTune } from '../../../controllers/cpu-tune.ts';
import type { RequestedValue } from '../../../src/model/control.ts';
import type { CpuChange } from '../../../src/ports/tuning.ts';
import { HypervisorError, type Hypervisor } from '../../../src/ports/hypervisor.ts';
import { fixtureHost, NEVER_ABORTED } from '../../support/kernel.ts';
import { NO_TUNING } from '../../support/no-tuning.ts';
import { controllerContext, inputOf, planOf, requestOf, type Fields } from '../../support/planning.ts';

const UNLIMITED = { vcpu_quota: -1, vcpu_period: 100_000 };
const planFor = (requests: readonly RequestedValue[], now: Fields = UNLIMITED) =>
  planOf(cpuTune, requests, inputOf({}, [{ samples: [now] }]));
const quota = (value: number | string) => requestOf('vcpu_quota', value, 1);
const period = (value: number) => requestOf('vcpu_period', value, 1);

describe('planning CPU limits', () => {
  it('plans what differs, truncated', () => {
    const { actions, held } = planFor([quota(50_000.9), period(100_000)]);
    expect(actions).toMatchObject([
      { control: 'vcpu_quota', from: -1, to: 50_000, message: 'CPU limit guest:guest-1 vcpu_quota from -1 to 50000' },
    ]);
    expect(held).toMatchObject([{ control: 'vcpu_period', kind: 'unchanged' }]);
  });

  it.each([-1, -5, -0.5])('takes %d for no limit', (value) => {
    expect(planFor([quota(value)]).held).toMatchObject([{ kind: 'unchanged' }]);
    expect(planFor([quota(value)], { vcpu_quota: 5000, vcpu_period: 10_000 }).actions).toMatchObject([{ to: -1 }]);
  });

  it.each([
    [quota(0), 'vcpu_quota must be 1000 to 17592186044415; the policy requested 0'],
    [quota(999), 'vcpu_quota must be 1000 to 17592186044415; the policy requested 999'],
    [quota(1e14), 'vcpu_quota must be 1000 to 17592186044415'],
    [quota(NaN), 'vcpu_quota must be a number of microseconds; the policy requested NaN'],
    [quota('half'), 'vcpu_quota must be a number of microseconds; the policy requested'],
    [period(999), 'vcpu_period must be 1000 to 1000000; the policy requested 999'],
    [period(-1), 'vcpu_period must be 1000 to 1000000; the policy requested -1'],
    [period(1_000_001), 'vcpu_period must be 1000 to 1000000'],
    [requestOf('vcpu_quota', 5000, 7), 'the guest is not in this snapshot'],
  ])('holds back what the kernel does not accept: %j', (request, why) => {
    const { actions, held } = planFor([request]);
    expect(actions).toEqual([]);
    expect(held).toMatchObject([{ kind: 'held', why: expect.stringContaining(why) }]);
  });

  it('holds back what would stop the guest', () => {
    const why = 'less than 1 % of a CPU for each vCPU: the guest would stand still';
    expect(planFor([quota(1000), period(1_000_000)])).toMatchObject({ actions: [], held: [{}, {}] });
    expect(planFor([quota(1000)], { vcpu_quota: -1, vcpu_period: 1_000_000 }).held[0]?.why).toContain(why);
    expect(planFor([quota(1000)], { vcpu_quota: -1, vcpu_period: 100_000 }).actions).toHaveLength(1);
  });

  it('needs the collector', () => {
    expect(planFor([quota(5000)], {}).held[0]?.why).toContain('is the collector guest-cpu-tune in the config?');
  });

  it('never leaves a guest with less than before and after while it writes', () => {
    const us = fc.integer({ min: 1000, max: 1_000_000 });
    const share = (now: Fields) =>
      Number(now['vcpu_quota']) < 0 ? Infinity : Number(now['vcpu_quota']) / Number(now['vcpu_period']);
    const limits = fc.record({ vcpu_quota: fc.oneof(fc.constant(-1), us), vcpu_period: us });
    fc.assert(
      fc.property(limits, limits, fc.boolean(), (before, after, quotaFirst) => {
        const both = [quota(after.vcpu_quota), period(after.vcpu_period)];
        const { actions } = planFor(quotaFirst ? both : both.toReversed(), before);
        const now: Record<string, number> = { ...before };
        for (const { control, to } of actions) {
          now[control] = Number(to);
          expect(share(now)).toBeGreaterThanOrEqual(Math.min(share(before), share(after)));
        }
      }),
    );
  });

  it('says what is to be restored', () => {
    const values = (now: Fields) => cpuTune.values!(inputOf({}, [{ samples: [now] }])).map(({ value }) => value);
    expect(values({ vcpu_quota: -17, vcpu_period: 50_000 })).toEqual([-1, 50_000]);
    expect(values({ vcpu_quota: null, vcpu_period: null })).toEqual([]);
  });
});

describe('writing CPU limits', () => {
  const created = (setCpu: (change: CpuChange) => Promise<Required<CpuChange>>) =>
    cpuTune.create(
      controllerContext(fixtureHost('bare'), {
        tuning: { ...NO_TUNING, setCpu: (_guest: unknown, change: CpuChange) => setCpu(change) },
      } as unknown as Hypervisor),
    );
  const [write] = planFor([quota(50_000)]).actions;

  it('is done when libvirt reports the new limit', async () => {
    const { apply } = created(async (change) => ({ quotaUs: -1, periodUs: 1, ...change }));
    expect(await apply(write!, NEVER_ABORTED)).toMatchObject({ status: 'done' });
  });

  it('is refused when libvirt reports another one', async () => {
    const { apply } = created(async () => ({ quotaUs: 40_000, periodUs: 1 }));
    expect(await apply(write!, NEVER_ABORTED)).toMatchObject({
      status: 'refused',
      detail: 'libvirt accepted 50000 but reports 40000',
    });
  });

  it('says what libvirt said', async () => {
    const { apply } = created(() => Promise.reject(new HypervisorError('timeout', 'no answer')));
    expect(await apply(write!, NEVER_ABORTED)).toMatchObject({ status: 'failed', detail: 'no answer' });
  });

  it('writes the two limits of a guest one after the other', async () => {
    const open: CpuChange[] = [];
    const release: (() => void)[] = [];
    const { apply } = created((change) => {
      open.push(change);
      return new Promise((resolve) => release.push(() => resolve({ quotaUs: 20_000, periodUs: 200_000, ...change })));
    });
    const { actions } = planFor([quota(20_000), period(200_000)]);
    const both = actions.map((action) => apply(action, NEVER_ABORTED));
    await Promise.resolve();
    expect(open).toEqual([{ periodUs: 200_000 }]);
    release[0]!();
    expect(await both[0]).toMatchObject({ status: 'done' });
    release[1]!();
    expect(await both[1]).toMatchObject({ status: 'done' });
  });
});
