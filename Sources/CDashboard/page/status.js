// States, each with a shape and a word beside its colour, so that nobody has to tell colours apart.

import {h} from './dom.js';

/** What a state is called. */
const statusWords = {
    healthy: 'healthy', degraded: 'degraded', failing: 'failing', idle: 'idle',
    unknown: 'unknown', missing: 'missing', firing: 'firing', pending: 'pending',
};

/** How bad a state is; the worst first. */
export const severity = {
    failing: 0, firing: 0, missing: 1, degraded: 2, pending: 2, unknown: 3, idle: 4, healthy: 5,
};

/** The shape of a state: circle, triangle, diamond, ring, hatched square. */
export function glyph(status) {
    return h(`span.glyph.${status in severity ? status : 'unknown'}`, {'aria-hidden': 'true'});
}

/**
 * A state as shape and word.
 *
 * @param {string} status
 * @param {string} [because] a sentence, shown when one points at it
 * @param {string} [words] in the place of the state's own word
 */
export function badge(status, because, words = statusWords[status] ?? status) {
    return h(`span.badge.${status in severity ? status : 'unknown'}`, {title: because},
        glyph(status), words);
}

// Below this error ratio what is degraded is so slightly: in most meshes a few requests fail
// everywhere, and a page that is amber all over shows nobody where to look.
const slightBelow = 0.01;

/**
 * Whether something is degraded, but slightly: it has the shape and the word, and not the area of
 * colour. How something is doing the gateway alone judges.
 *
 * @param {{status: string}} health of the gateway's answer
 * @param {number|null} errorRatio
 */
export function isSlight(health, errorRatio) {
    return health.status === 'degraded' && errorRatio < slightBelow;
}
