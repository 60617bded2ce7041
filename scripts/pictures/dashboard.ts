import { chromium } from 'playwright-core';
import { readDashboard, type Dashboard } from '../../test/support/grafana.ts';
import { NIGHT_SPAN, nightPrometheus } from '../../test/support/night/night-prometheus.ts';
import { drawingOf, fingerprint, KEYWORD, pageOf, type Drawing } from './dashboard-page.ts';
import { smallPng } from './png.ts';

/** Of Debian. */
const CHROMIUM = '/usr/bin/chromium';
/** Without these, it asks hosts of its maker, and waits for a GPU. */
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']; // prettier-ignore
const WIDTH = 1200;
const SCALE = 1.5;

/** A PNG of the dashboard over a night of trouble. */
export async function dashboardPicture(): Promise<Buffer> {
  const dashboard = readDashboard();
  const drawing = await nightDrawing(dashboard);
  const browser = await chromium.launch({ executablePath: CHROMIUM, headless: true, args: FLAGS });
  try {
    const page = await browser.newPage({ viewport: { width: WIDTH, height: 600 }, deviceScaleFactor: SCALE });
    const failures: string[] = [];
    page.on('pageerror', ({ message }) => failures.push(message));
    await page.setContent(pageOf(drawing));
    if (failures.length > 0) throw new Error(`the page of the dashboard fails: ${failures.join('; ')}`);
    return smallPng(await page.screenshot({ fullPage: true }), KEYWORD, fingerprint(dashboard));
  } finally {
    await browser.close();
  }
}

async function nightDrawing(dashboard: Dashboard): Promise<Drawing> {
  const prometheus = await nightPrometheus();
  try {
    return await drawingOf(dashboard, prometheus.api, NIGHT_SPAN);
  } finally {
    await prometheus.stop();
  }
}
