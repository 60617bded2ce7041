import { defineCollector } from '../src/plugin/collector.ts';

/** What Ballast did to a guest, up to the snapshot before: policies need not remember it themselves. */
export const guestWrites = defineCollector({
  name: 'guest-writes',
  scope: 'guest',
  fields: [
    {
      name: 'last_target',
      type: 'number',
      unit: 'KiB',
      optional: true,
      doc: 'The last target that Ballast wrote to its balloon, for a policy or a guard; nil if there is none since Ballast or the guest started',
      source: "Ballast's own writes",
    },
    {
      name: 'last_target_age',
      type: 'number',
      unit: 's',
      optional: true,
      doc: 'Time since the statistics on which that target was decided',
      source: "Ballast's own writes",
    },
    {
      name: 'last_outcome',
      type: 'string',
      unit: 'none',
      optional: true,
      choices: ['done', 'refused', 'failed', 'gone', 'pending'],
      doc: 'What became of that write: done; refused by the hypervisor; failed: outcome unknown; gone: the guest had ended; pending: not answered yet',
      source: "Ballast's own writes",
      example: '"done"',
    },
    {
      name: 'held_by',
      type: 'string',
      unit: 'none',
      optional: true,
      doc: 'The guard, or the controller, that held back the request of the last evaluation for its balloon; nil if nothing was held back',
      source: 'the guards and controllers',
      example: '"settle"',
    },
  ],
  create: ({ writes, now }) => ({ collect: ({ uuid }) => writes(uuid, now()) }),
});
