// SPDX-License-Identifier: Apache-2.0
// The landing page (rows U06, U07) without JavaScript, and the way from it into /docs.

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {anchor, setUp} from './browser.js';

const site = setUp();

test('the landing page is complete without JavaScript', async () => {
  const page = await site.open(site.plain + '/', {javaScriptEnabled: false});
  assert.equal(await page.locator('h1').innerText(), 'This is an app to process 🤗 Webhooks');
  const text = await page.locator('main').innerText();
  assert.match(text, /5 webhook\(s\) are registered:/);
  assert.match(text, /Your app is running locally\./);
  assert.equal(await page.locator('.endpoints a').count(), 5);
  assert.deepEqual(page.misdeeds, []);
  await page.closeAll();
});

test('/docs says what to do without JavaScript', async () => {
  const context = await site.open(site.plain + '/', {javaScriptEnabled: false});
  await context.goto(site.plain + '/docs');
  assert.match(await context.locator('main').innerText(), /This page needs JavaScript/);
  await context.closeAll();
});

test('each link leads to its webhook', async () => {
  const page = await site.open(site.plain + '/');
  const count = await page.locator('.endpoints a').count();
  for (let i = 0; i < count; ++i) {
    const path = await page.locator('.endpoints code').nth(i).innerText();
    await page.locator('.endpoints a').nth(i).click();
    await page.waitForSelector('.operation h1');
    assert.equal(await page.locator('.operation h1 code').innerText(), path);
    await page.goBack();
    await page.waitForSelector('.landing');
  }
  await page.closeAll();
});

test('a Space gets its own text', async () => {
  const page = await site.open(site.space + '/');
  const text = await page.locator('main').innerText();
  assert.match(text, /This app is running on a Space\..* > 'Embed the Space'\./);
  assert.match(text, /https:\/\/huggingface\.co\/settings\/webhooks/);
  await page.closeAll();
});

test('an empty host says what to do', async () => {
  for (const path of ['/', '/docs']) {
    const page = await site.open(site.empty + path);
    assert.match(await page.locator('main').innerText(), /plugin folder/);
    await page.closeAll();
  }
});

test('an anchor of the seed opens its webhook directly', async () => {
  const page = await site.open(site.plain + '/docs#/default/tpl_webhooks_tpl__id__post');
  assert.equal(await page.locator('h1 code').innerText(), '/webhooks/tpl/{id}');
  assert.equal(await page.title(), '/webhooks/tpl/{id}: API docs');
  assert.equal(await page.locator('nav [aria-current]').innerText(), '/webhooks/tpl/{id}');
  await page.closeAll();
});

test('an anchor with letters beyond ASCII works in both spellings', async () => {
  for (const id of ['café_webhooks_team_café_x_post']) {
    for (const url of [`/docs#/default/${id}`, anchor(id)]) {
      const page = await site.open(site.plain + url);
      assert.equal(await page.locator('h1 code').innerText(), '/webhooks/team/caf%C3%A9%20x');
      await page.closeAll();
    }
  }
});

test('an unknown anchor shows the list', async () => {
  for (const hash of ['#/default/nothing', '#/', '#x', '#/default/%E0%A4%A']) {
    const page = await site.open(site.plain + '/docs' + hash);
    assert.equal(await page.locator('main .endpoints a').count(), 5, hash);
    await page.closeAll();
  }
});

test('back and forward follow the webhooks', async () => {
  const page = await site.open(site.plain + '/docs');
  await page.locator('nav a').first().click();
  await page.waitForSelector('.operation');
  await page.goBack();
  await page.waitForSelector('.overview');
  await page.goForward();
  await page.waitForSelector('.operation');
  await page.closeAll();
});
