import { chromium } from 'playwright-core';
import { readDashboard } from '../../test/support/grafana.ts';
import { NIGHT_SPAN, nightPrometheus } from '../../test/support/night/night-prometheus.ts';
import { drawingOf, pageOf } from './dashboard-page.ts';

/** Of Debian. */
export const CHROMIUM = '/usr/bin/chromium';
/** Without these, it asks hosts of its maker, and waits for a GPU. */
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']; // prettier-ignore
const WIDTH = 1200;
/** The picture is for a page: what is looked at first. */
const ROWS = ['Now', 'Guests: who lacks memory, who gives it, what is held back', 'The host', 'Decisions'];

/** A PNG of the dashboard over a night of trouble. */
export async function dashboardPicture(): Promise<Buffer> {
  const prometheus = await nightPrometheus();
  const drawing = await drawingOf(readDashboard(), ROWS, prometheus.api, NIGHT_SPAN).finally(() => prometheus.stop());
  const browser = await chromium.launch({ executablePath: CHROMIUM, headless: true, args: FLAGS });
  try {
    const page = await browser.newPage({ viewport: { width: WIDTH, height: 800 }, deviceScaleFactor: 1.5 });
    const failures: string[] = [];
    page.on('pageerror', ({ message }) => failures.push(message));
    await page.setContent(pageOf(drawing));
    if (failures.length > 0) throw new Error(`the page of the dashboard fails: ${failures.join('; ')}`);
    return await page.screenshot({ fullPage: true });
  } finally {
    await browser.close();
  }
}
