import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axe from 'axe-core';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { CHROMIUM, CHROMIUM_FLAGS } from '../support/debian-chromium.ts';

export interface Opened {
  readonly page: Page;
  /** What the page has asked for, beside itself. */
  readonly requests: readonly string[];
  /** Errors and warnings of the page, such as breaches of its own Content Security Policy. */
  readonly complaints: readonly string[];
}

/** Debian's Chromium with a profile of its own. */
export class Chromium {
  readonly #context: BrowserContext;
  readonly #profile: string;

  private constructor(context: BrowserContext, profile: string) {
    this.#context = context;
    this.#profile = profile;
  }

  static async start({ javaScriptEnabled = true } = {}): Promise<Chromium> {
    const profile = await mkdtemp(join(tmpdir(), 'ballast-chromium-'));
    const context = await chromium.launchPersistentContext(profile, {
      ...{ executablePath: CHROMIUM, headless: true, args: CHROMIUM_FLAGS, javaScriptEnabled },
      // Not that of the reports: they show their own.
      timezoneId: 'America/New_York',
    });
    return new Chromium(context, profile);
  }

  /** Opens a file in a page of this width. */
  async open(file: string, { width = 1280, dark = false } = {}): Promise<Opened> {
    const page = await this.#context.newPage();
    const [requests, complaints]: [string[], string[]] = [[], []];
    const url = `file://${file}`;
    page.on('request', (request) => request.url() !== url && requests.push(request.url()));
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('dialog', (dialog) => complaints.push(`dialog: ${dialog.message()}`));
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light' });
    await page.goto(url);
    return { page, requests, complaints };
  }

  async close(): Promise<void> {
    await this.#context.close();
    await rm(this.#profile, { recursive: true, force: true });
  }
}

/** What axe-core finds wrong with a page as it is now: the rule and the first element. */
export async function accessibilityFaults(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes[0]?.html ?? ''}`);
}

/** Keeps a picture of a whole page, if somebody wants to look at them. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  const folder = process.env['BALLAST_PICTURES'];
  if (folder === undefined) return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}
