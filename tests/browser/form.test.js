// SPDX-License-Identifier: Apache-2.0
// Does the form send a real request, show the real answer, and keep the secret to itself?

import assert from 'node:assert/strict';
import {test} from 'node:test';
import {anchor, openEverything, setUp} from './browser.js';

const site = setUp();
const retrain = anchor('auto_retrain_webhooks_auto_retrain_post');

const send = async (page) => {
  await page.getByRole('button', {name: 'Send'}).click();
  await page.waitForSelector('.status');
  return page.locator('.status').innerText();
};

test('the right secret is answered, a wrong or missing one is refused', async () => {
  const page = await site.open(site.plain + retrain);
  assert.equal(await send(page), '401 Unauthorized');

  await page.getByLabel('X-Webhook-Secret').fill('wrong');
  await page.getByRole('button', {name: 'Send'}).click();
  await page.waitForSelector('text=403 Forbidden');

  await page.getByLabel('X-Webhook-Secret').fill('open sesame');
  await page.getByRole('button', {name: 'Send'}).click();
  await page.waitForSelector('text=200 OK');
  // As it was sent: no number was read and written again.
  assert.equal(await page.locator('.answer').innerText(), '{\n  "started": true,\n  "job": 9007199254740993\n}');
  assert.match(await page.locator('.verdict').innerText(), /ms, \d+ bytes/);
  await openEverything(page);
  assert.match(await page.locator('.headers').innerText(), /content-type\s+application\/json/);
  await page.closeAll();
});

test('the example is filled in and reaches the webhook as it stands', async () => {
  const page = await site.open(site.plain + retrain);
  const body = await page.getByLabel('Body (JSON)').inputValue();
  assert.equal(JSON.parse(body).event.scope, 'repo.content');
  const [request] = await Promise.all([
    page.waitForRequest((one) => one.method() === 'POST'),
    page.getByRole('button', {name: 'Send'}).click(),
  ]);
  assert.equal(request.postData(), body);
  assert.equal(request.headers()['content-type'], 'application/json');
  assert.equal(request.url(), site.plain + '/webhooks/auto_retrain');
  await page.getByLabel('Example').selectOption({label: 'Someone wrote a comment in a discussion'});
  assert.equal(JSON.parse(await page.getByLabel('Body (JSON)').inputValue()).event.scope, 'discussion.comment');
  await page.closeAll();
});

test('a webhook that wants comments gets one as its example', async () => {
  const page = await site.open(site.plain + anchor('discussion_bot_webhooks_discussion_bot_post'));
  assert.equal(JSON.parse(await page.getByLabel('Body (JSON)').inputValue()).event.scope, 'discussion.comment');
  await page.closeAll();
});

test('path parameters are encoded and cannot leave the path', async () => {
  const page = await site.open(site.plain + anchor('tpl_webhooks_tpl__id__post'));
  await page.getByLabel('id', {exact: true}).fill('a/b?c#d é');
  await send(page);
  assert.match(await page.locator('.answer').innerText(), /"\/webhooks\/tpl\/a%2Fb%3Fc%23d%20%C3%A9"/);
  for (const value of ['', '.', '..']) {
    await page.getByLabel('id', {exact: true}).fill(value);
    await page.getByRole('button', {name: 'Send'}).click();
    await page.waitForSelector('text=No answer: id needs a value');
  }
  await page.closeAll();
});

test('what is wrong in the JSON is said with its place, and can still be sent', async () => {
  const page = await site.open(site.plain + anchor('tpl_webhooks_tpl__id__post'));
  await page.getByLabel('Body (JSON)').fill('{\n  "a": 1,\n}');
  assert.equal(await page.locator('.state.wrong').innerText(), 'Not valid JSON: line 3, column 1: a key in double quotes is missing');
  await page.getByLabel('id', {exact: true}).fill('1');
  assert.equal(await send(page), '200 OK');
  await page.closeAll();
});

test('the secret is nowhere but in its field', async () => {
  const page = await site.open(site.plain + retrain);
  const secret = page.getByLabel('X-Webhook-Secret');
  assert.equal(await secret.getAttribute('type'), 'password');
  await secret.fill('open sesame');
  await send(page);
  await openEverything(page);
  assert.ok(!(await page.locator('body').innerText()).includes('sesame'));
  assert.match(await page.locator('.try form pre').innerText(), /-H "X-Webhook-Secret: \$WEBHOOK_SECRET"/);
  assert.ok(!page.url().includes('sesame'));
  assert.deepEqual(await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]), [0, 0, '']);
  await page.locator('nav a').nth(1).click();
  await page.waitForSelector('h1 >> text="/webhooks/discussion_bot"');
  assert.equal(await secret.inputValue(), '');
  await page.closeAll();
});

test('a value that no header can carry is an error on the page', async () => {
  const page = await site.open(site.plain + retrain);
  await page.getByLabel('X-Webhook-Secret').fill('🤗');
  await page.getByRole('button', {name: 'Send'}).click();
  await page.waitForSelector('text=No answer:');
  assert.deepEqual(page.misdeeds, []);
  await page.closeAll();
});

test('the curl command can be copied, or is selected where there is no clipboard', async () => {
  const page = await site.open(site.plain + retrain);
  await openEverything(page);
  await page.evaluate(() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); });
  await page.getByRole('button', {name: 'Copy'}).click();
  await page.waitForSelector('text=Selected: press Ctrl+C');
  assert.match(await page.evaluate(() => getSelection().toString()), /^curl -X POST 'http/);
  await page.closeAll();
});
