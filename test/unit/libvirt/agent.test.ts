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
