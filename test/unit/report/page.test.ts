import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { RecordingAnalysis } from '../../../src/analysis/recording-analysis.ts';
import { html } from '../../../src/report/html.ts';
import { guestBuckets, reportPage } from '../../../src/report/page.ts';
import { DAY_HEADER, recordedDay, type DayOptions } from '../../support/recorded-day.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('base64');

function pageOf(options: DayOptions, collectIntervalMs = DAY_HEADER.collect_interval_ms) {
  const analysis = new RecordingAnalysis({ guestBuckets });
  analysis.begin({ ...DAY_HEADER, collect_interval_ms: collectIntervalMs });
  for (const interval of recordedDay(options)) analysis.add(interval);
  const result = analysis.result()!;
  return {
    result,
    page: reportPage(result, { sources: ['day.jsonl.gz'], warnings: [], version: '1', simulated: null, sha256 }),
  };
}

const HOSTILE = [
  '</script><script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onfocus='alert(1)",
  '\u202eevil\u2066\n\u0000',
  'a'.repeat(100_000),
];

describe('templates', () => {
  it('escape texts, in elements and attributes, and show characters that disguise', () => {
    expect(html`<p title="${'"><b>'}">${"<i>&'\u202e"}</p>`.text).toBe(
      '<p title="&quot;&gt;&lt;b&gt;">&lt;i&gt;&amp;&#39;\\u202e</p>',
    );
  });

  it('drop the indentation of their source, and nothing of the texts', () => {
    expect(html`<p>
      ${'  a  b'}
    </p>`.text).toBe('<p>\n  a  b\n</p>'); // prettier-ignore
  });
});

describe('the page of a report', () => {
  it('has no markup from names of guests', () => {
    const { page } = pageOf({ guests: HOSTILE.length, intervals: 400, names: HOSTILE });
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page).not.toMatch(/<img|onerror=alert\(1\)>|' onfocus='/);
    expect(page).not.toContain('\u202e');
    expect(page.length).toBeLessThan(200_000);
  });

  it('forbids everything but its own script and style, by hash', () => {
    const { page } = pageOf({ guests: 2, intervals: 50 });
    const [, policy] = /Content-Security-Policy" content="([^"]*)"/.exec(page)!;
    const hashOf = (tag: string) => sha256(new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(page)![1]!);
    expect(policy).toBe(
      `default-src 'none'; style-src 'sha256-${hashOf('style')}'; script-src 'sha256-${hashOf('script')}'; base-uri 'none'; form-action 'none'`,
    );
    expect(page).not.toMatch(/ style=| src=|url\(|https?:\/\//);
  });

  it('has less than 1 MB for a day of 100 guests, and every decision counted', () => {
    // As long as a day of 17,280 intervals: it is longer apart instead of more often.
    const { page, result } = pageOf({ guests: 100, intervals: 5760, everyMs: 15_000 }, 15_000);
    expect(result.toMs - result.fromMs).toBeGreaterThan(86_000_000);
    expect(Buffer.byteLength(page)).toBeLessThan(1_000_000);
    const shown = [...page.matchAll(/<summary>\s*([\d,]+) decision/g)].map(([, count]) =>
      Number(count!.replaceAll(',', '')),
    );
    const writes = result.guests.map(({ taken, given, failed }) => taken + given + failed);
    expect(shown.reduce((sum, each) => sum + each)).toBe(writes.reduce((sum, each) => sum + each));
  });

  it('says what is unknown', () => {
    const analysis = new RecordingAnalysis({ guestBuckets });
    analysis.begin({ ...DAY_HEADER, host_fields: [], guest_fields: [] });
    analysis.add({ snapshot: { timeMs: 1e12, host: [], guests: [], problems: [] }, context: false, policy: null });
    const page = reportPage(analysis.result()!, {
      sources: ['x'],
      warnings: ['<broken>'],
      version: '1',
      simulated: null,
      sha256,
    });
    expect(page).toContain('How much memory could be handed out was never known.');
    expect(page).toContain('&lt;broken&gt;');
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });
});
