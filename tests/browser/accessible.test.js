// SPDX-License-Identifier: Apache-2.0
// Everybody can use the pages: axe in light, dark and narrow, the keyboard alone, no sideways scroll.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {anchor, axe, openEverything, setUp} from './browser.js';

const site = setUp();
const retrain = anchor('auto_retrain_webhooks_auto_retrain_post');

for (const colorScheme of ['light', 'dark']) {
  for (const width of [1280, 390]) {
    test(`axe finds nothing: ${colorScheme}, ${width} px`, async () => {
      const pages = ['/', '/docs', retrain, anchor('tpl_webhooks_tpl__id__post')].map((path) => site.plain + path);
      for (const url of [...pages, site.admin + '/', site.empty + '/', site.hostile + '/docs']) {
        const page = await site.open(url, {colorScheme, viewport: {width, height: 850}});
        if (await page.locator('.try').count()) {
          for (const input of await page.locator('.try input').all()) await input.fill('x');
          await page.getByRole('button', {name: 'Send'}).click();
          await page.waitForSelector('.status');
          await openEverything(page);
        }
        const {passed, broken} = await axe(page);
        assert.deepEqual(broken, [], url);
        assert.ok(passed > 10, `only ${passed} rules had something to look at`);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(overflow <= 0, `${url} scrolls sideways by ${overflow} px`);
        await page.closeAll();
      }
    });
  }
}

/** What has the focus, in a few words. */
const focused = (page) => page.evaluate(() => {
  const at = document.activeElement;
  const label = at.id && document.querySelector(`label[for="${CSS.escape(at.id)}"]`);
  return (label?.textContent ?? at.getAttribute('aria-label') ?? at.textContent).trim();
});

test('Tab reaches everything in reading order', async () => {
  const page = await site.open(site.plain + retrain);
  const order = [];
  for (let i = 0; i < 16; ++i) {
    await page.keyboard.press('Tab');
    order.push(await focused(page));
  }
  assert.deepEqual(order, [
    'Skip to content', 'Webhooks', 'openapi.json',
    '/webhooks/auto_retrain', '/webhooks/discussion_bot', '/webhooks/echo', '/webhooks/team/caf%C3%A9%20x', '/webhooks/tpl/{id}',
    'X-Webhook-Secret', 'Example', 'Body (JSON)', 'Send', 'As a curl command',
    'eventobject', 'repoobject', 'ownerobject',
  ]);
  await page.closeAll();
});

test('the skip link jumps to the content and keeps the address', async () => {
  const page = await site.open(site.plain + retrain);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
  assert.ok(page.url().endsWith(retrain));
  await page.closeAll();
});

test('choosing a webhook moves the focus to its title', async () => {
  const page = await site.open(site.plain + '/docs');
  await page.locator('nav a').nth(2).focus();
  await page.keyboard.press('Enter');
  await page.waitForSelector('.operation');
  assert.equal(await page.evaluate(() => document.activeElement.tagName), 'H1');
  await page.closeAll();
});

test('Ctrl+Enter in the body sends', async () => {
  const page = await site.open(site.plain + anchor('echo_webhooks_echo_post'));
  await page.getByRole('textbox', {name: 'Body'}).focus();
  await page.keyboard.type('{"a": 1}');
  await page.keyboard.press('Control+Enter');
  await page.waitForSelector('text=200 OK');
  await page.closeAll();
});

test('on a narrow screen a webhook leads back to the list', async () => {
  const page = await site.open(site.plain + retrain, {viewport: {width: 390, height: 850}});
  await page.getByRole('link', {name: 'All webhooks'}).click();
  await page.waitForSelector('.overview');
  assert.equal(await page.locator('main .endpoints a').count(), 5);
  await page.closeAll();
});
