import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FoundState } from '../../../src/daemon/found-state.ts';
import type { ReadState } from '../../../src/daemon/state.ts';
import type { LoggerOf } from '../../../src/observe/log/logger.ts';
import { inputOf } from '../../support/planning.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const value = (run: number) => [{ control: 'ksm_run', guest: null, value: run }];

/** A state over a file that a test controls, with its messages. */
function stateOver(file: {
  read?: () => Promise<ReadState>;
  write?: () => Promise<void>;
  remove?: () => Promise<void>;
}) {
  const messages: string[] = [];
  const say = (first: unknown, second?: string) => messages.push(second ?? String(first));
  const log = { info: say, warn: say, error: say } as unknown as ReturnType<LoggerOf>;
  const nothing = async () => undefined;
  const whole = { path: 'found.json', read: async () => ({ kind: 'none' }) as const, write: nothing, remove: nothing };
  return { state: new FoundState({ ...whole, ...file }, log), messages };
}

describe('FoundState', () => {
  it('writes only when something new was found', async () => {
    const write = vi.fn<() => Promise<void>>(async () => undefined);
    const { state } = stateOver({ write });
    await state.observe(value(1), inputOf({}));
    await state.observe(value(0), inputOf({}));
    expect(write).toHaveBeenCalledTimes(1);
  });

  it('says once that the file cannot be written, tries again, and says when it can', async () => {
    let isFull = true;
    const { state, messages } = stateOver({
      write: async () => {
        if (isFull) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
      },
    });
    for (let turn = 0; turn < 3; turn++) await state.observe(value(1), inputOf({}));
    isFull = false;
    for (let turn = 0; turn < 3; turn++) await state.observe(value(1), inputOf({}));
    expect(messages).toEqual([
      'Cannot save what was found at first to found.json: after a crash it cannot be restored: the disk is full',
      'What was found at first is saved again, to found.json',
    ]);
  });

  it('does not wait for a disk that hangs, and neither starts a second write nor removes the file meanwhile', async () => {
    const write = vi.fn<() => Promise<void>>(() => new Promise<void>(() => undefined));
    const remove = vi.fn<() => Promise<void>>(async () => undefined);
    const { state, messages } = stateOver({ write, remove });
    const first = state.observe(value(1), inputOf({}));
    await vi.advanceTimersByTimeAsync(1000);
    await first;
    await state.observe(value(1), inputOf({}));
    await state.end();
    expect([write.mock.calls.length, remove.mock.calls.length]).toEqual([1, 0]);
    expect(messages).toEqual([expect.stringMatching(/^Cannot save .*: no answer within 1000 ms$/)]);
  });

  it('does not take over what comes too late', async () => {
    let answer: (read: ReadState) => void = () => undefined;
    const { state, messages } = stateOver({ read: () => new Promise((resolve) => (answer = resolve)) });
    const adopting = state.adopt();
    await vi.advanceTimersByTimeAsync(1000);
    await adopting;
    answer({
      kind: 'state',
      dropped: 0,
      state: { ballast_state: 1, boot_id: null, host: { ksm_run: 2 }, guests: [] },
    });
    await state.observe(value(1), inputOf({}));
    expect(state.values.all).toEqual(value(1));
    expect(messages).toHaveLength(1);
  });

  it('reports a bug as one', async () => {
    const { state } = stateOver({ write: () => Promise.reject(new TypeError('a bug')) });
    await expect(state.observe(value(1), inputOf({}))).rejects.toThrow('a bug');
  });
});
