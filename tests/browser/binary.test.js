// SPDX-License-Identifier: Apache-2.0
// The product itself, as a user starts it: from the landing page to a plugin's answer in /docs.

import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {createInterface} from 'node:readline';
import {after, before, test} from 'node:test';
import {axe, openEverything, setUp} from './browser.js';

const {HOOKHOST_BINARY: binary, HOOKHOST_PLUGINS: plugins} = process.env;
const skip = binary ? false : 'HOOKHOST_BINARY is not set';
const site = setUp();
let host;
let url;

before(async () => {
  if (skip) return;
  const {WEBHOOK_SECRET, SPACE_ID, ...env} = process.env;
  host = spawn(binary, ['serve', '--plugins', plugins, '--listen', '127.0.0.1:0', '--admin-listen', '127.0.0.1:0'],
    {env, stdio: ['ignore', 'pipe', 'pipe']});
  // Whatever the form of the lines: the first URL of a webhook says where it listens.
  url = await new Promise((resolve, reject) => {
    const said = [];
    for (const stream of [host.stdout, host.stderr]) {
      createInterface(stream).on('line', (line) => {
        said.push(line);
        const match = /(http:\/\/127\.0\.0\.1:\d+)\/webhooks\//.exec(line);
        if (match) resolve(match[1]);
      });
    }
    host.on('exit', (code) => reject(new Error(`hookhost ended with ${code}:\n${said.join('\n')}`)));
  });
});
after(async () => {
  if (!host || host.exitCode !== null) return;
  host.kill('SIGTERM');
  await once(host, 'exit');
});

test('the landing page leads to a webhook that answers', {skip}, async () => {
  const page = await site.open(url + '/');
  await page.locator('.endpoints a', {hasText: /\/webhooks\/echo$/}).click();
  await page.waitForSelector('.operation');
  const body = '{"hello": "from the browser", "big": 9007199254740993}';
  await page.locator('textarea').fill(body);
  await page.getByRole('button', {name: 'Send'}).click();
  await page.waitForSelector('.status');
  assert.equal(await page.locator('.status').innerText(), '200 OK');
  assert.match(await page.locator('.answer').innerText(), /from the browser/);
  await openEverything(page);
  assert.match(await page.locator('.headers').innerText(), /sandbox; default-src 'none'/);
  assert.deepEqual((await axe(page)).broken, []);
  assert.deepEqual(page.misdeeds, []);
  await page.closeAll();
});

test('the example of every webhook is accepted by its plugin', {skip}, async () => {
  const page = await site.open(url + '/docs');
  for (let i = 0; i < await page.locator('nav a').count(); ++i) {
    await page.locator('nav a').nth(i).click();
    await page.waitForSelector('.operation');
    await page.getByRole('button', {name: 'Send'}).click();
    await page.waitForSelector('.status');
    const path = await page.locator('h1 code').innerText();
    assert.match(await page.locator('.status').innerText(), /^2/, path);
  }
  assert.deepEqual(page.misdeeds, []);
  await page.closeAll();
});

test('/healthz answers on the public listener, /redoc does not (row H05)', {skip}, async () => {
  const health = await fetch(url + '/healthz');
  assert.equal(health.status, 200);
  assert.deepEqual(await health.json(), {status: 'ok'});
  assert.equal((await fetch(url + '/redoc')).status, 404);
  assert.equal((await fetch(url + '/', {method: 'HEAD'})).status, 200);
});
