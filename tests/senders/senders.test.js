// SPDX-License-Identifier: Apache-2.0
// Are real senders let in? Each signs with the code of its own maker (Discord and Slack, who publish none, with node's cryptography), each
// is also heard with one byte changed, and three clients that nobody here wrote carry the requests: node's fetch, node's http and curl.

import {sign as signForGithub} from '@octokit/webhooks-methods';
import assert from 'node:assert/strict';
import {execFile, spawn} from 'node:child_process';
import {createHmac, generateKeyPairSync, sign} from 'node:crypto';
import {once} from 'node:events';
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import http from 'node:http';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {after, before, test} from 'node:test';
import {promisify} from 'node:util';
import {Webhook as StandardWebhook} from 'standardwebhooks';
import Stripe from 'stripe';
import {Webhook as SvixWebhook} from 'svix';

const {HOOKHOST_BINARY: binary, HOOKHOST_PLUGINS: plugins, HOOKHOST_TEST_DATA: data} = process.env;
const key = 's3cr3t-key-0123456789';
const standardKey = 'whsec_' + Buffer.from('s3cr3t-standard-webhooks').toString('base64');
const discord = generateKeyPairSync('ed25519');
const run = promisify(execFile);
let folder;
let host;
let url;

const hmac = (text, encoding) => createHmac('sha256', key).update(text).digest(encoding);
const seconds = () => String(Math.floor(Date.now() / 1000));

// One row each: the route that takes it, and the headers of its proof.
const senders = {
  hub: {route: 'r03_status', headers: () => ({'X-Webhook-Secret': key}), proves: 'itself, not its body'},
  github: {
    route: 'r02_number',
    headers: async (body) => ({'X-Hub-Signature-256': await signForGithub(key, body), 'X-GitHub-Event': 'push'}),
  },
  stripe: {
    route: 'r02_float',
    headers: (payload) => ({'Stripe-Signature': new Stripe('sk_test').webhooks.generateTestHeaderString({payload, secret: key})}),
  },
  'standard webhooks': {
    route: 'r02_bool',
    headers: (body) => {
      const sentAt = new Date();
      return {
        'webhook-id': 'msg_1',
        'webhook-timestamp': String(Math.floor(sentAt / 1000)),
        'webhook-signature': new StandardWebhook(standardKey).sign('msg_1', sentAt, body),
      };
    },
  },
  svix: {
    route: 'r02_bool',
    headers: (body) => {
      const sentAt = new Date();
      return {
        'svix-id': 'msg_2',
        'svix-timestamp': String(Math.floor(sentAt / 1000)),
        'svix-signature': new SvixWebhook(standardKey).sign('msg_2', sentAt, body),
      };
    },
  },
  slack: {
    route: 'r02_text',
    headers: (body) => {
      const sentAt = seconds();
      return {'X-Slack-Request-Timestamp': sentAt, 'X-Slack-Signature': 'v0=' + hmac(`v0:${sentAt}:${body}`, 'hex')};
    },
  },
  shopify: {route: 'r02_object', headers: (body) => ({'X-Shopify-Hmac-Sha256': hmac(body, 'base64')})},
  discord: {
    route: 'r02_list',
    headers: (body) => {
      const sentAt = seconds();
      return {
        'X-Signature-Timestamp': sentAt,
        'X-Signature-Ed25519': sign(null, Buffer.from(sentAt + body), discord.privateKey).toString('hex'),
      };
    },
    refusal: 401,
  },
};

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'hookhost-senders-'));
  const write = async (name, text) => {
    await writeFile(path.join(folder, name), text, {mode: 0o600});
    return `"${path.join(folder, name)}"`;
  };
  const text = await write('key', key);
  const standard = await write('standard', standardKey);
  const application = await write('discord', discord.publicKey.export({format: 'jwk'}).x.replace(/.*/, (x) =>
    Buffer.from(x, 'base64url').toString('hex')));
  const section = (route, scheme, file) => `[route.${route}]\nscheme = "${scheme}"\nsecret_file = ${file}\n`;
  const config = await write('hookhost.toml', section('r03_status', 'hf', text) + section('r02_number', 'github', text) +
    section('r02_float', 'stripe', text) + section('r02_bool', 'standard-webhooks', standard) + section('r02_text', 'slack', text) +
    section('r02_object', 'shopify', text) + section('r02_list', 'discord', application));
  const {WEBHOOK_SECRET, SPACE_ID, ...env} = process.env;
  host = spawn(binary, ['serve', '--plugins', plugins, '--config', JSON.parse(config), '--listen', '127.0.0.1:0', '--admin-listen',
    '127.0.0.1:0'], {env, stdio: ['ignore', 'pipe', 'pipe']});
  url = await new Promise((resolve, reject) => {
    const said = [];
    for (const stream of [host.stdout, host.stderr]) {
      createInterface(stream).on('line', (line) => {
        said.push(line);
        const match = /"listen":"([^"]+)"/.exec(line);
        if (match) resolve('http://' + match[1].replace(/^http:\/\//, '').replace(/\/$/, ''));
      });
    }
    host.on('exit', (code) => reject(new Error(`hookhost ended with ${code}:\n${said.join('\n')}`)));
  });
});
after(async () => {
  if (host && host.exitCode === null) {
    host.kill('SIGTERM');
    await once(host, 'exit');
  }
  await rm(folder, {recursive: true, force: true});
});

// Carriers: (route, headers, body) to status.
const agent = new http.Agent({keepAlive: true, maxSockets: 1});
const carriers = {
  fetch: async (route, headers, body) => {
    const answer = await fetch(`${url}/webhooks/${route}`, {method: 'POST', headers, body});
    await answer.arrayBuffer();
    return answer.status;
  },
  // Without a length: in chunks, over one kept connection.
  http: (route, headers, body) => new Promise((resolve, reject) => {
    const request = http.request(`${url}/webhooks/${route}`, {method: 'POST', headers, agent}, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode));
    });
    request.on('error', reject);
    const half = Math.floor(body.length / 2);
    request.write(body.subarray(0, half));
    request.end(body.subarray(half));
  }),
  curl: async (route, headers, body) => {
    const file = path.join(folder, 'body');
    await writeFile(file, body);
    const lines = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
    const {stdout} = await run('curl', ['-sS', '-o', '/dev/null', '-w', '%{http_code}', ...lines, '--data-binary', `@${file}`,
      `${url}/webhooks/${route}`]);
    return Number(stdout);
  },
};

const bodies = async () => [
  await readFile(path.join(data, 'hub/discussion_create.json')),
  Buffer.from('{"text": "é 😀 \\u00e9 \\/ \u2028", "amount": 1.0, "spaces" : [ 1 , 2 ]}\n'),
  Buffer.alloc(2_000_000, 'x'), // curl asks before it sends: Expect: 100-continue
];

for (const [name, sender] of Object.entries(senders)) {
  for (const [carrier, carry] of Object.entries(carriers)) {
    test(`${name} is let in by ${carrier} and turned away with one byte changed`, async () => {
      for (const body of await bodies()) {
        const headers = {'Content-Type': 'application/octet-stream', ...await sender.headers(body.toString())};
        const status = await carry(sender.route, headers, body);
        assert.ok(status >= 200 && status < 300, `status ${status}`);

        // Refused by its head: who goes on to send megabytes may find the connection closed before it reads the answer.
        if (sender.proves && body.length > 64 * 1024) continue;
        const tampered = Buffer.from(body);
        tampered[tampered.length - 1] ^= 1;
        const forged = sender.proves ? {...headers, 'X-Webhook-Secret': key.replace('s', 'S')} : headers;
        assert.equal(await carry(sender.route, forged, tampered), sender.refusal ?? 403);
      }
    });
  }
}
