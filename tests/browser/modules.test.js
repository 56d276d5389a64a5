// SPDX-License-Identifier: Apache-2.0
// The modules that need no document: JSON as text, the shell command, the URL. And the rule that no
// module may make HTML from text.

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';

const folder = process.env.HOOKHOST_UI_FOLDER;
const load = async (name) => {
  // Through a data: URL, since the folder has no package.json that says that these are modules.
  const source = readFileSync(join(folder, name), 'utf8');
  assert.ok(!/^import /m.test(source), `${name} stands alone`);
  return import('data:text/javascript,' + encodeURIComponent(source));
};

const parses = (text) => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

test('layOut accepts what JSON.parse accepts, and keeps every value', async () => {
  const {layOut} = await load('json_text.js');
  const pieces = ['{', '}', '[', ']', ',', ':', '"a"', '"\\u00e9\\n"', '"', '\\', '0', '-1', '1.5e3', '01', '1.', '-', 'true', 'null', 'nul', ' ', '\n', '\t', '\u00a0', '"\u0001"', '/**/', 'NaN'];
  let seed = 20260824;
  const random = (n) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * n);
  };
  let accepted = 0;
  const check = (text) => {
    const result = layOut(text);
    assert.equal(result.ok, parses(text), JSON.stringify(text));
    if (!result.ok) return;
    ++accepted;
    assert.deepEqual(JSON.parse(result.text), JSON.parse(text));
    assert.equal(layOut(result.text).text, result.text);
  };
  for (let i = 0; i < 200_000; ++i) {
    let text = '';
    for (let n = random(8); n >= 0; --n) text += pieces[random(pieces.length)];
    check(text);
  }
  const value = (depth) => {
    const kind = random(depth > 4 ? 4 : 6);
    if (kind < 4) return ['1', '"x\\""', 'false', '-0.0'][kind];
    const items = Array.from({length: random(4)}, () => value(depth + 1));
    return kind === 4 ? `[${items.join(' , ')}]` : `{${items.map((one, i) => `"k${i % 2}" : ${one}`).join(',')}}`;
  };
  for (let i = 0; i < 5_000; ++i) {
    const text = value(0);
    check(text);
    const at = random(text.length);
    check(text.slice(0, at) + text.slice(at + 1));
  }
  assert.ok(accepted > 6_000, String(accepted));
});

test('layOut loses nothing that JSON.parse would', async () => {
  const {layOut} = await load('json_text.js');
  assert.equal(layOut('{"a":9007199254740993,"a":1.0,"b":[],"c":{}}').text,
    '{\n  "a": 9007199254740993,\n  "a": 1.0,\n  "b": [],\n  "c": {}\n}');
});

test('layOut is not recursive', async () => {
  const {layOut} = await load('json_text.js');
  const depth = 100_000;
  const result = layOut('['.repeat(depth) + '1' + ']'.repeat(depth));
  assert.ok(result.ok);
  assert.ok(result.text.length < 100 * 2 * depth, 'in proportion to what was sent');
  assert.ok(!layOut('['.repeat(depth)).ok);
});

test('shellWord is read back by a real shell as it was', async () => {
  const {shellWord} = await load('request.js');
  for (const text of ['plain', "it's", '$HOME `id` "x" \\', 'a\nb', '!history', "'", '-H', '']) {
    assert.equal(execFileSync('sh', ['-c', `printf %s ${shellWord(text)}`], {encoding: 'utf8'}), text);
  }
  for (const text of ['\u0001\u001b[31m', 'tab\tand \'quote\' \\ \u007f', '\r\n']) {
    assert.equal(execFileSync('bash', ['-c', `printf %s ${shellWord(text)}`], {encoding: 'utf8'}), text);
  }
});

test('urlOf stays below the folder of the page', async () => {
  const {urlOf} = await load('request.js');
  assert.equal(urlOf('/webhooks/x', {}, 'http://h/docs#/x'), 'http://h/webhooks/x');
  assert.equal(urlOf('/webhooks/x', {}, 'http://h/prefix/docs'), 'http://h/prefix/webhooks/x');
  assert.equal(urlOf('/webhooks/{a}/{b}', {a: '1', b: '../2'}, 'http://h/docs'), 'http://h/webhooks/1/..%2F2');
  assert.throws(() => urlOf('/webhooks/{a}', {a: '..'}, 'http://h/docs'));
});

test('no module makes HTML or code from text', () => {
  const banned = /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|createContextualFragment|DOMParser|srcdoc|dangerouslySetInnerHTML|localStorage|sessionStorage|document\.cookie/;
  const sources = readdirSync(folder).filter((name) => name.endsWith('.js'));
  assert.ok(sources.length >= 7);
  for (const name of sources) {
    const found = banned.exec(readFileSync(join(folder, name), 'utf8'));
    assert.equal(found, null, `${name}: ${found}`);
  }
  for (const name of readdirSync(folder).filter((one) => one.endsWith('.html'))) {
    assert.doesNotMatch(readFileSync(join(folder, name), 'utf8'), /\son\w+=|\sstyle=|<style|<script(?! type="module" src=)/, name);
  }
});
