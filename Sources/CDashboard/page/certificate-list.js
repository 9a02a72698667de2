// Certificates as a table: what is left of each, of how long a life, and who told it.

import {clusterChip} from './cluster-tones.js';
import {severities, shareLeft} from './control-plane-facts.js';
import {evidenceList} from './control-plane-issues.js';
import {remaining} from './control-plane-tiles.js';
import {h} from './dom.js';
import {duration, fullTime, ratio, time, unknownText} from './format.js';
import {badge} from './status.js';
import {makeTable} from './table.js';

/** What tells of certificates, in words. */
export const sources = {
    agent: 'agent’s gauge', envoy: 'Envoy’s gauge', envoy_certs: 'Envoy’s /certs',
    authority: 'CA’s gauge', consul_roots: 'Consul’s roots',
    linkerd_issuer: 'Linkerd’s issuer', handshake: 'TLS handshake',
    envoy_days: 'Envoy, whole days',
};

/**
 * A table of certificates, by what they have left.
 *
 * @param {function(string): number|string} toneOf a cluster's colour
 * @param {function(string, Object): string} link the address of a view
 * @param {Object} memory see `makeTable`
 */
export function certificateTable(toneOf, link, memory) {
    return makeTable([
        {
            name: 'severity', label: 'state',
            value: (row) => Object.keys(severities).indexOf(row.severity),
            cell: (row) => h('span', {data: {cell: 'severity', severity: row.severity}},
                badge(severities[row.severity] ?? 'unknown', row.why, row.severity),
                row.worst !== row.severity ? h('div.muted.small', {title: row.why},
                    `perhaps ${row.worst}`) : null),
        },
        {
            name: 'remaining', label: 'left', isNumber: true,
            value: (row) => row.remainingSeconds,
            cell: (row) => h('span', {
                data: {cell: 'expires', seconds: String(row.remainingSeconds)},
                title: `${fullTime(row.expiry)}: ${row.why}`}, remaining(row)),
        },
        {name: 'life', label: 'of its life', value: shareLeft, cell: lifeBar},
        {
            name: 'cluster', label: 'cluster', value: (row) => row.cluster,
            cell: (row) => clusterChip(row.cluster, toneOf),
        },
        {
            name: 'subject', label: 'certificate', isHeader: true,
            value: (row) => row.subject ?? '', cell: subjectCell,
        },
        {name: 'mesh', label: 'mesh', value: (row) => row.mesh},
        {
            name: 'source', label: 'told by', value: (row) => row.source,
            cell: (row) => h('details.told', null,
                h('summary', null, sources[row.source] ?? row.source),
                h('dl.fields', null, fields(row).map(([name, value]) => (
                    [h('dt', null, name), h('dd', null, value)]))),
                evidenceList(row.evidence ?? [], link)),
        },
    ], {
        sortedBy: 'remaining', descending: false, limit: 50, memory,
        key: (row) => [row.cluster, row.kind, row.subject, row.instance].filter(Boolean).join(' '),
        empty: 'No certificate matches.',
    });
}

function subjectCell(row) {
    return h('span.certificate', null,
        h('span.name', null, row.subject ?? `${row.kind} of ${row.mesh}`),
        h('span.muted.small', null,
            [row.subject ? row.kind : null, row.instance].filter(Boolean).join(' · ')));
}

/** How much of the life is left; hatched where it is not told when it began. */
function lifeBar(row) {
    const share = shareLeft(row);
    if (share === null) {
        return h('span.life.hatched', {data: {cell: 'life', missing: 'true'},
            title: 'when it began is not told', role: 'img',
            'aria-label': 'the lifetime is not known'});
    }
    return h('span.life', {
        data: {cell: 'life', missing: 'false'}, role: 'img',
        'aria-label': `${ratio(share)} of ${duration(row.lifetimeSeconds)} left`,
        title: `${ratio(share)} of ${duration(row.lifetimeSeconds)} left`,
    }, share === 0 ? null : h('span', {class: severities[row.severity] ?? 'unknown',
        style: {width: `${(share * 100).toFixed(1)}%`}}));
}

function fields(row) {
    return [
        ['why', row.why], ['ends', `${time(row.expiry)} (${fullTime(row.expiry)})`],
        ['begun', row.notBefore ? fullTime(row.notBefore) : null],
        ['lives for', row.lifetimeSeconds ? duration(row.lifetimeSeconds) : unknownText],
        ['issuer', row.issuer], ['trust domain', row.trustDomain], ['serial', row.serial],
    ].filter(([, value]) => value);
}
