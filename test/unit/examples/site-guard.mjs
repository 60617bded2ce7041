export default {
  name: 'site-pinned',
  doc: 'Moves no balloon of a guest that is labelled pinned',
  beforePlan(requests, { guests }) {
    const labelled = guests.filter(({ props }) => String(props.labels).split(' ').includes('pinned'));
    const pinned = new Set(labelled.map(({ uuid }) => uuid));
    const own = requests.filter(({ name, guest }) => name === 'balloon_target' && pinned.has(guest?.uuid));
    return new Map(own.map((request) => [request, { kind: 'hold', why: 'the guest is labelled pinned' }]));
  },
};
