// Reads what the gateway tells of control planes and certificates. States are the gateway's; here
// are only their shapes, and which of them somebody wants to see. The page never makes a state
// better than it was told: what it does not know it draws as not known.

import {badge} from './status.js';

/** The states of components, the worst first, each with its shape. */
export const states = {
    unhealthy: 'failing', unreachable: 'missing', degraded: 'degraded', unauthorized: 'unknown',
    unknown: 'unknown', healthy: 'healthy',
};

/** What is said of a state where one points at it. */
const meanings = {
    unhealthy: 'it answers, and says that it does not work',
    unreachable: 'it does not answer: it is gone, or the way to it is',
    degraded: 'it works, with something amiss',
    unauthorized: 'it answers, but not the gateway: nothing is known but that it is there',
    unknown: 'nothing tells how it does',
    healthy: 'it says that all is well',
};

/** The shape of a component's state. */
export const shapeOf = (state) => states[state] ?? 'unknown';

/** A component's state as shape and word. */
export function stateBadge(state, words = state in states ? state : 'unknown', because = null) {
    return badge(shapeOf(state), because ?? meanings[state] ?? meanings.unknown, words);
}

/** How bad a component's state is; the worst first. */
export const rankOf = (state) => (state in states ? Object.keys(states).indexOf(state)
    : Object.keys(states).indexOf('unknown'));

/** How near certificates' ends are, the worst first, each with its shape. */
export const severities = {
    expired: 'failing', critical: 'failing', warning: 'degraded', unknown: 'unknown', ok: 'healthy',
};

/** What an issue of configuration matters, the worst first. */
export const issueShapes = {critical: 'failing', warning: 'degraded', info: 'idle'};

/** Names a component in the address: `eu-1/istio/istiod`. */
export const keyOf = (cluster, component) => (
    `${cluster}/${component.mesh}/${component.component}`);

/**
 * What the proxies of each istiod have, and those istiods of whose proxies nothing is known.
 *
 * @returns {Object[]} rows of `proxies`; of the latter `connected` is null
 */
export function syncRows({clusters, proxies}) {
    const known = new Set(proxies.map((row) => keyOf(row.cluster, row)));
    const blind = clusters.flatMap(({cluster, components}) => components
        .filter((component) => component.mesh === 'istio' && component.instances.length > 0
            && !known.has(keyOf(cluster, component)))
        .map(({mesh, component, instances}) => ({
            cluster, mesh, component, connected: null, stale: null, rejecting: null, slice: false,
            missingReplicas: instances.map((one) => one.instance), versions: [],
        })));
    return [...proxies, ...blind];
}

/** How many of some things are in each state, those that there are. */
export function counted(list, stateOf) {
    const counts = new Map();
    for (const one of list) counts.set(stateOf(one), (counts.get(stateOf(one)) ?? 0) + 1);
    return counts;
}

/** The words that somebody looks for. */
export const wordsOf = (text) => (text ?? '').toLowerCase().split(/\s+/).filter(Boolean);

const holdsAll = (words, texts) => {
    const text = texts.filter(Boolean).join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
};

/**
 * The clusters with those of their components that are wanted. A cluster of which nothing is known
 * has none, and stays where its own state is wanted.
 *
 * @param {Object[]} clusters of `/mesh/v1/control-plane`
 * @param {{words: string[], state: string, mesh: string}} wanted '' for all
 */
export function chosenClusters(clusters, {words, state, mesh}) {
    const isAll = words.length === 0 && !state && !mesh;
    if (isAll) return clusters;
    return clusters.map((cluster) => ({
        ...cluster, components: cluster.components.filter((component) => (
            (!state || component.state === state) && (!mesh || component.mesh === mesh)
            && holdsAll(words, [cluster.cluster, component.component, component.mesh,
                component.state, ...component.details, ...component.instances.flatMap(
                    (instance) => [instance.instance, instance.version, ...instance.details])]))),
        wasEmpty: cluster.components.length === 0,
    })).filter((cluster) => cluster.components.length > 0
        || (cluster.wasEmpty && !mesh && (!state || cluster.state === state)
            && holdsAll(words, [cluster.cluster, cluster.state])));
}

/** The issues that are wanted. */
export function chosenIssues(issues, {words, severity, mesh}) {
    return issues.filter((issue) => (!severity || issue.severity === severity)
        && (!mesh || issue.mesh === mesh) && holdsAll(words, [issue.cluster, issue.kind,
        issue.mesh, issue.component, issue.subject, issue.detail, issue.meaning]));
}

/** The certificates that are wanted. */
export function chosenCertificates(certificates, {words, severity, mesh, kind, source}) {
    return certificates.filter((one) => (!severity || one.severity === severity)
        && (!mesh || one.mesh === mesh) && (!kind || one.kind === kind)
        && (!source || one.source === source) && holdsAll(words, [one.cluster, one.subject,
        one.issuer, one.trustDomain, one.instance, one.kind, one.why]));
}

/** Whether a certificate is a workload's: those live for hours, all others for months. */
export const isWorkload = (certificate) => certificate.kind === 'workload';

/**
 * The part of its life that a certificate has left, from 0 to 1; null where it is not told when it
 * began, or not exactly when it ends.
 */
export function shareLeft({lifetimeSeconds, remainingSeconds}) {
    return lifetimeSeconds > 0
        ? Math.min(1, Math.max(0, remainingSeconds / lifetimeSeconds)) : null;
}

/** The values of some member that there are, in order. */
export const valuesOf = (list, member) => (
    [...new Set(list.map((one) => one[member]).filter(Boolean))].sort());
