import { blockingJob } from '../src/model/jobs.ts';
import { fieldOf } from '../src/model/sample.ts';
import { defineGuard, type Ruling } from '../src/plugin/guard.ts';

/**
 * Leaves guests alone while libvirt is busy with them. A change would wait for the job's lock, 30 s by default, and then
 * fail; and memory that moves during a migration or a dump only prolongs it.
 */
export const jobs = defineGuard({
  name: 'jobs',
  doc: 'Moves no balloon of a guest that is being migrated, saved, restored, dumped or snapshotted',
  settings: {
    key: 'jobs',
    doc: 'Guests that libvirt is busy with, by the field `job`. A backup is no reason: libvirt permits changes meanwhile. Neither is an unknown job: older versions of libvirt do not tell it.',
    keys: {
      enabled: {
        type: 'flag',
        default: true,
        doc: 'No balloon is moved while a job of libvirt holds its guest: the change would wait for the job, 30 s by default, and then fail. `false`: it is sent anyway.',
      },
    },
  },

  beforePlan(requests, { guests, guestLayout }, settings) {
    const rulings = new Map<(typeof requests)[number], Ruling>();
    if (!settings.enabled) return rulings;
    const busy = new Map<string, string>();
    for (const { uuid, samples } of guests) {
      const why = blockingJob(fieldOf(guestLayout, samples, 'job'));
      if (why !== null) busy.set(uuid, why);
    }
    for (const request of busy.size === 0 ? [] : requests) {
      const why = request.name === 'balloon_target' ? busy.get(request.guest?.uuid ?? '') : undefined;
      if (why !== undefined)
        rulings.set(request, { kind: 'hold', why: `the guest ${why}; its balloon is left alone until that has ended` });
    }
    return rulings;
  },
});
