import { describe, expect, it } from 'vitest';
import type { Connection } from 'node-libvirt';
import { LibvirtAgent } from '../../../src/libvirt/agent.ts';
import { NEVER_ABORTED } from '../../support/kernel.ts';

const GUEST = { name: 'g', uuid: '4dea22b3-1d52-d8f3-2516-782e98ab3fa0' };

/** An agent with a reply to each command, by its name. */
function agentWith(replies: Readonly<Record<string, (count: number) => unknown>>) {
  const asked: string[] = [];
  const connection = {
    qemuAgentCommand: async (_guest: unknown, command: string) => {
      const { execute } = JSON.parse(command) as { execute: string };
      asked.push(execute);
      const reply = replies[execute]?.(asked.length);
      return typeof reply === 'string' || reply === null ? reply : JSON.stringify({ return: reply });
    },
  } as unknown as Connection;
  const agent = new LibvirtAgent({ query: (call) => call(connection) }, 1000);
  return { asked, read: () => agent.readFile(GUEST, '/proc/meminfo', NEVER_ABORTED) };
}

const chunk = (text: string, eof: boolean) => ({ 'buf-b64': Buffer.from(text).toString('base64'), eof });

describe('the guest agent', () => {
  it('reads a file in parts, and closes it', async () => {
    const { asked, read } = agentWith({
      'guest-file-open': () => 5,
      'guest-file-read': (count) => chunk(`part ${count} `, count > 2),
    });
    expect(await read()).toBe('part 2 part 3 ');
    expect(asked).toEqual(['guest-file-open', 'guest-file-read', 'guest-file-read', 'guest-file-close']);
  });

  describe('that is slow', () => {
    /** An agent that takes as long as the test says, by the test's clock. */
    function slowAgent() {
      const world = { nowMs: 0, tookMs: 0, asked: [] as string[] };
      const connection = {
        qemuAgentCommand: async (guest: { name: string }, command: string) => {
          const { execute } = JSON.parse(command) as { execute: string };
          world.asked.push(`${guest.name} ${execute}`);
          world.nowMs += world.tookMs;
          if (world.tookMs >= 2000) throw new Error('Guest agent is not responding');
          return JSON.stringify({ return: execute === 'guest-file-read' ? chunk('content', true) : 5 });
        },
      } as unknown as Connection;
      const agent = new LibvirtAgent({ query: (call) => call(connection) }, 1000, () => world.nowMs);
      const read = (guest = GUEST) => agent.readFile(guest, '/proc/meminfo', NEVER_ABORTED).catch(String);
      /** What was asked since the last call. */
      const asked = (): readonly string[] => world.asked.splice(0);
      return { world, read, asked };
    }
    const REFUSED = 'Error: the guest agent did not answer in time; it is pinged until it does';

    it('is asked once, and then no interval waits for it; others are asked as before', async () => {
      const { world, read, asked } = slowAgent();
      world.tookMs = 2000;
      expect(await read()).toContain('Guest agent is not responding');
      expect(asked()).toEqual(['g guest-file-open']);
      for (let times = 0; times < 3; times += 1) expect(await read()).toBe(REFUSED);
      expect(asked()).toEqual([]);
      world.tookMs = 1;
      expect(await read({ name: 'h', uuid: 'other' })).toBe('content');
    });

    it('is pinged later and later, and asked again when it answers soon', async () => {
      const { world, read, asked } = slowAgent();
      world.tookMs = 2000;
      await read();
      asked();
      const waits: number[] = [];
      for (let sinceMs = world.nowMs; waits.length < 8; world.nowMs += 1000) {
        await read();
        await Promise.resolve();
        if (asked().length === 0) continue;
        await new Promise(setImmediate);
        waits.push(Math.round((world.nowMs - sinceMs) / 1000));
        sinceMs = world.nowMs;
      }
      expect(waits).toEqual([12, 22, 42, 82, 162, 302, 302, 302]);
      world.tookMs = 1;
      world.nowMs += 300_000;
      expect(await read()).toBe(REFUSED);
      await new Promise(setImmediate);
      expect(asked()).toEqual(['g guest-ping']);
      expect(await read()).toBe('content');
    });

    it('is believed once more when it answers, but late', async () => {
      const { world, read } = slowAgent();
      world.tookMs = 300;
      expect(await read()).toBe('content');
      expect(await read()).toBe(REFUSED);
    });
  });

  it.each([
    ['no handle', { 'guest-file-open': () => 'x' }, 'the guest agent replied "x" to guest-file-open'],
    ['a handle that is none', { 'guest-file-open': () => ({}) }, 'returned no handle of the file'],
    ['nothing', { 'guest-file-open': () => null }, 'replied nothing usable to guest-file-open'],
    ['no content', { 'guest-file-open': () => 1, 'guest-file-read': () => ({}) }, 'no content of /proc/meminfo'],
    [
      'an endless file',
      { 'guest-file-open': () => 1, 'guest-file-read': () => chunk('x'.repeat(16_384), false) },
      'more than 65536 bytes',
    ],
    ['a long reply', { 'guest-file-open': () => '9'.repeat(40_000) }, 'replied nothing usable'],
  ])('is not believed when it sends %s', async (_, replies, message) => {
    await expect(agentWith(replies).read()).rejects.toThrow(message);
  });
});
