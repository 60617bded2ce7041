import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { gateResults, parseGate, type Gate } from '../../../src/comparison/gates.ts';
import type { Comparison } from '../../../src/comparison/comparison.ts';
import { comparisonPage } from '../../../src/report/comparison/page.ts';
import { virtualTicks } from '../../../src/report/comparison/virtual-ticks.ts';
import { madeComparison } from '../../support/comparisons.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('base64');

function pageOf(comparison: Comparison, gates: readonly string[] = [], warnings: readonly string[] = []): string {
  const results = gateResults(
    comparison,
    gates.map((text) => parseGate(text) as Gate),
  );
  return comparisonPage(comparison, { gates: results, warnings, version: '1', sha256 });
}

/** The text of a page, without its elements. */
function textOf(page: string): string {
  return page
    .replace(/<(style|script)>[^]*?<\/\1>/g, '')
    .replace(/<[^>]*>/g, '')
    .replaceAll('\u00a0', ' ')
    .replaceAll('&lt;', '<')
    .replace(/\s+/g, ' ');
}

const HOSTILE = ['</script><script>alert(1)</script>', '"><img src=x onerror=alert(1)>', '\u202eevil\n'];

describe('the page of a comparison', () => {
  it('says first which policies are better, beyond chance', () => {
    const text = textOf(pageOf(madeComparison()));
    expect(text).toContain(
      'mom-balloon+mom-ksm, compared with none: guests wait less in busy; fewer are killed in busy; guests take less memory of the host in all 2 scenarios.',
    );
    expect(text).toContain('+ wait 0.12 % instead of 1.2 %+ 0 killed instead of 2+ 5 GiB less memory');
    expect(text.indexOf('compared with none')).toBeLessThan(text.indexOf('To the right'));
  });

  it('says which gates are broken, by whom and where', () => {
    const comparison = madeComparison();
    expect(textOf(pageOf(comparison, ['oom<=0', 'moves<=1000']))).toContain(
      'broken: ksmtuned does not keep moves<=1000 in busy (1400), quiet (1400) 6 gates are kept, 2 are broken.',
    );
    expect(textOf(pageOf(comparison, ['oom<=0']))).toContain('All 4 gates are kept.');
  });

  it('does not judge by one seed', () => {
    const text = textOf(pageOf(madeComparison({ seeds: 1 })));
    expect(text).toContain('One seed cannot show which differences are more than chance');
    expect(text).toMatch(/waits 0\.11 %, takes 47\.\d GiB/);
    expect(text).not.toContain('compared with none');
  });

  it('has the figures of one policy too, without a plot', () => {
    const page = pageOf(madeComparison({ policies: ['mom-balloon'] }));
    expect(textOf(page)).toContain('Ballast: mom-balloon simulated');
    expect(page).not.toContain('id="plots"');
  });

  it('draws the bound where it is known', () => {
    expect(pageOf(madeComparison())).not.toContain('class="bound"');
    const page = pageOf(madeComparison({ bound: true }));
    expect(page.match(/<line class="bound"/g)).toHaveLength(2);
    expect(page).toContain('at best: 28.5 GiB less memory');
  });

  it('tells how sure each difference is, and what was not finished', () => {
    const page = pageOf(madeComparison(), [], ['stopped: 3 of 18 simulations finished']);
    expect(textOf(page)).toContain('stopped: 3 of 18 simulations finished');
    expect(textOf(page)).toMatch(
      /0\.12 % \+better\u22121\.1 % from none, \u22121\.3 % to \u22120\.86 %; seeds 0\.11 % to 0\.13 %/,
    );
  });

  it('shows hostile names and stories as text', () => {
    const page = pageOf(madeComparison({ scenarios: HOSTILE, policies: HOSTILE, story: HOSTILE[0]! }), ['oom<=0']);
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page).not.toMatch(/<img|"><img/);
    expect(page).not.toContain('\u202e');
  });

  it('forbids everything but its own script and style, by hash', () => {
    const page = pageOf(madeComparison());
    const [, policy] = /Content-Security-Policy" content="([^"]*)"/.exec(page)!;
    const hashOf = (tag: string) => sha256(new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(page)![1]!);
    expect(policy).toBe(
      `default-src 'none'; style-src 'sha256-${hashOf('style')}'; script-src 'sha256-${hashOf('script')}'; base-uri 'none'; form-action 'none'`,
    );
    expect(page).not.toMatch(/ style=| src=|url\(|https?:\/\//);
    expect(textOf(page)).not.toMatch(/NaN|undefined|Infinity|\[object/);
  });

  it('has less than 1 MB for 14 scenarios and 5 policies', () => {
    const scenarios = Array.from({ length: 14 }, (_, at) => `scenario-${at}`);
    const page = pageOf(madeComparison({ scenarios, policies: ['none', 'a', 'b', 'c', 'd'] }), ['oom<=0']);
    expect(Buffer.byteLength(page)).toBeLessThan(1_000_000);
  });
});

describe('the times of a simulation', () => {
  it.each([
    [2 * 3600, ['0:00', '0:30', '1:00', '1:30', '2:00']],
    [24 * 3600, ['0:00', '6:00', '12:00', '18:00', '24:00']],
    [72 * 3600, ['day 1', '12:00', 'day 2', '12:00', 'day 3', '12:00', 'day 4']],
    [40, ['0:00:00', '0:00:10', '0:00:20', '0:00:30', '0:00:40']],
  ])('of %i s are round', (durationS, labels) => {
    expect(virtualTicks(durationS, 6).map(({ label }) => label)).toEqual(labels);
  });
});
