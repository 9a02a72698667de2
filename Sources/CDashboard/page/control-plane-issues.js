// Issues of the meshes' configuration, what the proxies of each istiod have of it, and evidence.

import {clusterChip} from './cluster-tones.js';
import {issueShapes} from './control-plane-facts.js';
import {h} from './dom.js';
import {count, counted, unknownText} from './format.js';
import {badge} from './status.js';
import {makeTable} from './table.js';

/**
 * Issues as a list: what each means, what to do, and what tells of it.
 *
 * @param {Object[]} issues
 * @param {function(string): number|string} toneOf a cluster's colour
 * @param {function(string, Object): string} link the address of a view
 */
export function issueList(issues, toneOf, link) {
    return h('ul.alerts', null, issues.map((issue) => h('li.alert', {
        data: {issue: issue.kind, severity: issue.severity, cluster: issue.cluster},
    },
    h('div.state', null, badge(issueShapes[issue.severity] ?? 'unknown', null, issue.severity)),
    h('div', null, h('span.name', null, words(issue.kind)),
        issue.subject ? h('code.subject', null, issue.subject) : null,
        h('div', null, issue.meaning)),
    h('div.since', null, clusterChip(issue.cluster, toneOf)),
    h('div.labels.issue-rest', null,
        h('p', null, h('strong', null, 'Do: '), issue.action),
        // Of metrics it is often the number alone.
        isNaN(issue.detail ?? 0) ? h('pre.query-text', null, issue.detail) : null,
        h('div.chips.small', null,
            h('a', {href: link('control-plane', {cluster: issue.cluster,
                open: `${issue.cluster}/${issue.mesh}/${issue.component}`})},
            `${issue.component} of ${issue.mesh}`),
            h('span.muted', null, `${count(issue.count)} as the evidence has it`))),
    h('details', null, h('summary', null, counted(issue.evidence.length, 'source')),
        evidenceList(issue.evidence, link)))));
}

/** `rejected_configuration` as words. */
const words = (kind) => kind.replaceAll('_', ' ').replace(/^./, (first) => first.toUpperCase());

/** Where facts come from: a query with a link, a path of a replica, an address. */
export function evidenceList(evidence, link) {
    return h('ul.evidence-list', null, evidence.map((one) => h('li', {
        data: {evidence: one.source}},
    one.query ? h('a', {href: link('query', {expr: one.query})}, h('code', null, one.query))
        : h('code', null, one.source === 'handshake' ? `TLS ${one.address}`
            : `GET ${one.instance ?? ''}${one.path ?? ''}`),
    one.text ? h('span', null, ` ${one.text}`) : null)));
}

/** What the proxies of each istiod have of what was sent to them. */
export function syncTable(proxies, toneOf, memory) {
    const table = makeTable([
        {
            name: 'state', label: 'state', value: syncRank, cell: (row) => syncBadges(row),
        },
        {
            name: 'cluster', label: 'cluster', isHeader: true, value: (row) => row.cluster,
            cell: (row) => clusterChip(row.cluster, toneOf),
        },
        {name: 'component', label: 'control plane', value: (row) => row.component},
        {name: 'connected', label: 'proxies', isNumber: true, value: (row) => row.connected,
            cell: (row) => (row.connected === null ? unknownText
                : `${isPart(row) ? '≥ ' : ''}${row.connected}`)},
        {name: 'rejecting', label: 'refuse', isNumber: true, value: (row) => row.rejecting,
            cell: (row) => row.rejecting ?? unknownText,
            title: 'proxies that have refused something, and keep what they had'},
        {name: 'stale', label: 'wait', isNumber: true, value: (row) => row.stale,
            cell: (row) => row.stale ?? unknownText,
            title: 'proxies that have not acknowledged the newest of something'},
        {
            name: 'versions', label: 'versions', cell: (row) => h('span.chips.small', null,
                (row.versions ?? []).map((one) => h('span', null,
                    `${one.version ?? unknownText} × ${one.proxies}`))),
        },
    ], {sortedBy: 'state', descending: false, memory, limit: 25,
        key: (row) => `${row.cluster}/${row.component}`});
    table.show(proxies);
    return table.element;
}

const isPart = (row) => row.slice || row.missingReplicas.length > 0;

function syncRank(row) {
    if (row.rejecting > 0) return 0;
    if (row.stale > 0) return 1;
    return isPart(row) ? 2 : 3;
}

/** What is not seen of some replicas is not in sync. */
function syncBadges(row) {
    const badges = [
        row.rejecting > 0 ? badge('failing', 'proxies refuse their configuration (NACK)',
            'refused') : null,
        row.stale > 0 ? badge('degraded', 'this is so for a moment after each push; where it '
            + 'stays, there is an issue', 'waiting') : null,
        isPart(row) ? badge('unknown', row.missingReplicas.length > 0
            ? `not told by ${row.missingReplicas.join(', ')}`
            : 'metrics count more: not all replicas are declared',
        row.connected === null ? 'not known' : 'not all known') : null,
    ].filter(Boolean);
    return h('span.chips', null, badges.length > 0 ? badges : badge('healthy', null, 'in sync'));
}
