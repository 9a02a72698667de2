// One card per cluster, or one line where there are many.

import {rankOf, stateBadge} from './control-plane-facts.js';
import {h} from './dom.js';
import * as format from './format.js';
import {coverage} from './coverage.js';
import {healthOf, valueOf} from './overview-reading.js';
import {limitSign} from './signal-words.js';
import {sparkline} from './sparkline.js';
import {badge, glyph, severity} from './status.js';
import {makeTable} from './table.js';

/** More clusters than this are shown as lines of a table. */
export const mostCards = 6;

/**
 * A cluster's card: whether it answers, its golden signals, and how fresh what it says is.
 *
 * @param {Object} cluster a row of `/mesh/v1/clusters`
 * @param {Object} seen all answers so far
 * @param {Object} context
 */
export function clusterCard(cluster, seen, context) {
    const gap = gapOf(cluster);
    const isMissing = isAbsent(cluster, gap);
    return h('article.cluster-card.panel', {class: isMissing ? 'is-missing' : null},
        head(cluster, isMissing, seen, context),
        isMissing ? absence(cluster, gap) : signals(cluster, seen),
        facts(cluster, seen, context));
}

const gapOf = (cluster) => coverage.missing().find((one) => one.cluster === cluster.name);
const isAbsent = (cluster, gap) => cluster.reachable === false
    || Boolean(gap && !cluster.maintenance);

/** The table of many clusters, the worst first. Rows are `{cluster, seen}`. */
export function clusterTable(context) {
    const subject = ({cluster, seen}) => seen.cluster?.get(cluster.name);
    const value = (signal) => (row) => (isAbsent(row.cluster, gapOf(row.cluster)) ? null
        : valueOf(subject(row), signal));
    const state = ({cluster, seen}) => stateOf(cluster, isAbsent(cluster, gapOf(cluster)), seen);
    const number = (name, label, signal, write, options = {}) => ({
        name, label, isNumber: true, value: value(signal),
        cell: (row) => h('span.cluster-cell', null, row.seen.lines?.clusters?.get(row.cluster.name)
            ?.signals?.[signal]?.values && value(signal)(row) !== null ? sparkline(
                row.seen.lines.clusters.get(row.cluster.name).signals[signal].values, {
                    width: 80, height: 20, label: `${label} of ${row.cluster.name} over time`,
                    ...options,
                }) : h('span'), h('span', null, value(signal)(row) === null ? ''
            : limitSign(subject(row), signal), write(value(signal)(row)))),
    });
    const alerts = ({cluster, seen}) => seen.alerts?.ofCluster(cluster.name) ?? null;
    return makeTable([
        {name: 'state', label: 'State', value: (row) => severity[state(row)[0]],
            cell: (row) => badge(...state(row))},
        {name: 'name', label: 'Cluster', value: (row) => row.cluster.name, isHeader: true,
            cell: ({cluster}) => h('a', {href: context.link('', {cluster: cluster.name})},
                cluster.name)},
        number('rate', 'Requests', 'requestRate', format.rate),
        number('errors', 'Errors', 'errorRatio', format.ratio, {atLeast: 0.01}),
        number('p95', 'p95', 'latencyP95', format.milliseconds),
        {name: 'alerts', label: 'Alerts', isNumber: true, value: alerts, cell: (row) =>
            (alerts(row) > 0 ? [glyph('firing'), ` ${alerts(row)}`] : String(alerts(row) ?? ''))},
        {name: 'plane', label: 'Control plane', value: ({cluster}) => (
            cluster.controlPlane ? rankOf(cluster.controlPlane.state) : null),
        cell: ({cluster}) => (cluster.controlPlane ? h('a', {href: context.link('control-plane',
            {cluster: cluster.name})}, stateBadge(cluster.controlPlane.state)) : '–')},
        {name: 'facts', label: '', cell: ({cluster, seen}) => (isAbsent(cluster, gapOf(cluster))
            ? h('span.small', null, cluster.lastError ?? gapOf(cluster)?.reason)
            : h('span.small.muted', null, [freshness(cluster), spokenBy(cluster, seen)]
                .filter(Boolean).join(' · ')))},
        {name: 'links', label: '', cell: ({cluster}) => h('span.row.small.nowrap', null,
            h('a', {href: context.link('map', {cluster: cluster.name})}, 'Map'),
            h('a', {href: context.link('services', {cluster: cluster.name})}, 'Services'))},
    ], {sortedBy: 'state', descending: false, key: (row) => row.cluster.name});
}

function head(cluster, isMissing, seen, context) {
    const {cluster: own, ...labels} = cluster.externalLabels ?? {};
    const only = {cluster: cluster.name};
    const alerts = seen.alerts?.ofCluster(cluster.name) ?? 0;
    return h('header.row.spread', null,
        h('h2.row', null, badge(...stateOf(cluster, isMissing, seen), cluster.name),
            Object.values(labels).map((value) => h('span.tag', null, value)),
            cluster.maintenance ? h('span.tag', null, 'maintenance') : null),
        h('span.row.small', null,
            alerts > 0 ? h('a', {href: context.link('alerts', only)},
                badge('firing', null, format.counted(alerts, 'alert'))) : null,
            h('a', {href: context.link('map', only)}, 'Map'),
            h('a', {href: context.link('services', only)}, 'Services')));
}

/** How its control planes do; nothing of a cluster of which nobody has told of one. */
function controlPlaneLink({name, controlPlane}, context) {
    const {state, because = [], components} = controlPlane ?? {};
    if (!state || components === 0) return null;
    return h('a', {href: context.link('control-plane', {cluster: name}),
        data: {plane: state}},
    stateBadge(state, `control plane ${state}`, because.join('\n') || null));
}

/** A cluster's state and why. */
function stateOf(cluster, isMissing, seen) {
    if (cluster.maintenance) return ['idle', 'in maintenance: nothing is asked of it'];
    if (isMissing) return ['missing', cluster.lastError ?? 'it does not answer'];
    if (cluster.reachable === null) return ['unknown', 'not probed yet'];
    const subject = seen.cluster?.get(cluster.name);
    if (!subject) return ['unknown', 'it answers, but has no mesh metrics'];
    const {status, because} = healthOf(subject);
    return [status, because];
}

function absence(cluster, gap) {
    return h('div.body.absence', null,
        h('strong', null, 'Missing. '), `${cluster.lastError ?? gap?.reason ?? 'No answer'}. `,
        h('span.muted', null, gap ? `Noticed at ${format.time(gap.since)}, `
            + `${format.ago(gap.since)}.` : '',
        ' Sums on this page are without it.'));
}

function signals(cluster, seen) {
    const subject = seen.cluster?.get(cluster.name);
    if (!subject) {
        return h('div.body.muted.cluster-signals-none', null, seen.clusterError
            ?? (seen.cluster ? 'No mesh metrics were found in this cluster.' : 'Asking…'));
    }
    const lines = seen.lines?.clusters?.get(cluster.name);
    const {status, isSlight} = healthOf(subject);
    const one = (label, text, signal, options = {}) => {
        const values = lines?.signals?.[signal]?.values;
        return h('div.cluster-signal', null,
            h('span.muted.small', null, label), h('span.cluster-value', null, text),
            values ? sparkline(values, {
                label: `${label} of ${cluster.name} over time`, start: seen.lines.start,
                end: seen.lines.end, ...options,
            }) : h('span.sparkline'));
    };
    const value = (signal) => valueOf(subject, signal);
    return h('div.body.cluster-signals', null,
        one('Requests', format.rate(value('requestRate')), 'requestRate'),
        one('Errors', format.ratio(value('errorRatio')), 'errorRatio',
            {status: status === 'healthy' || isSlight ? '' : status, atLeast: 0.01}),
        one('p95', (value('latencyP95') === null ? '' : limitSign(subject, 'latencyP95'))
            + format.milliseconds(value('latencyP95')), 'latencyP95'));
}

function facts(cluster, seen, context) {
    const replicas = cluster.urls?.length ?? 0;
    const parts = [
        controlPlaneLink(cluster, context), freshness(cluster), format.counted(replicas, 'replica'),
        cluster.latencySeconds
            ? `probe ${format.milliseconds(cluster.latencySeconds * 1000)}` : null,
        cluster.series ? `${format.count(cluster.series)} series` : null,
        spokenBy(cluster, seen),
        cluster.jaeger ? 'traces' : 'no traces',
    ];
    return h('footer.cluster-facts.small.muted', {title: (cluster.urls ?? []).join('\n')},
        parts.filter(Boolean).map((part) => h('span', null, part)));
}

/** Which meshes' metrics it has. */
function spokenBy(cluster, seen) {
    const spoken = seen.mesh?.clusters?.find((one) => one.cluster === cluster.name);
    return spoken?.dialects?.length > 0
        ? spoken.dialects.join(', ') + (spoken.recorded ? ', recorded rules' : '') : null;
}

/** Until when its data reaches, as the gateway's probe saw it. */
function freshness(cluster) {
    const end = format.epoch(cluster.dataEnd);
    if (end !== null) return `data ends ${format.ago(end)}`;
    const probed = format.epoch(cluster.probedAt);
    return probed === null ? 'never probed' : `probed ${format.ago(probed)}`;
}
