// The two lists below the clusters: the worst services, and what fires.

import {fill, h} from './dom.js';
import * as format from './format.js';
import {linksWith} from './links.js';
import {rankOf} from './overview-reading.js';
import {shownWords} from './signal-words.js';
import {badge, glyph} from './status.js';
import {makeTable} from './table.js';

// So many services at least, and more where they are in trouble.
const [shownServices, mostServices] = [8, 20];
const shownAlerts = 10;
// Clusters named in a service's line.
const shownParts = 3;

/** The worst services. The table is made once, so that its sorting stays between refreshes. */
export function servicesPanel(root, judged, seen, context) {
    if (!root.table) {
        root.table = servicesTable(context);
        root.note = h('p.body.muted');
        fill(root, h('header.row.spread', null, h('h2', null, 'Worst services'),
            h('a.small', {href: linksWith(context.link).services()}, 'All services')), root.note,
        root.table.element);
    }
    const troubled = (judged ?? []).filter(({health}) => !health.isSlight
        && ['failing', 'degraded'].includes(health.status));
    const rows = (judged ?? []).slice(0,
        Math.min(mostServices, Math.max(shownServices, troubled.length)));
    const {shown = 0, subjects = 0} = seen.servicesTotals ?? {};
    // A service that hardly anybody calls may be worse than all that were looked at.
    const among = shown < subjects ? `Among ${shownWords({shown, subjects}, 'service')}.` : '';
    fill(root.note, seen.servicesError ?? (judged === null ? 'Asking…'
        : judged.length === 0 ? 'No services were seen in this time.'
            : [troubled.length === 0 ? 'No service is in much trouble. These have most errors. '
                : '', among]));
    root.note.hidden = root.note.textContent === '';
    root.table.element.hidden = rows.length === 0;
    root.table.show(rows);
}

function servicesTable(context) {
    const links = linksWith(context.link);
    const node = (row) => ({namespace: row.namespace, name: row.service});
    return makeTable([
        {name: 'service', label: 'Service', value: (row) => row.name, isHeader: true,
            cell: (row) => h('span.service-cell', null,
                badge(row.health.status, row.health.because, [
                    h('a', {href: links.service(node(row))}, row.service)]),
            h('span.muted.small', null, row.namespace),
            row.missing.length > 0 ? h('span.muted.small', null,
                `without ${row.missing.join(', ')}`) : null)},
        {name: 'clusters', label: 'In clusters', cell: (row) => clusterParts(row, links)},
        {name: 'rate', label: 'Requests', value: (row) => row.rate, isNumber: true,
            cell: (row) => format.rate(row.rate)},
        {name: 'errors', label: 'Errors', value: (row) => row.errorRatio, isNumber: true,
            cell: (row) => format.ratio(row.errorRatio)},
        {name: 'p95', label: 'p95', value: (row) => row.p95, isNumber: true,
            cell: (row) => (row.p95 === null ? '' : row.p95Sign) + format.milliseconds(row.p95)},
        {name: 'links', label: '', cell: (row) => h('span.row.small.nowrap', null,
            h('a', {href: links.around(node(row))}, 'Map'),
            h('a', {href: links.traces(node(row))}, 'Traces'))},
    ]);
}

/** The clusters that a service is in, the worst first, a few of them by name. */
function clusterParts({namespace, service, parts}, links) {
    const sorted = [...parts].sort((a, b) => rankOf(a.health) - rankOf(b.health)
        || (a.cluster < b.cluster ? -1 : 1));
    const rest = sorted.length - shownParts;
    return h('span.parts', null, sorted.slice(0, shownParts).map((part) => h('a.part', {
        href: links.service({namespace, name: service}, {cluster: part.cluster}),
        title: `${part.cluster}: ${part.health.status}, ${format.ratio(part.errorRatio)} errors, `
            + format.rate(part.rate),
    }, glyph(part.health.status), part.cluster)),
    rest > 0 ? h('span.muted.small', null, `+${rest}`) : null);
}

/** What fires and what is pending, those of one rule in one line. */
export function alertsPanel(root, seen, context) {
    const groups = seen.alerts?.groups ?? [];
    const rest = groups.length - shownAlerts;
    fill(root,
        h('header.row.spread', null, h('h2', null, 'Alerts'),
            h('a.small', {href: context.link('alerts')}, 'All alerts')),
        seen.alertsError ? h('p.body.muted', null, seen.alertsError) : null,
        seen.alerts && groups.length === 0
            ? h('p.body', null, badge('healthy', null, 'Nothing fires.')) : null,
        h('ul.alert-list', null, groups.slice(0, shownAlerts).map((group) =>
            h('li', null, alertLine(group, context)))),
        rest > 0 ? h('p.body.small', null, h('a', {href: context.link('alerts')},
            `${format.counted(rest, 'more rule')}`)) : null);
}

function alertLine(group, context) {
    const isCritical = ['critical', 'page', 'error'].includes(group.severity);
    const status = group.state !== 'firing' ? 'idle' : isCritical ? 'firing' : 'pending';
    const first = group.alerts[0];
    const summary = group.alerts.length === 1 ? first.annotations?.summary : null;
    return [
        glyph(status),
        h('div.alert-text', null,
            h('a', {href: linksWith(context.link).alerts(group.name)}, group.name),
            group.alerts.length > 1 ? h('span.muted', null, ` × ${group.alerts.length}`) : null,
            summary ? h('div.small.muted.clipped', {title: summary}, summary)
                : h('div.small.muted.clipped', null, clustersOf(group))),
        h('div.small.muted.alert-meta', null,
            `${group.severity}${group.state === 'firing' ? '' : `, ${group.state}`}`,
            h('div', null, group.held > 0 ? 'held: data is missing' : format.ago(group.since))),
    ];
}

function clustersOf(group) {
    if (group.clusters.size > 0) return `in ${[...group.clusters].sort().join(', ')}`;
    const services = new Set(group.alerts.map((alert) =>
        alert.labels.destination_service?.split('.')[0]).filter(Boolean));
    return services.size > 0 ? [...services].join(', ') : 'over all clusters';
}
