import { defineCollector } from '../src/plugin/collector.ts';

/** What the guards think of a guest, after the snapshot before: policies can reckon with it. */
export const guestGuards = defineCollector({
  name: 'guest-guards',
  scope: 'guest',
  fields: [
    {
      name: 'balloon_stuck',
      type: 'boolean',
      unit: 'none',
      optional: true,
      doc: 'Whether its balloon does not follow its target',
      source: 'the guard stuck',
    },
    {
      name: 'memory_not_returned',
      type: 'boolean',
      unit: 'none',
      optional: true,
      doc: 'Whether its balloon took memory that the host did not get',
      source: 'the guard returns',
    },
    {
      name: 'figures_doubted',
      type: 'boolean',
      unit: 'none',
      optional: true,
      doc: 'Whether its last statistics cannot be true',
      source: 'the guard belief',
    },
    {
      name: 'pain_age',
      type: 'number',
      unit: 's',
      optional: true,
      doc: 'Time since its last sign of pain (swap-ins, stalled allocations, major faults, its OOM killer); nil if there was none',
      source: 'the guard pain',
    },
    {
      name: 'granted',
      type: 'number',
      unit: 'KiB',
      optional: true,
      doc: 'Growth that Ballast has given the guest and that it has not touched yet: the host must still be able to back it',
      source: 'the guard budget',
    },
  ],
  create: ({ verdicts }) => ({ collect: ({ uuid }) => verdicts(uuid) }),
});
