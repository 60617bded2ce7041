import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { VERBS } from '../../../../src/control/mom/verbs.ts';
import { defaultConfig } from '../../../support/config.ts';
import { controlDaemon } from '../../../support/control-daemon.ts';
import { sharedHost } from '../../../support/running-daemon.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-verbs-'));
});
// Again if the daemon of the test, which ends later, has just written to it.
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));

const escaped = (value: string): string => value.replace(/[&<]/g, (each) => (each === '&' ? '&amp;' : '&lt;'));

function call(socketPath: string, verb: string, params: readonly (string | number | null)[]): Promise<string> {
  const values = params.map((value) =>
    value === null
      ? '<nil/>'
      : typeof value === 'number'
        ? `<int>${value}</int>`
        : `<string>${escaped(value)}</string>`,
  );
  const body = `<methodCall><methodName>${verb}</methodName><params>${values.map((each) => `<param><value>${each}</value></param>`).join('')}</params></methodCall>`;
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'text/xml' };
    const sent = request({ socketPath, path: '/RPC2', method: 'POST', headers, agent: false }, (response) => {
      text(response).then(resolve, reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

it('any call of any verb is answered or refused, none is a defect, and the intervals go on', async () => {
  const host = await sharedHost(folder, [{ name: 'a' }]);
  const path = join(folder, 'mom.sock');
  const control = { ...defaultConfig().control, momRpc: { kind: 'unix', path } as const };
  const { daemon, until, messages } = await controlDaemon(folder, host, '(+ 1 1)', { control });
  await until('an interval', () => daemon.counts.intervals >= 1);
  const value = fc.oneof(
    fc.constantFrom(
      '',
      '1',
      '50_main_',
      '__proto__',
      'constructor',
      '(+ 1 2)',
      '(with Guests g (g.Control "balloon_target" 0))',
    ),
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.integer(),
    fc.constant(null),
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...VERBS.keys()), fc.array(value, { maxLength: 3 }), async (verb, params) => {
      const answer = await call(path, verb, params);
      expect(answer).toMatch(/<(?:params|fault)>/);
      expect(answer).not.toContain('defect');
    }),
    { numRuns: 300 },
  );
  const before = daemon.counts.intervals;
  await until('more intervals', () => daemon.counts.intervals > before + 2);
  expect(messages().filter((line) => line.includes('defect'))).toEqual([]);
});
