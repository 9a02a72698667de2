// The map's edges as a table: the same facts for those who cannot or do not want to see a picture.

import {h} from './dom.js';
import * as format from './format.js';
import {changeText, rateText} from './map-reading.js';
import {badge, severity} from './status.js';
import {makeTable} from './table.js';

/**
 * The table of edges.
 *
 * @param {(kind: string, id: string) => void} pick
 * @returns {{element: HTMLElement, show: (graph: Object) => void}}
 */
export function edgeTable(pick) {
    let nodes = new Map();
    const name = (id) => nodes.get(id)?.name ?? id;
    const end = (id) => h('span.edge-end', null,
        h('button.quiet', {type: 'button', onclick: () => pick('node', id)}, name(id)),
        h('span.muted.small', null, [nodes.get(id)?.cluster, nodes.get(id)?.namespace]
            .filter(Boolean).join('/')));
    const number = (column, label, value, write, title) => ({
        name: column, label, value, cell: (edge) => write(value(edge)), isNumber: true, title});
    const table = makeTable([
        {name: 'health', label: 'State', value: (edge) => severity[edge.health.status],
            cell: (edge) => h('button.quiet', {
                type: 'button', 'aria-label': `Details: ${name(edge.source)} calls ${
                    name(edge.destination)}, ${edge.health.status}`,
                data: {action: 'edge'}, onclick: () => pick('edge', edge.id),
            }, badge(edge.health.status, edge.health.because))},
        {name: 'source', label: 'From', value: (edge) => name(edge.source), isHeader: true,
            cell: (edge) => end(edge.source)},
        {name: 'destination', label: 'To', value: (edge) => name(edge.destination),
            cell: (edge) => h('span.edge-to', null, end(edge.destination), edge.crossesClusters
                ? h('span.tag.crossing-tag', null, 'across') : null)},
        {name: 'rate', label: 'Rate', value: (edge) => edge.traffic.requestRate,
            cell: (edge) => rateText(edge.traffic), isNumber: true},
        number('errors', 'Errors', (edge) => edge.traffic.errorRatio, format.ratio),
        number('p50', 'p50', (edge) => edge.latency?.p50, format.milliseconds),
        number('p95', 'p95', (edge) => edge.latency?.p95, format.milliseconds),
        number('p99', 'p99', (edge) => edge.latency?.p99, format.milliseconds),
        number('transit', 'Transit', (edge) => edge.transit, format.milliseconds,
            'how much longer the source waits than the destination works'),
        number('loss', 'Loss', (edge) => edge.loss?.ratio, format.ratio,
            'requests that left the source and that the destination never saw'),
        number('mtls', 'mTLS', (edge) => edge.mutualTLS?.ratio, format.ratio),
        number('retries', 'Retries', (edge) => edge.shaping?.retryRate, format.rate),
        {name: 'seen', label: 'Seen by', value: (edge) => edge.witnesses.length,
            cell: (edge) => h('span', {title: edge.incomplete}, seenBy(edge))},
        {name: 'change', label: 'Change', value: (edge) => changeText(edge) || null},
    ], {
        caption: 'Who calls whom. A row opens its details.', sortedBy: 'health',
        descending: false,
        empty: 'There are no edges here.', onPick: (edge) => pick('edge', edge.id),
        key: (edge) => edge.id,
    });
    return {
        element: table.element,
        show(graph) {
            nodes = new Map(graph.nodes.map((node) => [node.id, node]));
            // Those in one state come busiest first.
            table.show([...graph.edges].sort((a, b) =>
                (b.traffic.requestRate ?? 0) - (a.traffic.requestRate ?? 0)));
        },
    };
}

/** Which sides reported an edge. */
export function seenBy(edge) {
    const [one, other] = edge.witnesses;
    if (other) return 'both sides';
    return one ? `${one} only` : 'traces only';
}
