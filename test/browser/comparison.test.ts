import { createHash } from 'node:crypto';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { gateResults, parseGate, type Gate } from '../../src/comparison/gates.ts';
import { comparisonPage } from '../../src/report/comparison/page.ts';
import { madeComparison, type ComparisonOptions } from '../support/comparisons.ts';
import { accessibilityFaults, Chromium, keepPicture } from './chromium.ts';

const HOSTILE = ['</script><script>alert(1)</script>', '"><img src=x onerror=alert(2)>', "' onfocus='alert(3)"];
const LARGE = {
  scenarios: Array.from({ length: 14 }, (_, at) => `scenario-with-a-long-name-${at}`),
  policies: ['none', 'mom-balloon+mom-ksm', 'ksmtuned', 'balloon', 'policies-of-my-site/at-night.policy'],
};

let folder: string;
let browser: Chromium;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-comparison-'));
  browser = await Chromium.start();
  await writePage('small.html', { bound: true });
  await writePage('large.html', LARGE);
  await writePage('hostile.html', { scenarios: HOSTILE, policies: HOSTILE, story: HOSTILE[0]!, bound: true });
}, 300_000);
afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true });
});

async function writePage(name: string, options: ComparisonOptions): Promise<void> {
  const comparison = madeComparison(options);
  const gates = gateResults(
    comparison,
    ['oom<=0', 'moves<=1000'].map((text) => parseGate(text) as Gate),
  );
  const sha256 = (text: string) => createHash('sha256').update(text).digest('base64');
  await writeFile(join(folder, name), comparisonPage(comparison, { gates, warnings: [], version: '1', sha256 }));
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
])('the page of a comparison on a %s screen', (name, options) => {
  it('has no faults for screen readers, fits its width, and asks for nothing else', async () => {
    const { page, requests, complaints } = await open('small.html', options);
    await keepPicture(page, `comparison, ${name}`);
    expect(await widthOf(page)).toBe(options.width);
    await page.locator('#intervals').check();
    await page.locator('.spots').first().focus();
    await keepPicture(page, `comparison, ${name}, focus`);
    expect(await accessibilityFaults(page)).toEqual([]);
    expect({ requests, complaints }).toEqual({ requests: [], complaints: [] });
  });
});

describe('the page of a comparison', () => {
  it('of 14 scenarios and 5 policies has less than 1 MB, and can be read on a phone', async () => {
    expect((await stat(join(folder, 'large.html'))).size).toBeLessThan(1_000_000);
    const { page, complaints } = await open('large.html', { width: 360 });
    expect(await page.locator('figure.chart').count()).toBe(70);
    expect(await widthOf(page)).toBe(360);
    expect(complaints).toEqual([]);
    const { page: wide } = await open('large.html');
    expect(await widthOf(wide)).toBe(1280);
    await keepPicture(wide, 'comparison, large');
  });

  it('shows hostile names as text', async () => {
    const { page, requests, complaints } = await open('hostile.html');
    expect(await page.locator('h2').allTextContents()).toContain(HOSTILE[1]);
    expect(await page.locator('img').count()).toBe(0);
    await page.locator('.spots').first().focus();
    await page.locator('.measures td[tabindex="0"]').first().focus();
    expect({ requests, complaints }).toEqual({ requests: [], complaints: [] });
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  it('tells the policies of a plot by keyboard', async () => {
    const { page } = await open('small.html');
    const plot = page.locator('.spots').first();
    const told = () => plot.getAttribute('aria-valuetext');
    await plot.focus();
    expect(await told()).toMatch(/^none: guests wait 1\.2 % .*; 2 killed by OOM killers$/);
    await page.keyboard.press('ArrowRight');
    expect(await told()).toMatch(/^mom-balloon\+mom-ksm: guests wait 0\.12 % .*; 5 GiB less memory than with none$/);
    expect(await page.locator('figure.gain-pain .said').first().textContent()).toBe(await told());
    await page.keyboard.press('End');
    expect(await told()).toMatch(/^ksmtuned/);
  });

  it('tells the interval of a figure under the mouse, and by keyboard', async () => {
    const { page } = await open('small.html');
    const said = page.locator('#s0 p.said');
    const cells = page.locator('#s0 .measures tbody tr').nth(1).locator('td');
    await cells.nth(1).hover();
    expect(await said.textContent()).toMatch(
      /^of their running time, mom-balloon\+mom-ksm: \u22121\.1 % from none, \u22121\.3 % to \u22120\.86 %; seeds/,
    );
    await page.locator('#s0 .measures td[tabindex="0"]').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    expect(await said.textContent()).toMatch(/^of their running time, ksmtuned: \u22121\.2 % from none/);
    await page.keyboard.press('ArrowRight');
    expect(await said.textContent()).toMatch(/^of their running time, ksmtuned/);
  });

  it('tells simulated times, and marks the same time in all charts of a scenario', async () => {
    const { page } = await open('small.html');
    await page.locator('#s0-1 .plot').focus();
    await page.keyboard.press('ArrowRight');
    expect(await page.locator('#s0-1 .now').textContent()).toMatch(
      /^00:05:00: in swap .*, saved by KSM .*, free .*, guests waiting 0 %/,
    );
    expect(await page.locator('.lines.cursor').count()).toBe(1);
  });

  it('can be read without its script', async () => {
    const without = await Chromium.start({ javaScriptEnabled: false });
    onTestFinished(() => without.close());
    const { page } = await without.open(join(folder, 'small.html'), { width: 1280 });
    await page.locator('#intervals').check();
    expect(await page.locator('#s0 .measures small').first().isVisible()).toBe(true);
    expect(await page.locator('.spots > svg').first().getAttribute('aria-label')).toContain(
      'mom-balloon+mom-ksm: guests wait',
    );
  });

  it('prints in light colours, without what only works on a screen', async () => {
    const { page } = await open('small.html', { dark: true });
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    await keepPicture(page, 'comparison, print');
    expect(await page.evaluate<string>('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
    expect(await page.locator('nav').isVisible()).toBe(false);
    expect(await page.locator('.choice').isVisible()).toBe(false);
    const pdf = await page.pdf({ format: 'A4' });
    expect(pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)!.length).toBeLessThanOrEqual(5);
  });
});
