// SPDX-License-Identifier: Apache-2.0
// Strangers' text in every place of a route and of an answer: shown, and nothing else.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {openEverything, setUp} from './browser.js';

const site = setUp();

const assertHarmless = async (page, where) => {
  assert.deepEqual(page.misdeeds, [], where);
  assert.equal(await page.evaluate(() => window.ran), undefined, where);
  assert.equal(await page.locator('img:not(.brand img), iframe, main svg, object, embed').count(), 0, where);
  assert.deepEqual(
    await page.evaluate(() => [...document.querySelectorAll('a')].filter((a) => !/^https?:$/.test(a.protocol)).length), 0, where);
  // What reorders or hides is shown as an escape.
  assert.doesNotMatch(await page.locator('body').innerText(), /[\u202e\u200b\ufeff]/, where);
};

test('the landing page shows hostile routes as text', async () => {
  for (const javaScriptEnabled of [true, false]) {
    const page = await site.open(site.hostile + '/', {javaScriptEnabled});
    const text = await page.locator('main').innerText();
    assert.match(text, /<img src=x onerror="window\.ran=1">/);
    assert.match(text, /\\u\{202e\}desrever/);
    if (javaScriptEnabled) await assertHarmless(page, 'landing');
    await page.closeAll();
  }
});

test('/docs shows hostile routes and answers as text', async () => {
  const page = await site.open(site.hostile + '/docs');
  await assertHarmless(page, 'overview');
  const count = await page.locator('nav a').count();
  assert.equal(count, 9);
  for (let i = 0; i < count; ++i) {
    await page.locator('nav a').nth(i).click();
    await page.waitForSelector('.operation');
    await openEverything(page);
    await page.getByRole('button', {name: 'Send'}).click();
    await page.waitForSelector('.status');
    await openEverything(page);
    assert.match(await page.locator('.answer').innerText(), /^<img src=x onerror="window\.ran=1"><script>.*\\u202e$/);
    assert.match(await page.locator('.headers').innerText(), /<img src=x onerror=window\.ran=1>/);
    await assertHarmless(page, `webhook ${i}`);
  }
  await page.closeAll();
});

test('a webhook that answers HTML cannot act on this origin', async () => {
  const page = await site.open(site.hostile + '/');
  await page.goto('about:blank');
  await page.setContent(`<form method="POST" action="${site.hostile}/webhooks/hostile/x"><button>go</button></form>`);
  await page.click('button');
  await page.waitForURL('**/webhooks/hostile/x');
  assert.deepEqual(await page.evaluate(() => [self.origin, window.ran]), ['null', undefined]);
  await page.closeAll();
});
