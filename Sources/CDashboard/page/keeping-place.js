// A part of a view that is drawn anew keeps what somebody did in it.

const focusable = 'a[href], button, input, select, textarea, summary, [tabindex]';

/**
 * Draws a part anew. What was opened in it stays open, and the keyboard's focus stays at its place:
 * that of the element with the same address or label, else of the one at the same place.
 *
 * @param {HTMLElement} part
 * @param {function(): void} draw
 */
export function keepingPlace(part, draw) {
    const open = [...part.querySelectorAll('details[open]')].map(placeIn(part, 'details'));
    const active = part.contains(document.activeElement) ? document.activeElement : null;
    const name = active ? nameOf(active) : '';
    const place = active ? placeIn(part, focusable)(active) : -1;
    draw();
    const details = part.querySelectorAll('details');
    for (const one of open) if (details[one]) details[one].open = true;
    if (!active || part.contains(document.activeElement)) return;
    const candidates = [...part.querySelectorAll(focusable)];
    const same = candidates[place];
    const next = same && nameOf(same) === name ? same
        : candidates.find((one) => nameOf(one) === name) ?? same;
    next?.focus({preventScroll: true});
}

function placeIn(part, selector) {
    const all = [...part.querySelectorAll(selector)];
    return (element) => all.indexOf(element);
}

function nameOf(element) {
    return element.getAttribute('href') ?? element.getAttribute('aria-label')
        ?? element.textContent;
}
