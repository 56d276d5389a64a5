// SPDX-License-Identifier: Apache-2.0
// Elements from text, never from HTML: a stranger's text becomes a text node and nothing else.

/**
 * An element. Attributes that are functions become listeners ("click"), false and null leave the
 * attribute away; strings among the children become text nodes.
 * @param {string} name
 * @param {Record<string, unknown>} [attributes]
 * @param {...(Node | string | null | undefined | (Node | string | null)[])} children
 * @returns {HTMLElement}
 */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') {
      element.addEventListener(key, /** @type {EventListener} */ (value));
    } else if (value === true) {
      element.setAttribute(key, '');
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(key, String(value));
    }
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

// Control characters but tab and line feed, bidi controls, zero-width characters, separators.
const hidden = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/**
 * A stranger's text with what hides or reorders made visible: "\u202e" instead of its effect.
 * @param {unknown} text
 */
export function visible(text) {
  return String(text).replace(hidden, (c) => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'));
}
