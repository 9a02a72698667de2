// The row above the control planes' view: the fleet's state, issues, proxies and the certificate
// that ends first.

import {
    counted as countedBy, issueShapes, isWorkload, severities, stateBadge, states, syncRows,
} from './control-plane-facts.js';
import {h} from './dom.js';
import {counted, duration} from './format.js';
import {badge} from './status.js';

/**
 * The tiles.
 *
 * @param {Object|null} report the data of `/mesh/v1/control-plane`
 * @param {Object|null} certificates the data of `/mesh/v1/certificates`
 * @param {function(Object): string} link the address of this view with these parameters
 */
export function rollUp(report, certificates, link) {
    return [fleetTile(report, link), issuesTile(report, link), proxiesTile(report, link),
        certificatesTile(certificates, link)];
}

function tile(name, label, figure, rest) {
    return h('div.panel.figure-tile.roll-up', {data: {tile: name}}, h('div.label', null, label),
        h('div.figure', null, figure), h('div.chips.small', null, rest));
}

function fleetTile(report, link) {
    if (!report) return tile('fleet', 'Control planes', badge('unknown', null, 'not known'), null);
    const counts = countedBy(report.clusters, (cluster) => cluster.state);
    return tile('fleet', 'Control planes', stateBadge(report.state),
        Object.keys(states).filter((state) => counts.has(state)).map((state) => (
            h('a', {href: link({state})}, stateBadge(state,
                `${counted(counts.get(state), 'cluster')} ${state}`)))));
}

function issuesTile(report, link) {
    if (!report) return tile('issues', 'Configuration', badge('unknown', null, 'not known'), null);
    const counts = countedBy(report.issues, (issue) => issue.severity);
    const worst = Object.keys(issueShapes).find((severity) => counts.has(severity));
    return tile('issues', 'Configuration',
        worst ? badge(issueShapes[worst], null, counted(report.issues.length, 'issue'))
            : noIssues(report),
        Object.keys(issueShapes).filter((severity) => counts.has(severity)).map((severity) => (
            h('a', {href: link({tab: 'issues', severity})}, badge(issueShapes[severity], null,
                `${counts.get(severity)} ${severity}`)))));
}

/** That none is known is good news only where all that could tell of one was asked. */
function noIssues({clusters, missing = []}) {
    if (missing.length > 0) {
        return badge('unknown', `without the metrics of ${missing.map((one) => one.cluster)
            .join(', ')}`, 'none is known');
    }
    const isWatched = clusters.some((cluster) => cluster.components.some((component) => (
        ['healthy', 'degraded', 'unhealthy'].includes(component.state))));
    return isWatched ? badge('healthy', null, 'no issues') : badge('unknown', null, 'not known');
}

function proxiesTile(report, link) {
    const list = report?.proxies ?? [];
    if (list.length === 0) {
        return tile('proxies', 'Proxies connected',
            badge('unknown', 'no istiod lets the gateway read /debug/syncz', 'not known'), null);
    }
    const sum = (member) => list.reduce((total, one) => total + one[member], 0);
    const isPart = syncRows(report)
        .some((one) => one.slice || one.missingReplicas.length > 0);
    const [stale, rejecting] = [sum('stale'), sum('rejecting')];
    return tile('proxies', 'Proxies connected',
        h('a', {href: link({}), title: isPart ? 'some replicas did not tell' : null},
            `${isPart ? 'at least ' : ''}${sum('connected')}`), [
            rejecting > 0 ? badge('failing', null, `${rejecting} refuse something`) : null,
            stale > 0 ? badge('degraded', null, `${stale} wait`) : null,
            rejecting + stale === 0 ? badge('healthy', null, 'all in sync') : null,
            isPart ? badge('unknown', null, 'not all are known') : null,
        ]);
}

function certificatesTile(data, link) {
    if (!data) {
        return tile('certificates', 'First CA or server to end', badge('unknown', null,
            'not known'), null);
    }
    const first = firstToEnd(data.certificates);
    const counts = data.totals?.severities ?? {};
    return tile('certificates', 'First CA or server to end',
        first ? h('a', {href: link({tab: 'certificates', q: first.subject ?? first.instance}),
            title: `${first.subject ?? first.kind} in ${first.cluster}: ${first.why}`},
        badge(severities[first.severity] ?? 'unknown', null, remaining(first)))
            : badge('unknown', 'no source tells of one', 'none is known'),
        Object.keys(severities).filter((severity) => counts[severity] > 0
            && severity !== 'ok').map((severity) => h('a', {
            href: link({tab: 'certificates', severity}),
        }, badge(severities[severity], null, `${counts[severity]} ${severity}`))));
}

/** The certificate that ends first, of those that nothing renews every few hours. */
function firstToEnd(certificates) {
    return certificates.filter((one) => !isWorkload(one)).reduce((first, one) => (
        !first || one.remainingSeconds < first.remainingSeconds ? one : first), null);
}

/** What a certificate has left; where it is only known that it may have ended, that is said. */
export function remaining({remainingSeconds, expiry, expiryEarliest}) {
    if (remainingSeconds <= 0) return `ended ${duration(-remainingSeconds)} ago`;
    if (expiryEarliest === null) return `under ${duration(remainingSeconds)}, or ended`;
    return expiryEarliest < expiry ? `at most ${duration(remainingSeconds)}`
        : duration(remainingSeconds);
}
