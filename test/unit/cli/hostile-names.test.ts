import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { buildProgram } from '../../../src/cli/program.ts';
import { capturedIo } from '../../support/captured-io.ts';
import { controlDaemon } from '../../support/control-daemon.ts';
import { sharedHost } from '../../support/running-daemon.ts';

const folder = await mkdtemp(join(tmpdir(), 'ballast-hostile-'));
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));

/** What could end a line, move the cursor, or show text in another order. */
const UNSAFE = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const NAMES = [
  'a\nguest web-1: Nothing is written to it',
  '\u001b[2J\u001b]0;owned\u0007',
  '\u009b31mred\u0085next',
  '\u202egnp.exe\u2066\u200b',
  'two\u2028lines\u2029',
  'a\r\tb\u007f',
];
/** The name goes where policies can put it, too. */
const POLICY = `(with Guests g (g.Control "balloon_target" (* 0.5 g.balloon_max) (g.Prop "name")))`;

it('no output of a command has a character of a name that a terminal would obey', async () => {
  const host = await sharedHost(
    folder,
    NAMES.map((name) => ({ name })),
  );
  const off = [NAMES[1]!];
  const { sockets, until, daemon, client } = await controlDaemon(folder, host, POLICY, { ballooningOff: off });
  await until('some evaluations', () => daemon.counts.evaluations > 3);
  await client.call('pause', { body: { what: 'guest', guest: NAMES[2]! } });
  const archive = ['report-incident', '--around', 'now', '-o', join(folder, 'i.tar.gz')];
  const commands: readonly (readonly string[])[] = [
    ...[['status'], ['guests'], ['pause'], ['reserve'], ['why'], ['top', '--once'], ['timeline', 'live', '--all'], archive],
    ...['release', 'why', 'pause', 'resume'].flatMap((verb) => [...NAMES, 'unknown\u001b[2J'].map((name) => [verb, name])),
  ]; // prettier-ignore
  const signals = { stop: new AbortController().signal, onReload: () => {}, isAlive: () => true };
  for (const words of commands)
    for (const json of [[], ['--json']]) {
      const io = capturedIo();
      await buildProgram(io, signals)([words[0]!, '--socket', sockets.control, ...json, ...words.slice(1)]);
      const text = `${io.stdout.text}${io.stderr.text}`;
      expect(text.length, words.join(' ')).toBeGreaterThan(0);
      expect(UNSAFE.exec(text)?.[0].charCodeAt(0).toString(16), `${words.join(' ')}: ${JSON.stringify(text)}`).toBe(
        undefined,
      );
      // No line of a name of its own.
      expect(text).not.toMatch(/^guest web-1: Nothing/m);
    }
});
