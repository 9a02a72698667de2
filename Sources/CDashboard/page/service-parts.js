// What a service's view tells beside the plots: its clusters, traffic shaping, mutual TLS.

import {clusterChip} from './cluster-tones.js';
import {h} from './dom.js';
import {ratio, unknownText} from './format.js';
import {healthOf} from './overview-reading.js';
import {makeTable} from './table.js';
import {
    limitSign, serviceName, signalEvidence, signalGroups, signalLabel, signalRemark, signalText,
    signalValue,
} from './signal-words.js';

/** A signal's value in a cell; what it was derived from is in its title. */
export function signalCell(subject, signal, units) {
    const value = signalValue(subject, signal);
    return h('span', {
        class: value === null ? 'not-known' : '', title: signalRemark(subject, signal),
        data: {cell: signal, missing: String(value === null)},
    }, value === null ? '' : limitSign(subject, signal), signalText(signal, value, units));
}

/** The latest values in large figures; sums without a cluster say so. */
export function figures(subject, units) {
    const shown = ['requestRate', 'errorRatio', 'latencyP50', 'latencyP95', 'latencyP99',
        'mutualTLSRatio', 'retryRate', 'proxyCPU'];
    const missing = subject.missing ?? [];
    const health = healthOf(subject);
    const remark = missing.length > 0 ? h('p.notice.hatched', {data: {missing: 'true'}},
        h('span', null, `These numbers are without ${missing.join(', ')}.`)) : null;
    return [remark, h('div.figures', null, shown.map((signal) => {
        const value = signalValue(subject, signal);
        const status = signal === 'errorRatio' && !health.isSlight ? health.status : '';
        return h('div.panel.figure-tile', {
            data: {cell: signal, missing: String(value === null)},
            title: signalRemark(subject, signal),
        }, h('div.label', null, signalLabel(signal)),
        h('div.figure', {class: status}, signalText(signal, value, units)));
    }))];
}

/**
 * The service in each cluster; clusters that did not answer have a row that says so.
 *
 * @param {Object} data of `/mesh/v1/signals`
 * @param {Object[]} parts the service in each cluster
 * @param {Object} options
 * @param {string[]} options.missing clusters that may have a part in it
 * @param {function(string): number|string} options.toneOf a cluster's colour
 * @param {Object} options.memory see `makeTable`
 */
export function clusterTable(data, parts, {missing, toneOf, memory}) {
    const clusters = new Map(data.clusters.map((cluster) => [cluster.cluster, cluster]));
    const absent = missing.filter((name) => !parts.some((part) => part.cluster === name))
        .map((cluster) => ({cluster, signals: {}, dialects: []}));
    const reasonOf = (name) => clusters.get(name)?.missing ?? null;
    const numbers = [...signalGroups.golden, 'proxyCPU', 'proxyMemory', 'connectionPoolUse'];
    const table = makeTable([
        {
            name: 'cluster', label: 'cluster', isHeader: true, value: (row) => row.cluster,
            cell: (row) => [clusterChip(row.cluster, toneOf),
                missing.includes(row.cluster) ? h('div.held.small', {data: {missing: 'true'}},
                    reasonOf(row.cluster) ?? 'did not answer') : null],
        },
        ...numbers.map((signal) => ({
            name: signal, label: signalLabel(signal), isNumber: true,
            value: (row) => signalValue(row, signal),
            cell: (row) => signalCell(row, signal, data.units),
        })),
        {
            name: 'dialects', label: 'mesh', value: (row) => (row.dialects ?? []).join(', '),
            cell: (row) => [(row.dialects ?? []).join(', ') || unknownText,
                clusters.get(row.cluster)?.recorded ? h('span.muted.small', {
                    title: 'read from rules that the cluster records'}, ' recorded') : null],
        },
    ], {sortedBy: 'cluster', descending: false, memory, key: (row) => row.cluster,
        empty: 'No cluster knows this service.'});
    table.show([...parts, ...absent]);
    return table.element;
}

/** Retries, timeouts, breakers, ejections: each signal in each cluster, and its evidence. */
export function shapingTable(data, whole, parts, toneOf) {
    const subjects = [whole, ...parts].filter(Boolean);
    const table = makeTable([
        {name: 'signal', label: '', isHeader: true, cell: (signal) => signalLabel(signal)},
        ...subjects.map((subject) => ({
            name: subject.cluster ?? 'all', isNumber: true,
            label: subject.cluster ? clusterChip(subject.cluster, toneOf) : 'all',
            cell: (signal) => signalCell(subject, signal, data.units),
        })),
        {
            name: 'evidence', label: 'derived from', cell: (signal) => h('span.evidence', {
                data: {cell: 'derivedFrom'},
            }, evidenceOver(subjects, signal) || unknownText),
        },
    ], {key: (signal) => signal});
    table.show(signalGroups.shaping);
    return table.element;
}

/** What a signal was derived from: once where all clusters say the same. */
function evidenceOver(subjects, signal) {
    const whole = subjects.filter((subject) => subject.cluster === null);
    const parts = subjects.filter((subject) => subject.cluster !== null);
    const own = new Set((parts.length > 0 ? parts : whole)
        .map((subject) => signalEvidence(subject, signal)).filter(Boolean));
    return own.size > 0 ? [...own].join('; ') : signalEvidence(whole[0], signal);
}

/**
 * How a service's traffic is secured.
 *
 * @param {Object} subject
 * @param {Object[]} parts the service in each cluster
 * @param {{caller: Object, callee: Object, edge: Object}[]} edges its calls, in and out
 */
export function mutualTLSPart(subject, parts, edges, toneOf) {
    const security = subject.mutualTLS;
    const plain = edges.filter(({edge}) => edge.mutualTLS?.plaintext);
    const domains = security?.trustDomains ?? [];
    return h('div.pairs', null,
        h('div', null, h('h3', null, 'Share over mutual TLS'),
            h('dl.fields', null, [subject, ...parts.filter((part) => part !== subject)]
                .map((part) => [
                    h('dt', null,
                        part.cluster ? clusterChip(part.cluster, toneOf) : 'all clusters'),
                    h('dd', {data: {cell: 'mutualTLS',
                        missing: String((part.mutualTLS?.ratio ?? null) === null)}},
                    meter(part.mutualTLS?.ratio ?? null))]))),
        h('div', null, h('h3', null, 'Trust domains'), names(domains),
            domains.length > 1 ? h('p.section-note', null,
                'More than one: these meshes have to trust each other’s roots.') : null),
        h('div', null, h('h3', null, 'Principals of callers'),
            names(security?.principals?.source)),
        h('div', null, h('h3', null, 'Its own principals'),
            names(security?.principals?.destination)),
        h('div', null, h('h3', null, 'Edges with plaintext'), plain.length === 0
            ? h('p.muted', null, edges.length === 0 ? 'No edges are known.' : 'None is known.')
            : h('ul.principals', {data: {plaintext: String(plain.length)}},
                plain.map(({caller, callee, edge}) => h('li', null,
                    `${placeOf(caller)} → ${placeOf(callee)} (${ratio(edge.mutualTLS.ratio)} `
                    + 'secured)')))));
}

export const placeOf = (node) => `${node.cluster ?? 'unknown'}/${serviceName(node)}`;

function meter(share) {
    return [share === null ? null : h('span.meter', {'aria-hidden': 'true'},
        h('span', {style: {width: `${share * 100}%`}})), ratio(share)];
}

function names(list) {
    return !list || list.length === 0 ? h('p.muted', null, 'Not known.')
        : h('ul.principals', null, list.map((one) => h('li', null, one)));
}
