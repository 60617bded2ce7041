import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { controlDaemon, send } from '../../support/control-daemon.ts';
import { sharedHost } from '../../support/running-daemon.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-clients-'));
});
// Again if the daemon of the test, which ends later, has just written to it.
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));

const POLICY = '(with Guests g (g.Control "balloon_target" (* 0.5 g.balloon_max)))';
const READING = ['/v1/status', '/v1/guests', '/v1/why?guest=a', '/v1/decisions', '/v1/holds', '/v1/config'];

it('intervals go on beside 200 clients and 70 that are stalled or send garbage', async () => {
  const host = await sharedHost(folder, [{ name: 'a' }, { name: 'b' }]);
  const intervals = { collectIntervalMs: 500, policyIntervalMs: 500 };
  const { sockets, until, daemon } = await controlDaemon(folder, host, POLICY, intervals);
  await until('an interval', () => daemon.counts.intervals >= 2);
  const began = daemon.counts.intervals;
  const stalled = ['', 'GET /v1/gue', 'GET /v1/guests HTTP/1.1\r\nhost: x\r\n\r\n', '\0\0\xff'];
  for (let number = 0; number < 70; number++) {
    const socket = createConnection(sockets.status);
    socket.on('error', () => undefined);
    socket.pause();
    socket.write(stalled[number % stalled.length]!);
    onTestFinished(() => void socket.destroy());
  }
  const asked = Array.from({ length: 200 }, (_, number) =>
    send(sockets.status, 'GET', READING[number % READING.length]!).then(
      ({ status }) => status,
      () => 'closed',
    ),
  );
  const answers = await Promise.all(asked);
  await until('more intervals', () => daemon.counts.intervals >= began + 4);
  // Those beyond the limits are told so, or closed; nobody waits.
  for (const answer of answers) expect([200, 503, 'closed']).toContain(answer);
  expect(answers.filter((answer) => answer === 200).length).toBeGreaterThan(50);
  expect((await send(sockets.control, 'POST', '/v1/pause', '{"what": "all"}')).status).toBe(200);
});

it('what is set through the socket is logged with who asked for it, and survives a restart', async () => {
  const host = await sharedHost(folder, [{ name: 'a' }]);
  const policy = '(param share 50%) (with Guests g (g.Control "balloon_target" (* share g.balloon_max)))';
  const first = await controlDaemon(folder, host, policy);
  await first.until('an interval', () => first.daemon.counts.intervals >= 1);
  await first.client.call('pause', { body: { what: 'ksm', reason: 'benchmark' } });
  await first.client.call('setParameter', { params: { name: 'share' }, body: { value: '75%' } });
  expect(first.messages()).toEqual(
    expect.arrayContaining([
      expect.stringMatching(
        /^PAUSED: KSM is paused until resumed, by "test" through control.sock since .*\(benchmark\); /,
      ),
      'Parameter share set to 75%, asked for by "test" through control.sock',
      'Parameter share from 50% to 75%',
    ]),
  );
  await first.leave();
  await first.server?.close();
  const second = await controlDaemon(folder, host, policy);
  await second.until('an interval', () => second.daemon.counts.intervals >= 1);
  expect(await second.client.call('pauses')).toMatchObject({ pauses: [{ what: 'ksm', reason: 'benchmark' }] });
  expect(await second.client.call('parameters')).toMatchObject({ parameters: [{ name: 'share', value: '75%' }] });
});
