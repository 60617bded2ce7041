import { JOB_OPERATIONS } from 'node-libvirt';
import { describe, expect, it } from 'vitest';
import { balloon } from '../../../controllers/balloon.ts';
import { inputOf, planOf, requestOf, settingsWith } from '../../support/planning.ts';

const guestWith = (number: number, job: string | null) => ({
  number,
  samples: [{ balloon_cur: 1_000_000, balloon_max: 2_000_000, balloon_min: 0, state: 'running', stats_age: 1, job }],
});

const ON = { jobs: { enabled: true } };

/** What happens to a request to shrink and one to grow. */
const outcomesFor = (job: string | null, settings = settingsWith({}, ON)) =>
  [900_000, 1_100_000].map((target) => {
    const plan = planOf(balloon, [requestOf('balloon_target', target, 1)], inputOf({}, [guestWith(1, job)]), settings);
    return plan.actions[0]?.to ?? plan.held[0]?.why;
  });

describe('jobs', () => {
  it.each([
    ['migration', 'is being migrated'],
    ['incoming migration', 'is being received from another host'],
    ['save', 'is being saved'],
    ['restore', 'is being restored'],
    ['dump', 'is being dumped'],
    ['snapshot', 'is part of a snapshot that is being taken'],
    ['start', 'is being started'],
    ['unknown', 'has a job that libvirt does not name'],
    ['a job of a later libvirt', 'has the job "a job of a later libvirt"'],
    ['constructor', 'has the job "constructor"'],
  ])('leaves a guest with the job %s alone', (job, words) => {
    const why = `the guest ${words}; its balloon is left alone until that has ended`;
    expect(outcomesFor(job)).toEqual([why, why]);
  });

  it.each([['none'], ['backup'], [null]])('does not mind the job %s', (job) => {
    expect(outcomesFor(job)).toEqual([900_000, 1_100_000]);
  });

  it('has words for every job that libvirt names', () => {
    for (const job of JOB_OPERATIONS.filter((each) => each !== 'backup'))
      expect(outcomesFor(job)).toEqual([
        expect.stringMatching(/^the guest (?!has the job ")/),
        expect.stringContaining('left alone'),
      ]);
  });

  it('can be switched off', () => {
    expect(outcomesFor('migration', settingsWith())).toEqual([900_000, 1_100_000]);
  });

  it('holds nothing else back: other guests, the host, and recordings without the field', () => {
    const input = inputOf({ ksm_run: 0 }, [guestWith(1, 'migration'), guestWith(2, 'none')]);
    const { actions, held } = planOf(
      balloon,
      [1, 2].map((n) => requestOf('balloon_target', 900_000, n)),
      input,
      settingsWith({}, ON),
    );
    expect(actions.map(({ guest }) => guest?.name)).toEqual(['guest-2']);
    expect(held.map(({ guest }) => guest?.name)).toEqual(['guest-1']);
    const { job: _, ...old } = guestWith(1, 'migration').samples[0]!;
    const replayed = inputOf({}, [{ number: 1, samples: [old] }]);
    expect(planOf(balloon, [requestOf('balloon_target', 900_000, 1)], replayed).held).toEqual([]);
  });
});
