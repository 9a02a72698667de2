// Builds elements. Text only ever enters the page as text: nothing here reads markup, so whatever
// a label's value holds, it is shown and not obeyed.

const svgNamespace = 'http://www.w3.org/2000/svg';

/**
 * An HTML element.
 *
 * @param {string} tag its name, with classes behind points: `'td.number'`
 * @param {Object} [attributes] `onclick` and the like are listeners, `style` is an object of
 *     properties (set one by one, which a strict Content-Security-Policy allows), `data` an object
 *     of data attributes; true is an attribute without a value; null and false are none
 * @param {...(Node|string|number|null|Array)} children strings become text
 * @returns {HTMLElement}
 */
export function h(tag, attributes, ...children) {
    const [name, ...classes] = tag.split('.');
    return filled(document.createElement(name || 'div'), classes, attributes, children);
}

/**
 * An SVG element; parameters as those of `h`.
 *
 * @returns {SVGElement}
 */
export function svg(tag, attributes, ...children) {
    const [name, ...classes] = tag.split('.');
    return filled(document.createElementNS(svgNamespace, name), classes, attributes, children);
}

/** Puts these children in the place of all that `parent` has. Returns the parent. */
export function fill(parent, ...children) {
    parent.replaceChildren(...flattened(children));
    return parent;
}

function filled(element, classes, attributes, children) {
    if (classes.length > 0) element.classList.add(...classes);
    for (const [name, value] of Object.entries(attributes ?? {})) {
        setAttribute(element, name, value);
    }
    element.append(...flattened(children));
    return element;
}

function setAttribute(element, name, value) {
    if (value === null || value === undefined || value === false) return;
    if (name.startsWith('on')) {
        element.addEventListener(name.slice(2), value);
    } else if (name === 'style') {
        for (const [property, text] of Object.entries(value)) {
            element.style.setProperty(property, text);
        }
    } else if (name === 'data') {
        for (const [key, text] of Object.entries(value)) element.dataset[key] = text;
    } else if (name === 'class') {
        element.classList.add(...value.split(' ').filter(Boolean));
    } else {
        element.setAttribute(name, value === true ? '' : value);
    }
}

function flattened(children) {
    return children.flat(Infinity).filter((child) => child !== null && child !== undefined
        && child !== false).map((child) => (child instanceof Node ? child : String(child)));
}
