import { describe, expect, it } from 'vitest';
import { DeadlineError, withDeadline } from '../../../src/support/deadline.ts';
import { NEVER_ABORTED } from '../../support/kernel.ts';

const forever = () => new Promise<never>(() => undefined);

describe('a deadline', () => {
  it('lets work that settles through, in both ways', async () => {
    expect(await withDeadline(NEVER_ABORTED, 60_000, () => Promise.resolve(5))).toBe(5);
    await expect(withDeadline(NEVER_ABORTED, 60_000, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  });

  it('ends work that does not settle, and tells it', async () => {
    let told: AbortSignal | undefined;
    const ended = withDeadline(NEVER_ABORTED, 1, (signal) => ((told = signal), forever()));
    await expect(ended).rejects.toThrow(new DeadlineError(1));
    expect(told?.aborted).toBe(true);
  });

  it('passes an abort from outside on', async () => {
    const outside = new AbortController();
    const reason = new Error('Ballast is stopping');
    const ended = withDeadline(outside.signal, 60_000, forever);
    outside.abort(reason);
    await expect(ended).rejects.toBe(reason);
  });

  it('does not begin when it is aborted already', async () => {
    const reason = new Error('too late');
    await expect(withDeadline(AbortSignal.abort(reason), 60_000, () => expect.unreachable())).rejects.toBe(reason);
  });
});
