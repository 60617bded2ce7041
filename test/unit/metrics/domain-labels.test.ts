import fc from 'fast-check';
import { expect, it } from 'vitest';
import { domainLabels } from '../../../src/metrics/domain-labels.ts';

it('names guests as libvirt does', () => {
  expect([...domainLabels([{ name: 'web 1/ä"', uuid: 'u' }])]).toEqual([['u', 'web 1/ä"']]);
});

it('lets no name reach a terminal', () => {
  expect([...domainLabels([{ name: 'a\u001b[2J\r\u009b\0b\n', uuid: 'u' }])]).toEqual([
    ['u', 'a\ufffd[2J\ufffd\ufffd\ufffdb\n'],
  ]);
});

it('gives no two guests one label, whatever their names are', () => {
  const name = fc.oneof(
    fc.constantFrom('', 'a', 'a 1', 'a 1 1', 'x'.repeat(300), '\ud800', '\udc00'),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(
    fc.property(fc.array(name, { maxLength: 12 }), (names) => {
      const guests = names.map((each, at) => ({ name: each, uuid: String(at) }));
      const labels = [...domainLabels(guests).values()];
      expect(labels).toHaveLength(guests.length);
      // As Prometheus receives them.
      expect(new Set(labels.map((label) => Buffer.from(label).toString())).size).toBe(guests.length);
    }),
  );
});
