// Who calls a service and whom it calls, out of the service graph.

import {clusterChip} from './cluster-tones.js';
import {h} from './dom.js';
import {milliseconds, rate, ratio} from './format.js';
import {rateText} from './map-reading.js';
import {placeOf} from './service-parts.js';
import {serviceName} from './signal-words.js';
import {badge, severity} from './status.js';
import {makeTable} from './table.js';

/**
 * The edges that begin or end at a service.
 *
 * @param {Object} graph of `/mesh/v1/graph?view=service&service=`
 * @param {string} name `shop/checkout`
 * @param {string|null} cluster only the service in this cluster
 * @returns {{incoming: Object[], outgoing: Object[]}} of `{edge, caller, callee}`
 */
export function edgesOf(graph, name, cluster) {
    const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
    const isIt = (node) => node && (serviceName(node) === name || node.name === name)
        && (!cluster || node.cluster === cluster);
    const all = graph.edges.map((edge) => ({
        edge, caller: nodes.get(edge.source), callee: nodes.get(edge.destination),
    })).filter(({caller, callee}) => caller && callee);
    return {
        incoming: all.filter(({callee}) => isIt(callee)),
        outgoing: all.filter(({caller}) => isIt(caller)),
    };
}

/**
 * A table of edges.
 *
 * @param {{edge: Object, caller: Object, callee: Object}[]} edges
 * @param {'caller'|'callee'} other which end is the other service
 */
export function edgeTable(edges, other, {toneOf, link, empty, memory}) {
    const table = makeTable([
        {
            name: 'health', label: 'state', value: (row) => -severity[row.edge.health.status],
            cell: (row) => h('span', {data: {cell: 'health', missing: String(missing(row))}},
                badge(row.edge.health.status, row.edge.health.because)),
        },
        {
            name: 'service', label: other === 'caller' ? 'called by' : 'calls', isHeader: true,
            value: (row) => placeOf(row[other]),
            cell: (row) => [otherEnd(row[other], link), h('div.section-note', null,
                clusterChip(row.caller.cluster, toneOf), ' → ',
                clusterChip(row.callee.cluster, toneOf)),
            row.edge.incomplete ? h('div.held.small', {data: {missing: 'true'}},
                row.edge.incomplete) : null],
        },
        {
            name: 'requestRate', label: 'requests', isNumber: true,
            value: (row) => row.edge.traffic.requestRate,
            cell: (row) => h('span', {data: {cell: 'requestRate',
                missing: String(row.edge.traffic.requestRate === null)}},
            rateText(row.edge.traffic)),
        },
        number('errorRatio', 'errors', (edge) => edge.traffic.errorRatio, ratio),
        number('p50', 'p50', (edge) => edge.latency?.p50, milliseconds),
        number('p95', 'p95', (edge) => edge.latency?.p95, milliseconds),
        number('p99', 'p99', (edge) => edge.latency?.p99, milliseconds),
        number('transit', 'transit', (edge) => edge.transit, milliseconds,
            'how much longer the caller waits than the service works'),
        number('loss', 'loss', (edge) => edge.loss?.ratio, ratio,
            'requests that left the caller and never were seen at the service'),
        number('mutualTLS', 'mTLS', (edge) => edge.mutualTLS?.ratio, ratio),
        {
            name: 'shaping', label: 'retries, timeouts, trips', isNumber: true,
            value: (row) => row.edge.shaping?.retryRate ?? null,
            title: 'retries, timeouts and circuit breaker trips per second',
            cell: (row) => shaping(row.edge.shaping),
        },
    ], {sortedBy: 'requestRate', descending: true, limit: 50, empty, memory,
        key: (row) => row.edge.id});
    table.show(edges);
    return table.element;
}

const missing = ({edge}) => edge.incomplete !== null && edge.incomplete !== undefined;

function number(name, label, value, write, title) {
    return {
        name, label, title, isNumber: true, value: (row) => value(row.edge) ?? null,
        cell: (row) => h('span', {data: {cell: name,
            missing: String((value(row.edge) ?? null) === null)}}, write(value(row.edge) ?? null)),
    };
}

/** A link where the other end is a service with signals of its own. */
function otherEnd(node, link) {
    const name = serviceName(node);
    return node.kind === 'service' ? h('a', {href: link('service', {name})}, name)
        : h('span', null, `${name} `, h('span.tag', null, node.kind));
}

function shaping(found) {
    if (!found) return h('span.not-known', {data: {missing: 'true'}}, '–');
    const parts = [found.retryRate, found.timeoutRate, found.circuitBreakerTripRate];
    return h('span', {title: found.derivedFrom ? `from ${found.derivedFrom}` : null},
        parts.map((value) => rate(value ?? null)).join(' · '));
}
