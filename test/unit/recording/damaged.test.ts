import { describe, expect, it } from 'vitest';
import { decodeInterval, headerSchema, type RecordingHeader } from '../../../src/recording/format.ts';
import { MAX_ENTRIES } from '../../../src/recording/policy-line.ts';

const HEADER: RecordingHeader = {
  ballast_recording: 1,
  started: '2026-01-01T00:00:00Z',
  host_props: {},
  collect_interval_ms: 1000,
  policy_interval_ms: 1000,
  history: 1,
  host_fields: [],
  guest_fields: [],
  guest_props: [],
  memory: { host: {}, guests: {} },
};
const NESTED = 100_000;
const deep = '['.repeat(NESTED) + ']'.repeat(NESTED);
const policy = (changes: object): object => ({ requests: [], errors: [], held: [], outcomes: [], ...changes });
/** The text DEEP stands for a list that is nested very deeply. */
const decode = (line: object): unknown =>
  decodeInterval(JSON.stringify({ t: 1, host: null, guests: [], ...line }).replaceAll('"DEEP"', deep), HEADER);

const POSITION = { file: 'a.policy', line: 1, column: 1 };
const REQUEST = { name: 'ksm_run', guest: null, value: 1, reason: null, position: POSITION };
const ACTION = { controller: 'ksm', control: 'ksm_run', guest: null, from: 0, to: 1, message: 'm', position: POSITION };

describe('an interval', () => {
  it('is read when it is right', () => {
    const line = policy({ requests: [REQUEST], outcomes: [{ action: ACTION, status: 'done', detail: null }] });
    expect(decode({ policy: line })).toMatchObject({ policy: line });
  });

  it.each<[string, object, string]>([
    ['that is no object', { policy: 5 }, '"policy" should be an object'],
    ['without lists', { policy: [] }, 'policy.requests'],
    ['with a wrong request', { policy: policy({ requests: [{}] }) }, 'policy.requests'],
    ['with a wrong position', { policy: policy({ requests: [{ ...REQUEST, position: 3 }] }) }, 'policy.requests'],
    ['with a deep value', { policy: policy({ requests: [{ ...REQUEST, value: 'DEEP' }] }) }, 'policy.requests'],
    ['with a deep list', { policy: policy({ errors: 'DEEP' }) }, 'policy.errors'],
    ['with a wrong error', { policy: policy({ errors: [null] }) }, 'policy.errors'],
    ['with a wrong refusal', { policy: policy({ held: ['x'] }) }, 'policy.held'],
    ['with a wrong outcome', { policy: policy({ outcomes: [{ action: null }] }) }, 'policy.outcomes'],
  ])('is refused with a policy %s', (_, line, why) => {
    expect(() => decode(line)).toThrow(why);
  });

  it('is refused with more entries than any host has', () => {
    const guests = Array.from({ length: MAX_ENTRIES + 1 }, (_v, at) => [`g${at}`, `u${at}`, [], []]);
    expect(() => decode({ guests })).toThrow(`"guests" has ${MAX_ENTRIES + 1} guests; at most ${MAX_ENTRIES} are read`);
    const requests = Array.from({ length: MAX_ENTRIES + 1 }, () => REQUEST);
    expect(() => decode({ policy: policy({ requests }) })).toThrow('policy.requests');
  });
});

it('a header with a deep variable, or a history that no memory holds, is refused', () => {
  const variable = JSON.parse(
    JSON.stringify({ ...HEADER, memory: { host: { a: 'DEEP' }, guests: {} } }).replace('"DEEP"', deep),
  ) as unknown;
  expect(headerSchema.safeParse(variable).success).toBe(false);
  expect(headerSchema.safeParse({ ...HEADER, history: 1e15 }).success).toBe(false);
});
