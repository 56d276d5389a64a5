// SPDX-License-Identifier: Apache-2.0
// What every test here shares: the server under test, one Chromium, and pages that keep account of
// whatever a page must never do.

import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import {createInterface} from 'node:readline';
import {createRequire} from 'node:module';
import {after, before} from 'node:test';
import {chromium} from 'playwright-core';

const flags = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

/** Starts server and browser before the tests of a file and ends them after. */
export function setUp() {
  const site = {};
  let server;
  let browser;

  before(async () => {
    server = spawn(process.env.HOOKHOST_PAGES_SERVER, {stdio: ['pipe', 'pipe', 'inherit']});
    const [line] = await once(createInterface(server.stdout), 'line');
    for (const [name, port] of Object.entries(JSON.parse(line))) site[name] = `http://127.0.0.1:${port}`;
    browser = await chromium.launch({executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags});
  });
  after(async () => {
    await browser?.close();
    server?.stdin.end();
  });

  /** A page of a browser without history. page.misdeeds: foreign requests, violations of the
   * Content-Security-Policy, errors and dialogs; a good page has none. */
  site.open = async (url, options = {}) => {
    const context = await browser.newContext({viewport: {width: 1280, height: 900}, ...options});
    context.setDefaultTimeout(90_000);  // for a machine that compiles meanwhile
    const page = await context.newPage();
    page.misdeeds = [];
    page.closeAll = () => context.close();
    const own = new URL(url).origin;
    await context.route((target) => target.origin !== own, (route) => {
      page.misdeeds.push(`foreign request: ${route.request().url()}`);
      return route.abort();
    });
    page.on('pageerror', (error) => page.misdeeds.push(`error: ${error.message}`));
    page.on('dialog', (dialog) => {
      page.misdeeds.push(`dialog: ${dialog.message()}`);
      return dialog.dismiss();
    });
    page.on('console', (message) => {
      // The answer of a webhook may be an error; Chromium says so in the console.
      if (message.type() === 'error' && !/the server responded with a status/.test(message.text())) {
        page.misdeeds.push(`console: ${message.text()}`);
      }
    });
    if (options.javaScriptEnabled !== false) {
      await page.exposeFunction('reportViolation', (text) => page.misdeeds.push(`csp: ${text}`));
      await page.addInitScript(() => addEventListener('securitypolicyviolation', (event) =>
        window.reportViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`)));
    }
    await page.goto(url);
    await page.waitForSelector('h1');
    return page;
  };
  return site;
}

export const anchor = (id) => `/docs#/default/${encodeURIComponent(id)}`;

export const openEverything = (page) =>
  page.evaluate(() => document.querySelectorAll('details').forEach((one) => { one.open = true; }));

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The rules that the page breaks. Through the debugger, since the page itself lets no script in. */
export async function axe(page) {
  await page.evaluate(axeSource + '; undefined');
  const {violations, passes} = await page.evaluate(() => window.axe.run());
  return {
    passed: passes.length,
    broken: violations.map(({id, nodes}) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`),
  };
}
