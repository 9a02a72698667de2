// What many traces waited for: own time on their critical paths, by service and operation.

import {clusterChip} from './cluster-tones.js';
import {h} from './dom.js';
import {counted, duration, milliseconds, ratio} from './format.js';
import {makeTable} from './table.js';

/**
 * @param {Object} data what `/mesh/v1/critical-path?service=` answers
 * @param {function(string): number|string} toneOf a cluster's colour
 * @param {Object} memory see `makeTable`
 * @returns {HTMLElement}
 */
export function aggregatedWaits(data, toneOf, memory) {
    const clusters = [...new Set(data.operations
        .flatMap((one) => Object.keys(one.secondsByCluster)))].sort();
    const widest = Math.max(...data.operations.map((one) => one.share), 1e-9);
    const table = makeTable([
        {
            name: 'operation', label: 'service and operation', isHeader: true,
            value: (row) => `${row.service} ${row.operation}`,
            cell: (row) => [h('span', {data: {cell: 'service'}}, row.service), ' ',
                h('span.muted', null, row.operation)],
        },
        {
            name: 'share', label: 'share of the waiting', isNumber: false,
            value: (row) => row.share,
            cell: (row) => h('div.time-cell', {data: {cell: 'share'}},
                shareBar(row, clusters, toneOf, widest), ratio(row.share)),
        },
        {
            name: 'seconds', label: 'own time', isNumber: true, value: (row) => row.seconds,
            cell: (row) => duration(row.seconds),
        },
        {
            name: 'mean', label: 'mean of a span', isNumber: true,
            value: (row) => row.meanSeconds, cell: (row) => milliseconds(row.meanSeconds * 1000),
        },
        {
            name: 'traces', label: 'in traces', isNumber: true, value: (row) => row.percentOfTraces,
            cell: (row) => ratio(row.percentOfTraces / 100),
        },
    ], {sortedBy: 'share', descending: true, limit: 50, memory, key: (row) => row.operation,
        empty: 'No trace of this service was found in this time.'});
    table.show(data.operations);
    return h('div', {data: {waits: String(data.traces)}},
        h('p.section-note', null,
            `${counted(data.traces, 'trace')} took ${duration(data.seconds)} in all. `
            + 'What a trace waits for at a moment is the span that no other span keeps waiting.',
            data.tracesInPieces > 0 ? ` Parts of ${data.tracesInPieces} are missing.` : '',
            data.cut ? ' There are more traces: the limit was reached.' : ''),
        h('div.chips', null, clusters.map((name) => clusterChip(name, toneOf))),
        table.element);
}

function shareBar(row, clusters, toneOf, widest) {
    return h('div.share-bar.wide', {'aria-hidden': 'true'}, clusters.map((name) => {
        const seconds = row.secondsByCluster[name] ?? 0;
        return seconds === 0 ? null : h('span', {
            class: `tone-${toneOf(name)}`, title: `${name}: ${duration(seconds)}`,
            style: {width: `${(row.share / widest) * (seconds / row.seconds) * 100}%`},
        });
    }));
}
