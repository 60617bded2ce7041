import { chromium } from 'playwright-core';
import { CHROMIUM, CHROMIUM_FLAGS } from '../../test/support/debian-chromium.ts';
import { smallPng } from './png.ts';
import { demoReport, REPORT_KEYWORD, reportFingerprint } from './report-page.ts';

/** Of the top of the page: the host, what was held back, and the guests. */
const SIZE = { width: 1100, height: 1980 };

/** A PNG of the report on the recording of the demo, in UTC. */
export async function reportPicture(): Promise<Buffer> {
  process.env['TZ'] = 'UTC';
  const html = await demoReport();
  const browser = await chromium.launch({ executablePath: CHROMIUM, headless: true, args: CHROMIUM_FLAGS });
  try {
    const page = await browser.newPage({ viewport: SIZE, colorScheme: 'light' });
    await page.setContent(html);
    const height = await page.evaluate<number>('document.documentElement.scrollHeight');
    const clip = { x: 0, y: 0, width: SIZE.width, height: Math.min(height, SIZE.height) };
    return smallPng(await page.screenshot({ clip, fullPage: true }), REPORT_KEYWORD, reportFingerprint(html));
  } finally {
    await browser.close();
  }
}
