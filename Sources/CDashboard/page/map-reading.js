// Reads the graph: words, widths and classes of nodes and edges. No elements here.

import * as format from './format.js';
import {isSlight, severity} from './status.js';

/** What nodes that are no services are called. */
export const kindWords = {
    service: 'service', workload: 'workload', app: 'app', 'versioned-app': 'app version',
    gateway: 'gateway', waypoint: 'waypoint', passthrough: 'leaves the mesh unnamed',
    'black-hole': 'goes nowhere', external: 'outside the mesh', unknown: 'not known who',
    collapsed: 'collapsed',
};

/** What edges can be labelled with. */
export const labels = [
    ['auto', 'troubles'], ['rate', 'rate'], ['errors', 'errors'], ['p95', 'p95'],
    ['mtls', 'mutual TLS'], ['transit', 'transit'], ['none', 'nothing'],
];

/** What can be marked; all else is drawn faintly. */
export const marks = [
    ['', 'everything'], ['trouble', 'in trouble'], ['crossing', 'across clusters'],
    ['incomplete', 'seen by one side'], ['plaintext', 'not all mutual TLS'],
    ['shaped', 'retried, timed out, tripped'], ['critical', 'critical edges'],
];

/** What stands at the top of a box. */
export const boxTitle = (box) => (box.missing ? `${box.name} is missing` : box.name);

/** An edge's label, or ''. */
export function edgeLabel(edge, choice) {
    const {traffic} = edge;
    switch (choice) {
    case 'rate': return rateText(traffic);
    case 'errors': return traffic.errorRatio > 0 ? format.ratio(traffic.errorRatio) : '';
    case 'p95': return edge.latency ? format.milliseconds(edge.latency.p95) : '';
    case 'mtls': return isNumber(edge.mutualTLS?.ratio) ? format.ratio(edge.mutualTLS.ratio) : '';
    case 'transit': return isNumber(edge.transit) ? format.milliseconds(edge.transit) : '';
    case 'none': return '';
    default: return troubleLabel(edge);
    }
}

/** The label of an edge of the path that was asked for. */
export function pathLabel({traffic, latency}) {
    return [rateText(traffic), latency ? `p95 ${format.milliseconds(latency.p95)}` : null]
        .filter(Boolean).join(' · ');
}

function troubleLabel(edge) {
    if (edge.change) return changeText(edge);
    const {errorRatio} = edge.traffic;
    return ['degraded', 'failing'].includes(edge.health.status)
        && !isSlight(edge.health, errorRatio) ? format.ratio(errorRatio) : '';
}

/** What changed since the time compared with. */
export function changeText({change, traffic}) {
    switch (change?.kind) {
    case 'new': return '+ new';
    case 'vanished': return '× vanished';
    case 'changed': return `Δ ${changedValues(change, traffic)}`;
    default: return '';
    }
}

/** The error ratio before and after, or the rate where the ratio stayed. */
function changedValues(change, traffic) {
    const ratios = [change.errorRatioBefore, traffic.errorRatio].map(format.ratio);
    return (ratios[0] === ratios[1]
        ? [format.rate(change.requestRateBefore), rateText(traffic)] : ratios).join(' → ');
}

/** Requests per second, or bytes per second where there are no requests. */
export function rateText(traffic) {
    if (traffic?.requestRate > 0) return format.rate(traffic.requestRate);
    if (traffic?.tcp) {
        return format.byteRate((traffic.tcp.sentRate ?? 0) + (traffic.tcp.receivedRate ?? 0));
    }
    return format.rate(traffic?.requestRate);
}

/** How thick an edge is drawn: by the size of its rate, tenfold by tenfold. */
export function edgeWidth(edge) {
    const rate = edge.traffic.requestRate ?? (edge.traffic.tcp
        ? (edge.traffic.tcp.sentRate + edge.traffic.tcp.receivedRate) / 10_000 : 0);
    return 1.2 + Math.min(4, Math.max(0, Math.log10((rate || 0) + 1)) * 1.25);
}

/** Whether an edge belongs to what is marked. */
export function isMarked(edge, mark, critical) {
    switch (mark) {
    case 'trouble': return ['degraded', 'failing'].includes(edge.health.status)
        && !isSlight(edge.health, edge.traffic.errorRatio);
    case 'crossing': return edge.crossesClusters;
    case 'incomplete': return Boolean(edge.incomplete) || edge.witnesses.length < 2;
    case 'plaintext': return edge.mutualTLS?.plaintext || edge.mutualTLS?.ratio < 0.9995;
    case 'shaped': return isShaped(edge.shaping);
    case 'critical': return critical.has(edge.id);
    default: return true;
    }
}

/** Whether retries, timeouts or circuit breakers have a part in an edge's traffic. */
function isShaped(shaping) {
    return ['retryRate', 'timeoutRate', 'circuitBreakerTripRate', 'circuitBreakerOpen',
        'outlierEjections', 'poolOverflowRate'].some((name) => shaping?.[name] > 0);
}

/** The state that a node is drawn with. */
export const nodeStatus = (node) => (node.missing ? 'missing' : node.health.status);

/** The traffic that says how much a node does: what comes in, or what goes out of a source. */
export function ownTraffic(node) {
    const incoming = node.traffic.in;
    const hasIncoming = incoming?.requestRate > 0 || incoming?.tcp;
    return hasIncoming ? incoming : node.traffic.out ?? incoming;
}

/** The second line of a node, not longer than so many characters. */
export function nodeLine(node, boxing, characters) {
    if (node.missing) return 'missing';
    const traffic = ownTraffic(node);
    const parts = [rateText(traffic)];
    if (traffic?.errorRatio > 0) parts.push(format.ratio(traffic.errorRatio));
    if (node.kind === 'collapsed') parts.unshift(format.counted(node.collapsed, 'node'));
    else if (!['service', 'workload', 'app', 'versioned-app'].includes(node.kind)) {
        parts.push(node.kind);
    }
    if (node.version) parts.unshift(node.version);
    if (boxing === 'none') parts.unshift(node.cluster);
    else if (boxing !== 'namespace') parts.push(node.namespace);
    return fitted(parts.filter(Boolean), characters);
}

/** As many of the parts as fit. */
function fitted(parts, characters) {
    let text = parts[0] ?? '';
    for (const part of parts.slice(1)) {
        if (text.length + part.length + 3 > characters) break;
        text += ` · ${part}`;
    }
    return text;
}

/** A name, cut where it is too long. */
export function shortened(name, characters) {
    return name.length <= characters ? name : `${name.slice(0, Math.max(3, characters - 1))}…`;
}

/** A node in one sentence: for screen readers and tooltips. */
export function nodeSentence(node) {
    const place = [node.namespace, node.cluster].filter(Boolean).join(' in ');
    if (node.missing) return `${node.name}, ${place}: its cluster is missing`;
    const because = node.health.because.replace(/\.$/, '');
    return `${node.name}, ${place}: ${node.health.status}, ${because}. `
        + `In ${rateText(node.traffic.in)}, out ${rateText(node.traffic.out)}.`;
}

/** An edge in one sentence. */
export function edgeSentence(edge, nodes) {
    const name = (id) => nodes.get(id)?.name ?? id;
    const parts = [`${name(edge.source)} calls ${name(edge.destination)}`,
        `${rateText(edge.traffic)}, ${format.ratio(edge.traffic.errorRatio)} errors`];
    if (edge.latency) parts.push(`p95 ${format.milliseconds(edge.latency.p95)}`);
    if (edge.crossesClusters) parts.push('across clusters');
    const sentence = `${parts.join(', ')}.`;
    return edge.incomplete ? `${sentence} ${edge.incomplete}` : sentence;
}

/** The nodes whose name, namespace or cluster holds all words that are looked for; null for no
 * search. */
export function found(nodes, search) {
    const words = (search ?? '').toLowerCase().split(/[\s/]+/).filter(Boolean);
    if (words.length === 0) return null;
    return new Set(nodes.filter((node) => {
        const text = [node.name, node.namespace, node.cluster, ...(node.workloads ?? [])]
            .join(' ').toLowerCase();
        return words.every((word) => text.includes(word));
    }).map((node) => node.id));
}

/** The worse of two judgements. */
export function worse(a, b) {
    return severity[a.status] <= severity[b.status] ? a : b;
}

const isNumber = (value) => typeof value === 'number';

/** How much of the mesh the picture shows, and what is drawn as one. */
export function inSummary(graph, parameters) {
    const {totals} = graph;
    const parts = [nodesInSummary(graph, parameters)];
    parts.push(totals.shownEdges < totals.edges
        ? `${format.counted(totals.edges, 'edge')} as ${format.whole(totals.shownEdges)}`
        : format.counted(totals.edges, 'edge'));
    const busy = graph.edges.filter((edge) => edge.traffic.requestRate > 0);
    const timed = busy.filter((edge) => edge.latency);
    if (timed.length > 0 && timed.length < busy.length) {
        parts.push(`percentiles of the ${format.whole(timed.length)} busiest`);
    }
    parts.push(`${format.rate(totals.requestRate)} with ${format.ratio(totals.errorRatio)} errors`);
    parts.push(`at ${format.time(graph.time, {withSeconds: true})}`);
    return parts.join(' · ');
}

function nodesInSummary({nodes, totals}, {collapse}) {
    const groups = nodes.filter((node) => node.kind === 'collapsed');
    const joined = groups.reduce((sum, node) => sum + node.collapsed, 0);
    if (joined === 0) return format.counted(totals.nodes, 'node');
    const each = collapse === 'cluster' ? 'cluster' : collapse === 'namespace'
        && groups.some((node) => !node.namespace) ? 'namespace or cluster' : 'namespace of a cluster';
    const rest = `${format.whole(joined)} drawn as ${format.whole(groups.length)}, `
        + `one for each ${each}`;
    // What is collapsed by hand is not what the busiest have left.
    return collapse && collapse !== 'none' ? `${format.counted(totals.nodes, 'node')}: ${rest}`
        : `${format.whole(nodes.length - groups.length)} of `
            + `${format.counted(totals.nodes, 'node')} by themselves, the other ${rest}`;
}
