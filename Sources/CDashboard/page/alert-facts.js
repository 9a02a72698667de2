// What rules and alerts mean, out of `/api/v1/rules`.

import {duration, epoch, time} from './format.js';

/** The worst first; severities that are not here come before `none`, in the order of letters. */
const severities = ['critical', 'page', 'error', 'high', 'warning', 'info'];

/** What the linter's kinds say, and whether a rule still works in some clusters. */
export const lintKinds = {
    missing_metric: ['No cluster has the metric', false],
    partly_missing_metric: ['Some clusters lack the metric', true],
    missing_label: ['No series has the label', false],
    partly_missing_label: ['Some clusters lack the label', true],
    missing_series: ['No series meets the conditions', false],
    retired_metric: ['The metric is given no longer', false],
    mixed_units: ['Units do not fit', false],
    quantile_out_of_range: ['A quantile outside of 0 to 1', false],
    bare_counter: ['A counter’s bare value', false],
    never_true: ['It can never fire', false],
    always_true: ['It always fires', false],
};

/**
 * All alerts of all rules, each with its rule.
 *
 * @param {Object[]} groups
 * @returns {{labels: Object, annotations: Object, state: string, since: number, value: string,
 *     name: string, severity: string, cluster: string, certainty: string,
 *     missing: {cluster: string, since: string}[], heldSince: number|null, rule: Object,
 *     text: string}[]}
 */
export function alertsOf(groups) {
    return groups.flatMap((group) => group.rules.flatMap((rule) => (
        (rule.alerts ?? []).map((alert) => ({
            ...alert, rule, since: epoch(alert.activeAt),
            name: alert.labels.alertname ?? rule.name,
            severity: alert.labels.severity ?? 'none', cluster: alert.labels.cluster ?? '',
            certainty: alert.federation?.certainty ?? 'certain',
            missing: alert.federation?.missing ?? [],
            heldSince: epoch(alert.federation?.heldSince),
            text: JSON.stringify([alert.labels, alert.annotations]).toLowerCase(),
        })))));
}

/** Those of the alerts that were asked for. */
export function chosen(alerts, {words = '', state = ''}) {
    const all = words.toLowerCase().split(/\s+/).filter(Boolean);
    return alerts.filter((alert) => (state === '' || state === alert.state
        || (state === 'uncertain' && alert.certainty !== 'certain'))
        && all.every((word) => alert.text.includes(word)));
}

/**
 * Alerts in groups, the worst first.
 *
 * @param {'severity'|'cluster'|'rule'} by
 * @returns {[string, Object[]][]}
 */
export function grouped(alerts, by) {
    const groups = new Map();
    for (const alert of alerts) {
        const name = by === 'cluster' ? alert.cluster || 'the fleet as a whole'
            : by === 'rule' ? alert.name : alert.severity;
        if (!groups.has(name)) groups.set(name, []);
        groups.get(name).push(alert);
    }
    for (const group of groups.values()) group.sort(worstFirst);
    const order = by === 'severity' ? ([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1)
        : ([, a], [, b]) => worstFirst(a[0], b[0]) || b.length - a.length;
    return [...groups].sort(order);
}

function worstFirst(a, b) {
    const stateRank = (alert) => (alert.state === 'firing' ? 0 : 1);
    return stateRank(a) - stateRank(b) || rank(a.severity) - rank(b.severity)
        || (b.since ?? 0) - (a.since ?? 0);
}

function rank(severity) {
    const place = severities.indexOf(severity);
    if (place >= 0) return place;
    return severity === 'none' ? severities.length + 1 : severities.length;
}

/** Why an alert is not certain, as a sentence; null where it is. */
export function uncertainty(alert) {
    if (alert.certainty === 'certain') return null;
    const names = alert.missing.map((one) => (
        `${one.cluster} (missing since ${time(epoch(one.since))})`)).join(', ');
    const who = names || 'clusters that do not answer';
    if (alert.certainty === 'partial') {
        return `Judged without ${who}: what is missing could move it either way.`;
    }
    const policy = alert.rule.federation?.policy;
    const end = policy ? `, for ${duration(policy.maxHold)} at most, then it is `
        + `${policy.afterHold === 'resolve' ? 'resolved' : 'kept, and holds up no other'}` : '';
    return `Held since ${time(alert.heldSince)} by ${who}: `
        + `missing data alone does not end or begin it${end}.`;
}

/** How many findings of the linter a rule has. */
export const findingsOf = (rule) => rule.federation?.lint ?? [];

/** The service that an alert is about, as the address names it; null where no label says. */
export function serviceOf(labels) {
    const name = labels.destination_service_name ?? labels.service_name;
    const namespace = labels.destination_service_namespace ?? labels.namespace;
    if (name && namespace) return `${namespace}/${name}`;
    const host = /^([^.]+)\.([^.]+)\.svc(\.|$)/.exec(labels.destination_service ?? '');
    return host ? `${host[2]}/${host[1]}` : null;
}
