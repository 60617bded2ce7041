import { describe, expect, it } from 'vitest';
import { belief } from '../../../guards/belief.ts';
import type { BELIEF } from '../../../guards/memory/belief.ts';
import { Recollections } from '../../../src/engine/recollections.ts';
import type { SettingsOf } from '../../../src/plugin/settings.ts';
import { START_MS } from '../../support/kernel.ts';
import { inputOf, settingsWith } from '../../support/planning.ts';

const MIB = 1024;

/** What the log says about a guest of 512 MiB whose size and total, MiB, are given for each report. */
function said(reports: readonly (readonly [sizeMib: number, totalMib: number])[]): readonly string[] {
  const settings = settingsWith({}, { belief: { enabled: true } });
  const own = settings['belief'] as SettingsOf<typeof BELIEF.keys>;
  let memory = Recollections.of([belief]);
  let texts: readonly string[] = [];
  for (const [index, [sizeMib, totalMib]] of reports.entries()) {
    const sample = {
      balloon_max: 512 * MIB,
      balloon_cur: sizeMib * MIB,
      mem_available: totalMib * MIB,
      mem_unused: (totalMib - 30) * MIB,
      usable: (totalMib - 30) * MIB,
      disk_caches: 0,
      last_update: index,
    };
    const input = inputOf({}, [{ id: 1, samples: [sample] }], START_MS + index * 1000);
    memory = memory.next(input, [], settings);
    texts = belief.conditions!(input, own, memory.state(settings)).map(({ text }) => text);
  }
  return texts;
}

describe('figures that stay the same', () => {
  // As real guests report: the size is read before or after the balloon has moved, the figures belong to the size after it.
  it.each([
    ['read before the move', [[512, 470], [340, 298], [343, 388], [430, 388], [430, 388], [430, 388], [430, 388]]], // prettier-ignore
    ['read after the move', [[512, 470], [340, 298], [430, 298], [430, 388], [430, 388], [430, 388], [430, 388]]], // prettier-ignore
  ] as const)('are true of an idle guest whose size was %s', (_, reports) => {
    expect(said(reports)).toEqual([]);
  });

  it('are not true while the balloon goes on moving', () => {
    const [text] = said([[512, 470], [512, 470], [460, 470], [410, 470], [410, 470], [410, 470]]); // prettier-ignore
    expect(text).toContain('its figures stay the same while its size went from 512 MiB to 410 MiB');
  });
});

describe('memory that is unused and yet not usable', () => {
  /** The doubts about a guest of 16 GiB that its balloon has made smaller; MiB. */
  function doubts(sizeMib: number, unusedMib: number, usableMib: number): readonly string[] {
    const settings = settingsWith({}, { belief: { enabled: true, reports: 1 } });
    const sample = {
      ...{ balloon_max: 16 * 1024 * MIB, balloon_cur: sizeMib * MIB, mem_available: sizeMib * MIB, disk_caches: 0 },
      ...{ mem_unused: unusedMib * MIB, usable: usableMib * MIB, last_update: 1 },
    };
    const input = inputOf({}, [{ id: 1, samples: [sample] }], START_MS);
    const state = Recollections.of([belief]).next(input, [], settings).state(settings);
    return belief.conditions!(input, settings['belief'] as SettingsOf<typeof BELIEF.keys>, state).map(
      ({ text }) => text,
    );
  }

  // vm.min_free_kbytes of 5 %: the kernel keeps one and a half times that, and a balloon does not change it.
  it('is true of a guest with tuned watermarks', () => {
    expect(doubts(4096, 1800, 572)).toEqual([]);
  });

  it('is not true of most of a guest', () => {
    expect(doubts(4096, 3000, 1)).toEqual([expect.stringContaining('as usable, and')]);
  });
});
