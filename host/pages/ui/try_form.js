// SPDX-License-Identifier: Apache-2.0
// The form that sends a real request to a webhook and shows the answer. The secret lives in its
// field and nowhere else: it is gone with the page or with the next webhook.

import {h, visible} from './dom.js';
import {layOut} from './json_text.js';
import {curlOf, send, urlOf} from './request.js';

// An answer longer than this is cut on the page, not on the way.
const shownCharactersMax = 100_000;
const bodyRowsMin = 6;
const bodyRowsMax = 20;

let ids = 0;

/** A label above a control, joined by id.
 * @param {string} text @param {HTMLElement} control @param {...(Node | string | null)} below */
function row(text, control, ...below) {
  control.id = `field-${++ids}`;
  return h('div', {class: 'row'}, h('label', {for: control.id}, text), control, ...below);
}

/** @param {number} ms */
const duration = (ms) => (ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`);

/** @param {Awaited<ReturnType<typeof send>>} answer */
function answerView(answer) {
  const json = layOut(answer.text);
  const text = visible(json.ok ? json.text : answer.text);
  const shown = text.slice(0, shownCharactersMax);
  const isGood = answer.status >= 200 && answer.status < 300;
  return [
    h('div', {class: 'verdict'},
      h('span', {class: isGood ? 'status' : 'status bad'}, visible(`${answer.status} ${answer.reason}`.trim())),
      h('span', {class: 'measure'}, `${duration(answer.ms)}, ${answer.bytes} ${answer.bytes === 1 ? 'byte' : 'bytes'}`)),
    shown ? h('pre', {class: 'answer', tabindex: '0', role: 'region', 'aria-label': 'Body of the answer'}, shown)
      : h('p', {class: 'measure'}, 'The answer has no body.'),
    shown.length < text.length ? h('p', {class: 'measure'}, `${text.length - shown.length} more characters are not shown.`) : null,
    h('details', {},
      h('summary', {}, `${answer.headers.length} headers`),
      h('table', {class: 'headers'}, h('tbody', {}, answer.headers.map(([name, value]) =>
        h('tr', {}, h('th', {scope: 'row'}, visible(name)), h('td', {}, visible(value))))))),
  ];
}

/** @param {import('./openapi.js').Operation} operation */
export function tryForm(operation) {
  const isJson = operation.contentType === 'application/json';
  const parameters = operation.parameters.map((parameter) => ({
    name: parameter.name,
    input: /** @type {HTMLInputElement} */ (h('input', {required: true, autocomplete: 'off', spellcheck: 'false'})),
  }));
  const secret = /** @type {HTMLInputElement} */ (h('input', {type: 'password', autocomplete: 'off'}));
  const body = /** @type {HTMLTextAreaElement} */ (h('textarea', {class: 'code', spellcheck: 'false', autocomplete: 'off'}));
  const state = h('span', {class: 'state', role: 'status'});
  const examples = /** @type {HTMLSelectElement} */ (h('select', {},
    operation.examples.map(({name}, i) => h('option', {value: i}, visible(name)))));
  const command = h('pre', {tabindex: '0', role: 'region', 'aria-label': 'The request as a curl command'});
  const copied = h('span', {class: 'state', role: 'status'});
  const button = /** @type {HTMLButtonElement} */ (h('button', {class: 'primary'}, 'Send'));
  const result = h('div', {class: 'result', role: 'region', 'aria-label': 'Answer', 'aria-live': 'polite'});

  const url = () => urlOf(operation.path,
    Object.fromEntries(parameters.map(({name, input}) => [name, input.value])), document.baseURI);
  const request = () => ({
    method: operation.method,
    headers: {
      'Content-Type': isJson ? 'application/json' : 'application/octet-stream',
      ...(operation.secretHeader && secret.value ? {[operation.secretHeader]: secret.value} : {}),
    },
    body: body.value,
  });
  const refresh = () => {
    const json = layOut(body.value);
    const isWrong = isJson && !json.ok;
    state.className = isWrong ? 'state wrong' : 'state';
    state.textContent = !isJson ? '' : json.ok ? 'Valid JSON' : `Not valid JSON: line ${json.line}, column ${json.column}: ${json.message}`;
    body.setAttribute('aria-invalid', String(isWrong));
    try {
      command.textContent = visible(curlOf(url(), request(), operation.secretHeader));
    } catch (error) {
      command.textContent = visible(/** @type {Error} */ (error).message);
    }
  };
  const fill = () => {
    const example = operation.examples[Number(examples.value)];
    body.value = example ? JSON.stringify(example.value, null, 2) : isJson ? '{}' : '';
    body.rows = Math.min(Math.max(body.value.split('\n').length + 1, bodyRowsMin), bodyRowsMax);
    refresh();
  };
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    button.disabled = true;
    result.replaceChildren(h('p', {class: 'measure'}, 'Waiting for the answer …'));
    try {
      result.replaceChildren(...answerView(await send(url(), request())).filter((node) => node !== null));
    } catch (error) {
      result.replaceChildren(h('p', {class: 'state wrong'}, 'No answer: ' + visible(/** @type {Error} */ (error).message)));
    }
    button.disabled = false;
  };
  // The clipboard needs a secure context: without one the text is selected, ready for Ctrl C.
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(command.textContent ?? '');
      copied.textContent = 'Copied';
    } catch {
      getSelection()?.selectAllChildren(command);
      copied.textContent = 'Selected: press Ctrl+C';
    }
  };

  examples.addEventListener('change', fill);
  const form = h('form', {submit, input: refresh, novalidate: true},
    parameters.map(({name, input}) => row(visible(name), input)),
    operation.secretHeader ? row(operation.secretHeader, secret,
      h('span', {class: 'below'}, 'Used for this request only, never stored.')) : null,
    operation.examples.length > 1 ? row('Example', examples) : null,
    row(isJson ? 'Body (JSON)' : 'Body', body, state),
    h('div', {class: 'actions'}, button, h('span', {class: 'keys'}, 'or Ctrl+Enter in the body')),
    h('details', {}, h('summary', {}, 'As a curl command'), command,
      h('button', {type: 'button', click: copy}, 'Copy'), ' ', copied));
  body.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) /** @type {HTMLFormElement} */ (form).requestSubmit(button);
  });
  fill();
  return h('section', {class: 'try', 'aria-labelledby': 'try-title'},
    h('h2', {id: 'try-title'}, 'Try it'), form, result);
}
