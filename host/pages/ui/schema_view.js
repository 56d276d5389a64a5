// SPDX-License-Identifier: Apache-2.0
// A schema as a list of fields; objects open and close.

import {h, visible} from './dom.js';
import {flatten} from './openapi.js';

// References may form a circle; nobody reads deeper than this.
const depthMax = 8;

/** "string or null", "list of string", "object" @param {any} api @param {any} schema @returns {string} */
function kindOf(api, schema) {
  const types = [schema.type ?? (schema.properties ? 'object' : 'any')].flat().filter((t) => t !== 'null');
  const kind = types.join(' or ');
  return kind === 'array' ? `list of ${kindOf(api, flatten(api, schema.items ?? {}))}` : kind;
}

/** @param {string} label @param {unknown[]} values */
function valuesLine(label, values) {
  return h('p', {class: 'values'}, label + ' ',
    values.flatMap((value, i) => [i ? ', ' : '', h('code', {}, visible(JSON.stringify(value)))]));
}

/** @param {any} api @param {string} name @param {any} raw @param {boolean} isRequired @param {number} depth */
function field(api, name, raw, isRequired, depth) {
  const schema = flatten(api, raw);
  const item = flatten(api, schema.items ?? {});
  const inner = schema.properties ? schema : item.properties ? item : null;
  const head = h('span', {class: 'field'},
    h('code', {}, visible(name)),
    h('span', {class: 'kind'}, kindOf(api, schema)),
    isRequired ? null : h('span', {class: 'optional'}, 'optional'));
  const about = [
    schema.description ? h('p', {class: 'about'}, visible(schema.description)) : null,
    schema.enum ? valuesLine('one of', schema.enum)
      : schema.examples ? valuesLine('such as', schema.examples) : null,
  ];
  if (!inner || depth >= depthMax) return h('li', {}, head, about);
  return h('li', {}, h('details', {open: isRequired && depth === 0},
    h('summary', {}, head), about, fields(api, inner, depth + 1)));
}

/** @param {any} api @param {any} schema @param {number} depth @returns {HTMLElement} */
function fields(api, schema, depth) {
  const required = new Set(schema.required ?? []);
  return h('ul', {class: depth === 0 ? 'schema' : null},
    Object.entries(schema.properties).map(([name, raw]) => field(api, name, raw, required.has(name), depth)));
}

/** @param {any} api @param {import('./openapi.js').Operation} operation */
export function schemaView(api, operation) {
  const schema = flatten(api, operation.schema);
  if (schema.properties) {
    return h('div', {},
      schema.description ? h('p', {class: 'about lead-in'}, visible(schema.description)) : null,
      fields(api, schema, 0));
  }
  return h('p', {class: 'about'}, operation.contentType === 'application/json'
    ? 'Any JSON document.' : 'Anything: the handler gets the bytes as they are.');
}
