// SPDX-License-Identifier: Apache-2.0
// Reads an OpenAPI 3.1 document: its operations, and schemas with their references followed.

/**
 * @typedef {{id: string, method: string, path: string, summary: string, description: string,
 *   events: string, parameters: any[], contentType: string | null, schema: any,
 *   examples: {name: string, value: any}[], responses: [string, string][], secretHeader: string}} Operation
 */

/** What a local reference ("#/components/...") leads to; the node itself when it is none.
 * @param {any} api @param {any} node @returns {any} */
export function follow(api, node) {
  for (let hops = 0; node && typeof node.$ref === 'string' && hops < 16; ++hops) {
    node = node.$ref.slice(2).split('/').reduce((/** @type {any} */ at, /** @type {string} */ key) =>
      at?.[key.replaceAll('~1', '/').replaceAll('~0', '~')], api);
  }
  return node ?? {};
}

/** One schema from many of allOf: later ones add to earlier ones.
 * @param {any} api @param {any} a @param {any} b @returns {any} */
function merge(api, a, b) {
  a = flatten(api, a);
  b = flatten(api, b);
  const properties = {...a.properties};
  for (const [key, value] of Object.entries(b.properties ?? {})) {
    properties[key] = key in properties ? merge(api, properties[key], value) : value;
  }
  return {...a, ...b, ...(a.properties || b.properties ? {properties} : {}),
          required: [...(a.required ?? []), ...(b.required ?? [])]};
}

/** A schema without $ref, allOf and "or null": what is left to show.
 * @param {any} api @param {any} schema @returns {any} */
export function flatten(api, schema) {
  schema = follow(api, schema);
  if (Array.isArray(schema.allOf)) {
    const {allOf, ...rest} = schema;
    return {...allOf.reduce((/** @type {any} */ a, /** @type {any} */ b) => merge(api, a, b), {}), ...rest};
  }
  if (Array.isArray(schema.anyOf)) {
    const others = schema.anyOf.filter((/** @type {any} */ one) => one.type !== 'null');
    if (others.length === 1) {
      const {anyOf, ...rest} = schema;
      return {...flatten(api, others[0]), ...rest, nullable: true};
    }
  }
  return schema;
}

/** @param {any} api @returns {Operation[]} */
export function operations(api) {
  const list = [];
  for (const [path, methods] of Object.entries(api.paths ?? {})) {
    for (const [method, operation] of Object.entries(/** @type {any} */ (methods))) {
      const [contentType, media] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [null, {}];
      const scheme = Object.keys(operation.security?.[0] ?? {})[0];
      list.push({
        id: operation.operationId,
        method: method.toUpperCase(),
        path,
        summary: operation.summary ?? '',
        description: operation.description ?? '',
        events: operation['x-hookhost-events'] ?? '',
        parameters: operation.parameters ?? [],
        contentType,
        schema: /** @type {any} */ (media).schema ?? {},
        examples: Object.entries(/** @type {any} */ (media).examples ?? {}).map(([name, example]) => {
          const {summary, value} = follow(api, example);
          return {name: summary ?? name, value};
        }),
        responses: Object.entries(operation.responses ?? {}).map(([status, response]) =>
          /** @type {[string, string]} */ ([status, follow(api, response).description ?? ''])),
        secretHeader: scheme ? api.components?.securitySchemes?.[scheme]?.name ?? '' : '',
      });
    }
  }
  return list;
}
