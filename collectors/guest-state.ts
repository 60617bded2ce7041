import { GUEST_STATES, type GuestReading } from '../src/ports/hypervisor.ts';
import { defineCollector } from '../src/plugin/collector.ts';

/** Whether the guest is running at the moment. */
export const guestState = defineCollector({
  name: 'guest-state',
  scope: 'guest',
  stateless: true,
  fields: [
    {
      name: 'state',
      type: 'string',
      unit: 'none',
      optional: false,
      source: 'libvirt state.state',
      example: '"running"',
      choices: GUEST_STATES,
      doc: 'running, blocked, paused, in shutdown, crashed, suspended by guest power management, shut off or no state',
    },
    {
      name: 'paused',
      type: 'boolean',
      unit: 'none',
      optional: false,
      source: 'libvirt state.state',
      doc: 'Whether the guest is paused: it neither runs nor responds to its balloon',
    },
  ],
  create: () => ({
    collect: ({ state }: GuestReading) => ({ state, paused: state === 'paused' }),
  }),
});
