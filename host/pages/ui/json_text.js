// SPDX-License-Identifier: Apache-2.0
// JSON as text: checks it and lays it out anew without reading any value, so that
// 9007199254740993, 1.0 and a duplicate key stay what they are. Not recursive: depth costs memory,
// never the stack. Accepts exactly what JSON.parse accepts.

const space = /[ \t\n\r]*/y;
const literal =
  /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;

// Deeper levels are not moved further to the right: n brackets would cost n * n spaces.
const indentMax = 40;

/**
 * @param {string} text
 * @returns {{ok: true, text: string} | {ok: false, message: string, line: number, column: number}}
 */
export function layOut(text) {
  let at = 0;
  let out = '';
  /** @type {string[]} what closes each open bracket */
  const open = [];
  /** What may come: a value, a key, what follows a value, or the end of an empty container. */
  let wanted = 'value';
  let mayClose = false;

  const skip = () => {
    space.lastIndex = at;
    space.exec(text);
    at = space.lastIndex;
  };
  const take = () => {
    literal.lastIndex = at;
    const match = literal.exec(text);
    if (match) at = literal.lastIndex;
    return match ? match[0] : null;
  };
  const newLine = () => '\n' + '  '.repeat(Math.min(open.length, indentMax));
  const fail = (/** @type {string} */ message) => {
    const before = text.slice(0, at).split('\n');
    return /** @type {const} */ ({
      ok: false, message, line: before.length, column: before[before.length - 1].length + 1,
    });
  };

  for (skip(); ; skip()) {
    const c = text[at];
    if (wanted === 'after' && open.length === 0) {
      return c === undefined ? {ok: true, text: out} : fail('nothing may follow the value');
    }
    if (mayClose && c === open[open.length - 1]) {
      open.pop();
      out += (wanted === 'after' ? newLine() : '') + c;
      ++at;
      wanted = 'after';
      mayClose = open.length > 0;
    } else if (wanted === 'after') {
      if (c !== ',') return fail(`"," or "${open[open.length - 1]}" is missing`);
      out += ',';
      ++at;
      wanted = open[open.length - 1] === '}' ? 'key' : 'value';
      mayClose = false;
      out += newLine();
    } else if (wanted === 'key') {
      if (mayClose) out += newLine();
      const key = c === '"' ? take() : null;
      if (key === null) return fail('a key in double quotes is missing');
      skip();
      if (text[at] !== ':') return fail('":" is missing');
      ++at;
      out += key + ': ';
      wanted = 'value';
      mayClose = false;
    } else if (c === '{' || c === '[') {
      if (mayClose) out += newLine();
      out += c;
      ++at;
      open.push(c === '{' ? '}' : ']');
      wanted = c === '{' ? 'key' : 'value';
      mayClose = true;
    } else {
      if (mayClose) out += newLine();
      const value = take();
      if (value === null) return fail('a value is missing');
      out += value;
      wanted = 'after';
      mayClose = open.length > 0;
    }
  }
}
