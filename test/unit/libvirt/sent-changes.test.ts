import { describe, expect, it } from 'vitest';
import { SentChanges } from '../../../src/libvirt/sent-changes.ts';
import { uuidOf } from '../../support/builders.ts';
import { NEVER_ABORTED } from '../../support/kernel.ts';

const guest = (number: number) => ({ name: `guest-${number}`, uuid: uuidOf(number) });

/** Changes that return when the test decides, on a clock that it moves. */
function changes() {
  const clock = { ms: 0 };
  const notices: string[] = [];
  const hung: string[] = [];
  const answers = new Map<string, { resolve: () => void; reject: (error: Error) => void }>();
  const subject = new SentChanges({
    timeoutMs: 1,
    monotonic: () => clock.ms,
    notice: (of, message) => notices.push(`${of?.name}: ${message}`),
    onHang: (uuid) => hung.push(uuid),
  });
  const sent: string[] = [];
  /** A change that does not return by itself. */
  const hang = (number: number, signal = NEVER_ABORTED) =>
    subject.send(guest(number), 500, signal, () => {
      sent.push(guest(number).name);
      return new Promise<void>((resolve, reject) => answers.set(guest(number).name, { resolve, reject }));
    });
  const quick = (number: number) =>
    subject.send(guest(number), 600, NEVER_ABORTED, async () => void sent.push('quick'));
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return { clock, notices, hung, answers, sent, hang, quick, settled };
}

describe('changes that hang', () => {
  it('are given up after the timeout, and their result is told when it comes', async () => {
    const { clock, notices, hung, answers, hang, settled } = changes();
    await expect(hang(1)).rejects.toThrow('no reply from libvirtd within 1 ms');
    expect(hung).toEqual([uuidOf(1)]);
    clock.ms = 30_000;
    answers.get('guest-1')!.resolve();
    await settled();
    await expect(hang(2)).rejects.toThrow('no reply');
    answers.get('guest-2')!.reject(new Error('cannot acquire state change lock'));
    await settled();
    expect(notices).toEqual([
      'guest-1: the change of its balloon to 500 returned after 30 s: it was made',
      'guest-2: the change of its balloon to 500 returned after 0 s: cannot acquire state change lock',
    ]);
  });

  it('are one at most of each guest: nothing more is sent until they return', async () => {
    const { clock, answers, sent, hang, quick, settled } = changes();
    await expect(hang(1)).rejects.toThrow('no reply');
    clock.ms = 12_000;
    await expect(quick(1)).rejects.toMatchObject({
      kind: 'busy',
      message: 'its last change, to 500, was sent 12 s ago and has not returned; no second one is sent',
    });
    expect(sent).toEqual(['guest-1']);
    await quick(2);
    answers.get('guest-1')!.resolve();
    await settled();
    await quick(1);
    expect(sent).toEqual(['guest-1', 'quick', 'quick']);
  });

  it('leave places to guests that answer, and guests whose last change hung wait for each other', async () => {
    const { answers, hang, quick, settled } = changes();
    const numbers = [1, 2, 3, 4, 5];
    await Promise.all(numbers.map((number) => expect(hang(number)).rejects.toThrow('no reply')));
    for (const { reject } of answers.values()) reject(new Error('gave up'));
    await settled();
    await Promise.all([1, 2, 3, 4].map((number) => expect(hang(number)).rejects.toThrow('no reply')));
    await expect(quick(5)).rejects.toMatchObject({
      kind: 'busy',
      message: 'its last change hung, and 4 changes of other guests hang now',
    });
    await quick(6);
    answers.get('guest-1')!.resolve();
    await settled();
    await quick(5);
  });

  it('are not waited for when Ballast stops', async () => {
    const { hang, answers, notices, settled } = changes();
    const stop = new AbortController();
    const changing = hang(1, stop.signal);
    stop.abort(new Error('stopping'));
    await expect(changing).rejects.toThrow('stopping');
    answers.get('guest-1')!.resolve();
    await settled();
    expect(notices).toHaveLength(1);
  });
});
