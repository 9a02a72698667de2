// Reads the answers that the overview shows. No elements here.

import {limitSign} from './signal-words.js';
import {isSlight, severity} from './status.js';

/** A signal's value at the end of the time, or null. */
export function valueOf(subject, signal) {
    return subject?.signals?.[signal]?.value ?? null;
}

/** The subjects of an answer by one of their members: `cluster`. */
export function signalsBy(data, member) {
    return new Map(data.subjects.map((subject) => [subject[member], subject]));
}

/**
 * How a service, a cluster or the mesh is doing, as the gateway judges it.
 *
 * @returns {{status: string, because: string, isSlight: boolean}}
 */
export function healthOf(subject) {
    const health = subject?.health ?? {status: 'unknown', because: 'Nothing tells of it.'};
    return {...health, isSlight: isSlight(health, valueOf(subject, 'errorRatio'))};
}

/** The worse first; what is degraded but slightly comes after what is more than that. */
export const rankOf = (health) => severity[health.status] + (health.isSlight ? 0.5 : 0);

/**
 * The services, worst first: by health, then by how many requests per second fail.
 *
 * @param {Object|null} data the answer of `/mesh/v1/signals?by=service`
 * @returns {{name: string, namespace: string, service: string, health: Object,
 *     rate: number|null, errorRatio: number|null, p95: number|null, p95Sign: string,
 *     missing: string[],
 *     dialects: string[], parts: {cluster: string, health: Object, errorRatio: number|null,
 *     rate: number|null}[]}[]|null}
 */
export function judgedServices(data) {
    if (!data) return null;
    const parts = new Map();
    for (const subject of data.subjects) {
        if (!subject.cluster) continue;
        const key = nameOf(subject);
        if (!parts.has(key)) parts.set(key, []);
        parts.get(key).push({
            cluster: subject.cluster, health: healthOf(subject),
            errorRatio: valueOf(subject, 'errorRatio'), rate: valueOf(subject, 'requestRate'),
        });
    }
    const whole = data.subjects.filter((subject) => !subject.cluster && subject.service);
    return whole.map((subject) => ({
        name: nameOf(subject), namespace: subject.namespace, service: subject.service,
        health: healthOf(subject), rate: valueOf(subject, 'requestRate'),
        errorRatio: valueOf(subject, 'errorRatio'), p95: valueOf(subject, 'latencyP95'),
        p95Sign: limitSign(subject, 'latencyP95'),
        missing: subject.missing ?? [], dialects: subject.dialects ?? [],
        parts: parts.get(nameOf(subject)) ?? [],
    })).sort((a, b) => rankOf(a.health) - rankOf(b.health)
        || (b.rate ?? 0) * (b.errorRatio ?? 0) - (a.rate ?? 0) * (a.errorRatio ?? 0)
        || (a.name < b.name ? -1 : 1));
}

const nameOf = ({namespace, service}) => (namespace ? `${namespace}/${service}` : service);

const severities = ['critical', 'page', 'error', 'warning', 'info'];

/**
 * Alerts, those of one rule together, the most severe first. What is only there to fire always
 * (severity none) is left out.
 *
 * @param {Object[]} alerts
 */
export function summarised(alerts) {
    const groups = new Map();
    for (const alert of alerts) {
        const level = alert.labels.severity ?? 'warning';
        if (level === 'none') continue;
        const name = alert.labels.alertname;
        const key = `${name}\n${level}\n${alert.state}`;
        const group = groups.get(key) ?? {
            name, severity: level, state: alert.state, alerts: [], held: 0, clusters: new Set(),
            since: null,
        };
        group.alerts.push(alert);
        const since = Date.parse(alert.activeAt) / 1000;
        if (Number.isFinite(since)) group.since = Math.min(group.since ?? since, since);
        if (alert.labels.cluster) group.clusters.add(alert.labels.cluster);
        if (alert.federation && alert.federation.certainty !== 'certain') group.held += 1;
        groups.set(key, group);
    }
    const rank = (group) => (group.state === 'firing' ? 0 : 100) + levelOf(group.severity);
    const list = [...groups.values()].sort((a, b) => rank(a) - rank(b)
        || b.alerts.length - a.alerts.length);
    const firing = list.filter((group) => group.state === 'firing');
    const sum = (some) => some.reduce((total, group) => total + group.alerts.length, 0);
    return {
        groups: list, firing: sum(firing), pending: sum(list) - sum(firing),
        critical: sum(firing.filter((group) => levelOf(group.severity) <= 2)),
        ofCluster: (name) => list.filter((group) => group.state === 'firing').flatMap((group) =>
            group.alerts).filter((alert) => alert.labels.cluster === name).length,
    };
}

function levelOf(name) {
    const level = severities.indexOf(name);
    return level < 0 ? severities.length : level;
}
