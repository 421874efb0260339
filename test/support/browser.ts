import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A Chromium, or undefined with one line printed: the tests of the file then pass as skipped. */
export async function startBrowser(): Promise<Browser | undefined> {
  const wanted = process.env['TICKPATH_CHROMIUM'] || undefined;
  const executablePath = wanted ?? PATHS.find((path) => existsSync(path));
  if (executablePath !== undefined) return chromium.launch({ executablePath, args: FLAGS });
  process.stdout.write('skipped: no Chromium (apt-get install chromium, or name one in TICKPATH_CHROMIUM)\n');
  return undefined;
}

export interface OpenedPage {
  readonly page: Page;
  /** Errors and warnings of the console, and uncaught exceptions. */
  readonly complaints: string[];
  /** Addresses the page asked for, itself first. */
  readonly requests: string[];
}

export interface Screen {
  readonly width: number;
  readonly colorScheme: 'light' | 'dark';
}

/** Opens a file in a fresh context and waits until its script has drawn everything. */
export async function openFile(browser: Browser, file: string, screen: Screen): Promise<OpenedPage> {
  const context = await browser.newContext({ viewport: { width: screen.width, height: 900 }, colorScheme: screen.colorScheme });
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(pathToFileURL(file).href);
  await page.waitForSelector('body[data-ready="true"]');
  return { page, complaints, requests };
}
