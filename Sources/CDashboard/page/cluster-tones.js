// Which colour a cluster has: the same in all views, by its place among the fleet's names.

import {h} from './dom.js';

/** Colours of the palette; the style sheet has as many classes `tone-0`, `tone-1`, …. */
export const toneCount = 10;

/**
 * @param {{name: string}[]} fleet what `/mesh/v1/clusters` says; [] where it is not known
 * @returns {function(string): number|string} the number of a cluster's tone (`tone-2`); `unknown`
 *     without a name
 */
export function clusterTones(fleet) {
    const order = fleet.map((cluster) => cluster.name).sort();
    return (name) => {
        if (!name) return 'unknown';
        if (!order.includes(name)) order.push(name);
        return order.indexOf(name) % toneCount;
    };
}

/** A cluster's name with its colour. */
export function clusterChip(name, toneOf) {
    return h('span.toned', {data: {cluster: name, missing: String(!name)}},
        h('span.swatch', {class: `tone-${toneOf(name)}`}), name || 'cluster not known');
}
