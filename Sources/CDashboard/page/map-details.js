// The panel beside the map: all that is known of one edge or one node.

import {h} from './dom.js';
import * as format from './format.js';
import {changeText, kindWords, rateText} from './map-reading.js';
import {seenBy} from './map-table.js';
import {badge, severity} from './status.js';

/**
 * What the panel shows of an edge.
 *
 * @param {Object} edge
 * @param {Map<string, Object>} nodes
 * @param {{links: Object, pick: Function}} page
 */
export function edgeDetails(edge, nodes, page) {
    const [source, destination] = [nodes.get(edge.source), nodes.get(edge.destination)];
    const {traffic} = edge;
    return [
        h('h2', null, nodeButton(source, edge.source, page), h('span.muted', null, ' → '),
            nodeButton(destination, edge.destination, page)),
        h('p.row.small', null, badge(edge.health.status),
            edge.crossesClusters ? h('span.tag.crossing-tag', null, 'across clusters') : null,
            edge.protocols.map((one) => h('span.tag', null, one)),
            edge.members > 1 ? h('span.tag', null, format.counted(edge.members, 'edge')) : null),
        h('p.small', null, sentence(edge.health.because)),
        edge.change ? h('div.notice.small', null, h('strong', null, changeText(edge)),
            section('Before', [
                ['requests', known(edge.change.requestRateBefore, format.rate)],
                ['errors', known(edge.change.errorRatioBefore, format.ratio)],
            ])) : null,
        edge.incomplete ? h('p.notice.small.hatched', null, ended(edge.incomplete)) : null,
        section('Traffic', trafficFacts(traffic)),
        section('Latency', edge.latency ? [
            ['p50', format.milliseconds(edge.latency.p50)],
            ['p90', format.milliseconds(edge.latency.p90)],
            ['p95', format.milliseconds(edge.latency.p95)],
            ['p99', format.milliseconds(edge.latency.p99)],
        ] : [], whyNoLatency(edge)),
        section('Between the two', [
            ['seen by', seenBy(edge)],
            ['transit', known(edge.transit, format.milliseconds)],
            ['lost on the way', edge.loss ? `${format.rate(edge.loss.rate)} (${format.ratio(
                edge.loss.ratio)})` : null],
            ['evidence', edge.evidence?.join(' and ')],
            ['calls in traces', known(edge.calls, format.count)],
        ]),
        section('Mutual TLS', mutualTLSFacts(edge.mutualTLS)),
        section('Traffic shaping', shapingFacts(edge.shaping), edge.shaping
            ? `from ${edge.shaping.derivedFrom.replace('envoy', 'Envoy statistics')
                .replace('flags', 'response flags')}` : null),
        links(source, destination, page),
    ];
}

/** The gateway tells of edges that it joins, by their buckets; this page has none to join. */
function whyNoLatency(edge) {
    if (edge.latency || !(edge.traffic.requestRate > 0)) return null;
    return edge.isJoinedHere ? 'Open the box: percentiles cannot be joined.'
        : 'Not asked for: percentiles are those of the edges with the most requests.';
}

/** What the panel shows of a node. */
export function nodeDetails(node, graph, nodes, page) {
    const sorted = (edges) => edges.sort((a, b) =>
        severity[a.health.status] - severity[b.health.status]
        || (b.traffic.requestRate ?? 0) - (a.traffic.requestRate ?? 0));
    const incoming = sorted(graph.edges.filter((edge) => edge.destination === node.id));
    const outgoing = sorted(graph.edges.filter((edge) => edge.source === node.id));
    const isNamed = ['service', 'workload', 'app', 'versioned-app', 'gateway', 'waypoint']
        .includes(node.kind);
    return [
        h('h2', null, node.name || 'unknown'),
        h('p.row.small', null, badge(node.missing ? 'missing' : node.health.status),
            [node.cluster, node.namespace, node.version].filter(Boolean).map((text) =>
                h('span.tag', null, text)),
            node.kind === 'service' ? null : h('span.tag', null, kindWords[node.kind] ?? node.kind),
            (node.dialects ?? []).map((one) => h('span.tag', null, one))),
        h('p.small', {class: node.missing ? 'notice hatched' : null}, node.missing
            ? `${node.cluster} is missing: only what others say of this one is known.`
            : sentence(node.health.because)),
        node.incomplete && !node.missing
            ? h('p.notice.small.hatched', null, ended(node.incomplete)) : null,
        isNamed ? h('p.row', null,
            h('a', {href: page.links.service(node, {cluster: node.cluster})}, 'Signals'),
            h('a', {href: page.links.traces(node)}, 'Traces'),
            h('a', {href: page.links.around(node, node.id)}, 'Neighbours only')) : null,
        isNamed && !node.closedBox ? h('p.row', null,
            h('button', {type: 'button', onclick: () => page.pathFrom(node.id)}, 'Path from here'),
            h('button', {type: 'button', onclick: () => page.pathTo(node.id)}, 'Path to here'))
            : null,
        node.closedBox ? h('p', null, h('button', {type: 'button', onclick: () =>
            page.toggleBox(node.closedBox)}, 'Open the box')) : null,
        node.kind === 'collapsed' && !node.closedBox ? h('p', null,
            h('a', {href: page.links.inside(node)}, 'Show what is in it')) : null,
        section('Traffic in', trafficFacts(node.traffic.in)),
        section('Traffic out', trafficFacts(node.traffic.out)),
        node.workloads?.length > 0 ? section('Workloads',
            node.workloads.map((workload) => [workload, ''])) : null,
        edgeList('Called by', incoming, (edge) => edge.source, nodes, page),
        edgeList('Calls', outgoing, (edge) => edge.destination, nodes, page),
    ];
}

function nodeButton(node, id, page) {
    return h('button.quiet.name', {
        type: 'button', title: id, onclick: () => page.pick('node', id),
    }, node?.name ?? id, h('span.muted.small', null, ` ${node?.cluster ?? ''}`));
}

function edgeList(title, edges, other, nodes, page) {
    if (edges.length === 0) return null;
    return h('section', null, h('h3', null, title), h('ul.edge-list', null,
        edges.slice(0, 40).map((edge) => h('li', null, h('button.quiet', {
            type: 'button', onclick: () => page.pick('edge', edge.id),
        }, badge(edge.health.status, edge.health.because, nodes.get(other(edge))?.name
            ?? other(edge)), edge.crossesClusters ? h('span.tag.crossing-tag', null,
            nodes.get(other(edge))?.cluster ?? 'across') : null),
        h('span.muted.small.number', null, `${rateText(edge.traffic)} · ${format.ratio(
            edge.traffic.errorRatio)}`)))));
}

function section(title, facts, note = null) {
    const present = facts.filter(([, value]) => value !== null && value !== undefined);
    if (present.length === 0 && !note) return null;
    return h('section', null, h('h3', null, title),
        present.length > 0 ? h('dl.facts', null, present.map(([label, value]) =>
            [h('dt', null, label), h('dd', null, value)])) : null,
        note ? h('p.muted.small', null, note) : null);
}

function trafficFacts(traffic) {
    if (!traffic) return [];
    const {http, grpc, tcp} = traffic;
    return [
        ['requests', known(traffic.requestRate, format.rate)],
        ['errors', known(traffic.errorRatio, format.ratio)],
        ...(http ? [
            ['HTTP', format.rate(http.rate)], ['HTTP 3xx', some(http['3xx'])],
            ['HTTP 4xx', some(http['4xx'])], ['HTTP 5xx', some(http['5xx'])],
            ['no response', some(http.noResponse)]] : []),
        ...(grpc ? [
            ['gRPC', format.rate(grpc.rate)], ['gRPC errors', some(grpc.errors)],
            ['no gRPC response', some(grpc.noResponse)]] : []),
        ...(tcp ? [
            ['TCP sent', known(tcp.sentRate, format.byteRate)],
            ['TCP received', known(tcp.receivedRate, format.byteRate)],
            ['connections', known(tcp.connectionRate, format.rate)]] : []),
    ];
}

function mutualTLSFacts(mutualTLS) {
    if (!mutualTLS) return [];
    return [
        ['of the traffic', mutualTLS.plaintext ? badge('degraded', null, 'plaintext')
            : known(mutualTLS.ratio, format.ratio)],
        ['from', shortPrincipals(mutualTLS.principals?.source)],
        ['to', shortPrincipals(mutualTLS.principals?.destination)],
        ['trust domains', mutualTLS.trustDomains?.length > 0
            ? mutualTLS.trustDomains.join(', ') : null],
    ];
}

function shortPrincipals(list) {
    if (!list || list.length === 0) return null;
    return h('span.mono', {title: list.join('\n')}, list.slice(0, 3).map((one) =>
        h('div', null, one.replace('spiffe://', ''))),
    list.length > 3 ? h('div.muted', null, `and ${list.length - 3} more`) : null);
}

function shapingFacts(shaping) {
    if (!shaping) return [];
    return [
        ['retries', known(shaping.retryRate, format.rate)],
        ['retries that end well', known(shaping.retrySuccessRatio, format.ratio)],
        ['retries without budget', some(shaping.retryOverflowRate)],
        ['tries for each request', known(shaping.retryAmplification, format.count)],
        ['timeouts', known(shaping.timeoutRate, format.rate)],
        ['circuit breaker trips', known(shaping.circuitBreakerTripRate, format.rate)],
        ['circuit breaker', typeof shaping.circuitBreakerOpen === 'boolean'
            ? (shaping.circuitBreakerOpen ? badge('failing', null, 'open') : 'closed') : null],
        ['outliers ejected', known(shaping.outlierEjections, format.count)],
        ['pool overflows', known(shaping.poolOverflowRate, format.rate)],
    ];
}

function links(source, destination, page) {
    if (!source || !destination) return null;
    return h('p.row', null,
        h('a', {href: page.links.pair(source, destination)}, 'Signals of this pair'),
        h('a', {href: page.links.traces(source)}, `Traces of ${source.name}`));
}

const known = (value, write) => (typeof value === 'number' ? write(value) : null);
const some = (value) => (value > 0 ? format.rate(value) : null);

/** A clause as a sentence. */
function sentence(text) {
    if (!text) return '';
    return ended(text[0].toUpperCase() + text.slice(1));
}

/** With its full stop. A name at the beginning keeps its small letter. */
const ended = (text) => (text.endsWith('.') ? text : `${text}.`);
