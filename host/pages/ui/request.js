// SPDX-License-Identifier: Apache-2.0
// One request of the form: its URL, sending it, and the same as a shell command. No document here.

/**
 * The URL of an operation below the folder that this page stands in (so it works behind a proxy that
 * adds a prefix). Throws when a value would leave the path.
 * @param {string} path "/webhooks/tpl/{id}" @param {Record<string, string>} values @param {string} base
 */
export function urlOf(path, values, base) {
  const filled = path.replace(/\{([^}]*)\}/g, (_, name) => {
    const value = values[name] ?? '';
    if (value === '' || value === '.' || value === '..') throw new Error(`${name} needs a value`);
    return encodeURIComponent(value);
  });
  return new URL('.' + filled, base).href;
}

/**
 * @param {string} url
 * @param {{method: string, headers: Record<string, string>, body: string}} request
 */
export async function send(url, {method, headers, body}) {
  const start = performance.now();
  const response = await fetch(url, {
    method, headers, body, cache: 'no-store', credentials: 'omit', redirect: 'manual',
  });
  const bytes = new Uint8Array(await response.arrayBuffer());
  return {
    status: response.status,
    reason: response.statusText,
    headers: [...response.headers],
    bytes: bytes.length,
    text: new TextDecoder().decode(bytes),
    ms: performance.now() - start,
  };
}

/** A word of a POSIX shell; control characters need the $'...' of bash.
 * @param {string} text */
export function shellWord(text) {
  if (!/[\u0000-\u0009\u000b-\u001f\u007f]/.test(text)) return `'${text.replaceAll("'", "'\\''")}'`;
  const escaped = text.replace(/[\\'\u0000-\u001f\u007f]/g, (c) =>
    c === '\\' || c === "'" ? '\\' + c : '\\x' + c.charCodeAt(0).toString(16).padStart(2, '0'));
  return `$'${escaped}'`;
}

/**
 * The request as a command. The secret is a variable of the shell, never its value.
 * @param {string} url
 * @param {{method: string, headers: Record<string, string>, body: string}} request
 * @param {string} secretHeader
 */
export function curlOf(url, {method, headers, body}, secretHeader) {
  const lines = [`curl -X ${method} ${shellWord(url)}`];
  for (const [name, value] of Object.entries(headers)) {
    if (name !== secretHeader) lines.push(`-H ${shellWord(`${name}: ${value}`)}`);
  }
  if (secretHeader) lines.push(`-H "${secretHeader}: $WEBHOOK_SECRET"`);
  if (body) lines.push(`--data-binary ${shellWord(body)}`);
  return lines.join(' \\\n  ');
}
