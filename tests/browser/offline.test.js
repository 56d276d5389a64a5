// SPDX-License-Identifier: Apache-2.0
// Do the pages live from their own server alone, under the strict Content-Security-Policy?

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {anchor, openEverything, setUp} from './browser.js';

const site = setUp();
const ids = ['auto_retrain_webhooks_auto_retrain_post', 'echo_webhooks_echo_post'];

test('every page loads without a foreign request or a violation', async () => {
  for (const path of ['/', '/docs', ...ids.map(anchor)]) {
    const page = await site.open(site.plain + path);
    await page.waitForLoadState('networkidle');
    await openEverything(page);
    assert.deepEqual(page.misdeeds, [], path);
    await page.closeAll();
  }
});

test('sending an event violates nothing', async () => {
  const page = await site.open(site.plain + anchor(ids[1]));
  await page.getByRole('button', {name: 'Send'}).click();
  await page.waitForSelector('.status');
  await openEverything(page);
  assert.deepEqual(page.misdeeds, []);
  await page.closeAll();
});

test('the browser would have noticed a violation', {timeout: 30_000}, async () => {
  const page = await site.open(site.plain + '/docs');
  await page.evaluate(() => {
    const style = document.createElement('style');
    style.textContent = 'h1 { color: red }';
    document.head.append(style);
    try {
      document.body.innerHTML = 'no';
    } catch {
      // Trusted Types refuse it.
    }
  });
  for (const rule of ['style-src', 'require-trusted-types-for']) {
    while (!page.misdeeds.some((one) => one.startsWith(`csp: ${rule}`))) await page.waitForTimeout(20);
  }
  await page.closeAll();
});

test('every page carries the headers of dashboard and Space', async () => {
  for (const path of ['/', '/docs', '/openapi.json']) {
    const {headers} = await fetch(site.plain + path);
    assert.match(headers.get('content-security-policy'), /^default-src 'none'; script-src 'self'; .*trusted-types 'none'; frame-ancestors 'none'$/, path);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('referrer-policy'), 'no-referrer');
    assert.equal(headers.get('cross-origin-opener-policy'), 'same-origin');
    assert.equal(headers.get('cross-origin-resource-policy'), 'same-origin');
  }
  const {headers} = await fetch(site.space + '/');
  assert.match(headers.get('content-security-policy'), /frame-ancestors 'self' https:\/\/huggingface\.co https:\/\/\*\.hf\.space$/);
});

test('a second visit costs no bytes', async () => {
  for (const path of ['/', '/docs', '/openapi.json']) {
    const etag = (await fetch(site.plain + path)).headers.get('etag');
    const again = await fetch(site.plain + path, {headers: {'If-None-Match': etag}});
    assert.equal(again.status, 304, path);
  }
});
