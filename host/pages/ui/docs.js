// SPDX-License-Identifier: Apache-2.0
// /docs: the webhooks of /openapi.json, one at a time. The address says which:
// "#/default/<operationId>", the anchors of the page that FastAPI serves.

import {h, visible} from './dom.js';
import {operations} from './openapi.js';
import {schemaView} from './schema_view.js';
import {tryForm} from './try_form.js';

/** @typedef {import('./openapi.js').Operation} Operation */

const nav = /** @type {HTMLElement} */ (document.getElementById('nav'));
const main = /** @type {HTMLElement} */ (document.getElementById('main'));

/** @param {Operation} operation */
const anchor = (operation) => '#/default/' + encodeURIComponent(operation.id);

/** @param {Operation[]} all @returns {Operation | undefined} */
function chosen(all) {
  const [, id] = /^#\/default\/(.+)$/.exec(location.hash) ?? [];
  if (id === undefined) return undefined;
  return all.find((operation) => operation.id === id || encodeURIComponent(operation.id) === id);
}

/** @param {Operation[]} all */
function overview(all) {
  return h('div', {class: 'overview'},
    h('div', {class: 'intro'},
      h('h1', {tabindex: '-1'}, 'API docs'),
      h('p', {}, all.length === 0
        ? 'No webhook is registered. Put a plugin into the plugin folder, then load this page again.'
        : 'Choose a webhook to see what it expects and to send it an event.')),
    h('ul', {class: 'endpoints'}, all.map((operation) => h('li', {},
      h('a', {href: anchor(operation)},
        h('span', {class: 'method'}, operation.method), h('code', {}, visible(operation.path))),
      operation.description ? h('p', {}, visible(operation.description)) : null))));
}

/** @param {any} api @param {Operation} operation */
function operationView(api, operation) {
  return h('article', {class: 'operation'},
    h('a', {class: 'back', href: '#/'}, '← All webhooks'),
    h('h1', {tabindex: '-1'}, h('span', {class: 'method'}, operation.method), h('code', {}, visible(operation.path))),
    operation.description ? h('p', {class: 'lead'}, visible(operation.description)) : null,
    h('dl', {class: 'facts'},
      h('dt', {}, 'Handler'), h('dd', {}, h('code', {}, visible(operation.summary))),
      h('dt', {}, 'Secret'), h('dd', {}, operation.secretHeader
        ? ['in the header ', h('code', {}, visible(operation.secretHeader))] : 'none: open to everyone'),
      operation.events ? [h('dt', {}, 'Events'), h('dd', {}, h('code', {}, visible(operation.events)))] : []),
    h('div', {class: 'split'},
      tryForm(operation),
      h('div', {class: 'reference'},
        h('section', {'aria-labelledby': 'body-title'}, h('h2', {id: 'body-title'}, 'Body'), schemaView(api, operation)),
        h('section', {'aria-labelledby': 'answers-title'}, h('h2', {id: 'answers-title'}, 'Answers'),
          h('dl', {class: 'answers'}, operation.responses.map(([status, text]) =>
            [h('dt', {}, visible(status)), h('dd', {}, visible(text))]).flat())))));
}

/** @param {any} api */
function start(api) {
  const all = operations(api);
  const links = all.map((operation) => h('a', {href: anchor(operation)}, visible(operation.path)));
  nav.replaceChildren(h('h2', {}, all.length === 1 ? '1 webhook' : `${all.length} webhooks`),
    h('ul', {}, links.map((link) => h('li', {}, link))));

  const show = (/** @type {boolean} */ moveFocus) => {
    const operation = chosen(all);
    all.forEach((one, i) => {
      if (one === operation) links[i].setAttribute('aria-current', 'page');
      else links[i].removeAttribute('aria-current');
    });
    document.title = operation ? `${visible(operation.path)}: API docs` : 'Webhooks: API docs';
    main.replaceChildren(operation ? operationView(api, operation) : overview(all));
    if (moveFocus) {
      scrollTo(0, 0);
      main.querySelector('h1')?.focus({preventScroll: true});
    }
  };
  addEventListener('hashchange', () => show(true));
  show(false);
}

document.querySelector('.skip')?.addEventListener('click', (event) => {
  event.preventDefault();  // the address belongs to the webhook
  main.focus();
});

try {
  const response = await fetch('openapi.json');
  if (!response.ok) throw new Error(`openapi.json: ${response.status}`);
  start(await response.json());
} catch (error) {
  main.replaceChildren(h('h1', {}, 'API docs'), h('p', {role: 'alert'},
    'The list of webhooks could not be read: ' + visible(/** @type {Error} */ (error).message)));
}
