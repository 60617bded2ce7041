import { createHash } from 'node:crypto';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { RecordingAnalysis } from '../../src/analysis/recording-analysis.ts';
import { guestBuckets, reportPage } from '../../src/report/page.ts';
import { DAY_HEADER, recordedDay, type DayOptions } from '../support/recorded-day.ts';
import { accessibilityFaults, Chromium, keepPicture } from './chromium.ts';

const HOSTILE = [
  '</script><script>alert(1)</script>',
  '"><img src=x onerror=alert(2)>',
  "' onfocus='alert(3)",
  '\u202eevil',
];

let folder: string;
let browser: Chromium;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-report-'));
  browser = await Chromium.start();
  await writePage('night.html', { guests: 9, intervals: 4320, everyMs: 20_000 });
  await writePage('hostile.html', { guests: 4, intervals: 600, names: HOSTILE });
  await writePage('hundred.html', { guests: 100 });
}, 300_000);
afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true });
});

async function writePage(name: string, options: DayOptions): Promise<void> {
  const analysis = new RecordingAnalysis({ guestBuckets });
  analysis.begin({ ...DAY_HEADER, collect_interval_ms: options.everyMs ?? DAY_HEADER.collect_interval_ms });
  for (const interval of recordedDay(options)) analysis.add(interval);
  const sha256 = (text: string) => createHash('sha256').update(text).digest('base64');
  const page = reportPage(analysis.result()!, {
    sources: ['day.jsonl.gz'],
    warnings: [],
    version: '1',
    simulated: null,
    sha256,
  });
  await writeFile(join(folder, name), page);
}

async function open(name: string, options: Parameters<Chromium['open']>[1] = {}) {
  const opened = await browser.open(join(folder, name), options);
  onTestFinished(() => opened.page.close());
  return opened;
}

function widthOf(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth');
}

describe.each([
  ['light desktop', { width: 1280 }],
  ['dark phone', { width: 360, dark: true }],
])('a report on a %s screen', (name, options) => {
  it('has no faults for screen readers, fits its width, and asks for nothing else', async () => {
    const { page, requests, complaints } = await open('night.html', options);
    await keepPicture(page, name);
    expect(await widthOf(page)).toBe(options.width);
    await page.locator('details summary').last().click();
    await page.locator('#g0 .plot').focus();
    await keepPicture(page, `${name}, focus`);
    expect(await accessibilityFaults(page)).toEqual([]);
    expect({ requests, complaints }).toEqual({ requests: [], complaints: [] });
  });
});

describe('a report', () => {
  it('of a day of 100 guests has less than 1 MB, and can be read on a phone', async () => {
    expect((await stat(join(folder, 'hundred.html'))).size).toBeLessThan(1_000_000);
    const { page, complaints } = await open('hundred.html', { width: 360 });
    expect(await page.locator('figure.chart').count()).toBeGreaterThanOrEqual(103);
    expect(await widthOf(page)).toBe(360);
    expect(complaints).toEqual([]);
    const { page: wide } = await open('hundred.html');
    await keepPicture(wide, 'hundred');
  });

  it('shows hostile names as text', async () => {
    const { page, requests, complaints } = await open('hostile.html');
    expect(await page.locator('h3').allTextContents()).toContain('"><img\\x20src=x\\x20onerror=alert(2)>');
    expect(await page.locator('img').count()).toBe(0);
    await page.locator('#g0 .plot').focus();
    expect({ requests, complaints }).toEqual({ requests: [], complaints: [] });
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  it('tells figures and decisions by keyboard, in the time zone of the report', async () => {
    const { page } = await open('night.html');
    const plot = page.locator('#g0 .plot');
    const told = async () => (await plot.getAttribute('aria-valuetext')) ?? '';
    await plot.focus();
    await page.keyboard.press('Home');
    const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
    // The first column begins at a round time.
    expect(await told()).toContain(clock.format(Date.parse('2026-03-02T22:29:00Z')));
    expect(await told()).toMatch(/: size 4 GiB, used .*, resident /);
    await page.keyboard.press('PageDown');
    const first = await told();
    expect(first).toMatch(/\n.*taken.* 4 GiB → .* GiB free \d+% < 45% \(mom-balloon\.policy:42\)/);
    const at = Number(await plot.getAttribute('aria-valuenow'));
    await page.keyboard.press('ArrowRight');
    expect(await plot.getAttribute('aria-valuenow')).toBe(String(at + 1));
    await page.keyboard.press('PageUp');
    expect(Number(await plot.getAttribute('aria-valuenow'))).toBeLessThanOrEqual(at);
    await page.keyboard.press('End');
    expect(await plot.getAttribute('aria-valuenow')).toBe(await plot.getAttribute('aria-valuemax'));
    await page.keyboard.press('Escape');
    expect(await page.locator('#g0 .now').textContent()).toMatch(/at the end; \d+ times taken/);
  });

  it('shows the figures of the stack where the mouse is, and what it said before when it leaves', async () => {
    const { page } = await open('night.html');
    const note = page.locator('#host .now');
    const before = await note.textContent();
    await page.locator('#host .plot').hover({ position: { x: 300, y: 120 } });
    expect(await note.textContent()).toMatch(
      /saved by KSM [\d.]+ [MG]iB, free [\d.]+ [MG]iB, page cache .*, other programs and kernel .*, guests, resident /,
    );
    await page.mouse.move(0, 0);
    expect(await note.textContent()).toBe(before);
  });

  it('shows a gap where nothing was recorded', async () => {
    const { page } = await open('night.html');
    const plot = page.locator('#host .plot');
    const { width } = (await plot.boundingBox())!;
    await plot.hover({ position: { x: width * 0.63, y: 100 } });
    expect(await page.locator('#host .now').textContent()).toContain('nothing is known');
  });

  it('can be read without its script', async () => {
    const without = await Chromium.start({ javaScriptEnabled: false });
    onTestFinished(() => without.close());
    const { page } = await without.open(join(folder, 'night.html'), { width: 1280 });
    await page.locator('#g0 summary').click();
    expect(await page.locator('#g0 li').first().innerText()).toMatch(/taken|given/);
    expect(await page.locator('#host path.free').isVisible()).toBe(true);
  });

  it('prints in light colours, without what only works on a screen', async () => {
    const { page } = await open('night.html', { dark: true });
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    await keepPicture(page, 'print');
    expect(await page.evaluate<string>('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
    expect(await page.locator('nav').isVisible()).toBe(false);
    const pdf = await page.pdf({ format: 'A4' });
    expect(pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)!.length).toBeLessThanOrEqual(4);
  });
});
