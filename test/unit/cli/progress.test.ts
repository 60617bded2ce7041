import { describe, expect, it } from 'vitest';
import { Progress } from '../../../src/cli/support/progress.ts';
import { Captured } from '../../support/captured-io.ts';

describe('Progress', () => {
  it('is one line on a terminal, written when it changes and cleared at the end', () => {
    const terminal = new Captured(true);
    const progress = new Progress(terminal, 1000);
    for (const bytes of [0, 4, 10, 12, 1000, 1200]) progress.show(bytes);
    expect(terminal.text.split('\r')).toEqual([
      '',
      'replayed 0 %\u001b[K',
      'replayed 1 %\u001b[K',
      'replayed 100 %\u001b[K',
    ]);
    terminal.text = '';
    progress.clear();
    progress.clear();
    expect(terminal.text).toBe('\r\u001b[K');
  });

  it('shows the same line again after other output cleared it', () => {
    const terminal = new Captured(true);
    const progress = new Progress(terminal, 1000);
    progress.show(10);
    progress.clear();
    progress.show(10);
    expect(terminal.text).toBe('\rreplayed 1 %\u001b[K\r\u001b[K\rreplayed 1 %\u001b[K');
  });

  it.each([
    ['a stream that is not a terminal', false, 1000],
    ['unknown length', true, 0],
  ])('prints nothing on %s', (_why, isTTY, total) => {
    const stream = new Captured(isTTY);
    const progress = new Progress(stream, total);
    progress.show(500);
    progress.clear();
    expect(stream.text).toBe('');
  });
});
