// The row of tiles: the golden signals of the whole mesh, alerts, and who answers.

import {counted as countedBy, rankOf, severities, shapeOf, stateBadge, states}
    from './control-plane-facts.js';
import {coverage} from './coverage.js';
import {fill, h} from './dom.js';
import * as format from './format.js';
import {healthOf, valueOf} from './overview-reading.js';
import {limitSign, signalRemark} from './signal-words.js';
import {sparkline} from './sparkline.js';
import {badge, glyph} from './status.js';

/** Draws the tiles. */
export function meshTiles(root, seen, context) {
    fill(root, fleetTile(seen), ...signalTiles(seen), alertsTile(seen, context),
        servicesTile(seen, context), controlPlaneTile(seen, context),
        certificateTile(seen, context));
}

function tile(label, value, {detail = null, line = null, href = null, note = null} = {}) {
    return h(href ? 'a.tile' : 'div.tile', {href},
        h('span.tile-head', null, h('span.tile-label', null, label),
            note ? h('span.tile-note', null, note) : null),
        h('span.tile-value', null, value), h('span.tile-detail', null, detail), line);
}

function fleetTile({fleet, fleetError}) {
    if (fleet.length === 0) {
        return tile('Clusters', format.unknownText, {detail: fleetError ?? 'not known yet'});
    }
    // A cluster that an answer lacks is missing, though the last probe of it went well.
    const gaps = new Set(coverage.missing().map((one) => one.cluster));
    const missing = fleet.filter((cluster) => cluster.reachable === false
        || (gaps.has(cluster.name) && !cluster.maintenance));
    const resting = fleet.filter((cluster) => cluster.maintenance);
    return tile('Clusters answering', [
        glyph(missing.length > 0 ? 'missing' : 'healthy'),
        ` ${fleet.length - missing.length} of ${fleet.length}`,
    ], {detail: missing.length > 0 ? `${missing.map((one) => one.name).join(', ')} missing`
        : resting.length > 0 ? `${format.counted(resting.length, 'cluster')} in maintenance`
            : 'nothing is missing'});
}

function signalTiles({mesh, meshError, lines}) {
    const subject = mesh?.subjects?.[0] ?? null;
    const missing = subject?.missing ?? [];
    // A sum without a cluster is not the mesh's sum: it says so.
    const note = missing.length > 0 ? `without ${missing.join(', ')}` : null;
    const line = (signal, status, atLeast) => {
        const values = lines?.mesh?.signals?.[signal]?.values;
        return values ? sparkline(values, {
            status, atLeast, label: `${signal} over time`, start: lines.start, end: lines.end,
        }) : null;
    };
    const empty = meshError ?? (mesh && !subject ? 'no mesh metrics were found' : null);
    const {status, isSlight, because} = healthOf(subject);
    const errors = valueOf(subject, 'errorRatio');
    return [
        tile('Requests', format.rate(valueOf(subject, 'requestRate')), {
            note, line: line('requestRate', ''), detail: empty ?? 'all services, all clusters'}),
        tile('Errors', [errors === null ? null : glyph(status), ` ${format.ratio(errors)}`], {
            note, line: line('errorRatio', status === 'healthy' || isSlight ? '' : status, 0.01),
            detail: empty ?? h('span', {title: because}, '5xx, gRPC, no response')}),
        tile('Latency p95', h('span', {title: signalRemark(subject, 'latencyP95')},
            latency(subject, 'latencyP95')), {
            note, line: line('latencyP95', ''),
            detail: empty ?? `p50 ${latency(subject, 'latencyP50')} · `
                + `p99 ${latency(subject, 'latencyP99')}`}),
    ];
}

function latency(subject, signal) {
    const value = valueOf(subject, signal);
    return (value === null ? '' : limitSign(subject, signal)) + format.milliseconds(value);
}

function alertsTile({alerts, alertsError}, context) {
    const href = context.link('alerts');
    if (!alerts) return tile('Alerts', format.unknownText, {href, detail: alertsError});
    const status = alerts.critical > 0 ? 'failing' : alerts.firing > 0 ? 'degraded' : 'healthy';
    return tile('Alerts firing', [glyph(status), ` ${alerts.firing}`], {
        href, detail: [alerts.critical > 0 ? badge('failing', null,
            `${alerts.critical} critical`) : 'none critical',
        alerts.pending > 0 ? ` · ${alerts.pending} pending` : ''],
    });
}

function servicesTile({judged, servicesError, servicesTotals}, context) {
    const href = context.link('services');
    if (!judged) return tile('Services', format.unknownText, {href, detail: servicesError});
    const count = (status) => judged.filter(({health}) => health.status === status).length;
    const [failing, degraded] = [count('failing'), count('degraded')];
    const unknown = count('unknown');
    const slightly = judged.filter(({health}) => health.isSlight).length;
    const {shown = 0, subjects = 0} = servicesTotals ?? {};
    const note = shown < subjects ? `${format.whole(shown)} busiest judged` : null;
    return tile('Services', format.whole(Math.max(subjects, judged.length)), {href, note,
        detail: failing + degraded === 0
        ? (unknown > 0 ? badge('unknown', 'too little traffic, or nobody tells how it ends',
            `${unknown} not known`) : badge('healthy', null, 'none in trouble'))
        : [failing > 0 ? badge('failing', null, `${failing} failing`) : null,
            degraded > 0 ? badge('degraded', null, `${degraded} degraded`) : null,
            slightly > 0 ? h('span', {title: 'fewer than one request in a hundred fails'},
                slightly === degraded ? 'slightly' : `${slightly} of them slightly`) : null]});
}

/** The worst of the clusters' control planes; what is not told of is not known. */
function controlPlaneTile({fleet, fleetError}, context) {
    const href = context.link('control-plane');
    if (fleet.length === 0) {
        return tile('Control planes', format.unknownText, {href, detail: fleetError});
    }
    const stateOf = (cluster) => cluster.controlPlane?.state ?? 'unknown';
    const counts = countedBy(fleet, stateOf);
    const worst = fleet.map(stateOf).reduce((one, other) => (
        rankOf(other) < rankOf(one) ? other : one));
    const issues = fleet.reduce((sum, cluster) => sum + (cluster.controlPlane?.issues ?? 0), 0);
    return tile('Control planes', [
        glyph(shapeOf(worst)), ` ${counts.get('healthy') ?? 0} / ${fleet.length}`,
    ], {href, detail: [worst === 'healthy' ? 'all are healthy'
        : Object.keys(states).filter((state) => state !== 'healthy' && counts.has(state))
            .map((state) => stateBadge(state, `${counts.get(state)} ${state}`)),
    issues > 0 ? h('span', null, format.counted(issues, 'issue')) : null]});
}

/** The certificate that is worst of those that live for months. */
function certificateTile({certificates, certificatesError}, context) {
    const href = context.link('control-plane', {tab: 'certificates'});
    const [worst] = certificates?.certificates ?? [];
    if (!worst) {
        return tile('Certificates', format.unknownText, {href,
            detail: certificatesError ?? (certificates ? 'no source tells of a CA' : null)});
    }
    const left = worst.remainingSeconds;
    return tile('Certificates', [
        glyph(severities[worst.severity] ?? 'unknown'),
        left <= 0 ? ' expired' : ` ${worst.expiryEarliest === null ? '< ' : ''}`
            + format.duration(left),
    ], {href, detail: h('span', {title: worst.why}, left > 0 ? 'first to end: ' : null,
        `${worst.subject ?? worst.kind} in ${worst.cluster}`)});
}
