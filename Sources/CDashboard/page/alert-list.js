// Alerts and rules as lists.

import {findingsOf, lintKinds, serviceOf, uncertainty} from './alert-facts.js';
import {h} from './dom.js';
import {ago, count, duration, epoch, fullTime} from './format.js';
import {badge} from './status.js';
import {makeTable} from './table.js';

const mostAtOnce = 60;

/**
 * A group of alerts.
 *
 * @param {string} name
 * @param {Object[]} alerts of `alertsOf`
 * @param {function(string, Object): string} link the address of a view
 */
export function alertGroup(name, alerts, link) {
    const list = h('ul.alerts', null,
        alerts.slice(0, mostAtOnce).map((alert) => alertItem(alert, link)));
    const rest = alerts.slice(mostAtOnce);
    const more = rest.length === 0 ? null : h('button.quiet', {
        type: 'button', onclick: () => {
            list.append(...rest.map((alert) => alertItem(alert, link)));
            more.remove();
        },
    }, `Show the other ${rest.length}`);
    const firing = alerts.filter((alert) => alert.state === 'firing').length;
    return h('section.panel.alert-group', {data: {group: name}},
        h('h2', null, name, h('span.muted.small', null,
            [firing > 0 ? `${firing} firing` : '',
                alerts.length > firing ? `${alerts.length - firing} pending` : '']
                .filter(Boolean).join(', '))),
        list, more);
}

function alertItem(alert, link) {
    const {annotations, labels, rule} = alert;
    const because = uncertainty(alert);
    const service = serviceOf(labels);
    return h('li.alert', {
        data: {alert: alert.name, state: alert.state, certainty: alert.certainty,
            missing: String(alert.certainty !== 'certain')},
    },
    h('div.state', null, badge(alert.state)),
    h('div', null, h('span.name', null, alert.name),
        annotations.summary ? h('span.said', null, annotations.summary) : null),
    h('div.since', {title: fullTime(alert.since)}, `for ${duration(Math.max(0, Date.now() / 1000 - alert.since))}`),
    because ? h('div.held', {data: {cell: 'held'}}, because) : null,
    h('div.labels', null,
        h('span.tag', {title: alert.value, data: {cell: 'value'}},
            `value ${count(Number(alert.value))}`),
        Object.entries(labels).filter(([name]) => !['alertname', 'severity'].includes(name))
            .map(([name, value]) => h('span.tag', {title: `${name}=${value}`},
                `${name}=${value}`))),
    h('details', null, h('summary', null, 'More'),
        annotations.description ? h('p', null, annotations.description) : null,
        h('pre.query-text', null, rule.query),
        h('div.chips', null,
            h('a', {href: link('query', {expr: rule.query, tab: 'plot'})}, 'Query'),
            service ? h('a', {href: link('service', {name: service})}, service) : null,
            runbook(annotations.runbook_url),
            h('span.muted', null, `value ${alert.value}, since ${fullTime(alert.since)}`))));
}

/** A link only where it is one: an annotation is text that somebody wrote. */
function runbook(text) {
    if (!text) return null;
    return /^https?:\/\//.test(text)
        ? h('a', {href: text, rel: 'noreferrer', target: '_blank'}, 'Runbook')
        : h('span.muted', null, `runbook: ${text}`);
}

/**
 * A group of rules.
 *
 * @param {Object} group
 * @param {Object[]} rules those of it that are shown
 * @param {function(string, Object): string} link
 */
export function ruleGroup(group, rules, link) {
    return h('section.panel.alert-group', {data: {group: group.name}},
        h('h2', null, group.name, h('span.muted.small', null,
            `${group.file.split('/').pop()}, every ${duration(group.interval)}`)),
        h('ul.alerts', null, rules.map((rule) => ruleItem(rule, link))));
}

function ruleItem(rule, link) {
    const missing = rule.federation?.missing ?? [];
    const evaluated = epoch(rule.lastEvaluation);
    return h('li.rule', {data: {rule: rule.name, state: rule.state ?? rule.type}},
        h('div.state', null, ruleState(rule)),
        h('div.name', null, rule.name),
        h('div.since', {title: fullTime(evaluated)},
            // Go's zero time stands for never.
            evaluated > 0 ? `${ago(evaluated)}, in ${duration(rule.evaluationTime)}`
                : 'not evaluated yet'),
        h('code.rule-query', null, rule.query),
        rule.lastError ? h('div.held', {data: {cell: 'error'}}, rule.lastError) : null,
        missing.length > 0 ? h('div.held', {data: {cell: 'missing', missing: 'true'}},
            `Evaluated without ${missing.map((one) => one.cluster).join(', ')}.`,
            rule.federation.held > 0 ? ` ${rule.federation.held} alerts are held.` : '') : null,
        lintList(findingsOf(rule)),
        h('details', null, h('summary', null, 'Terms'), h('dl.fields', null, terms(rule)),
            h('a', {href: link('query', {expr: rule.query})}, 'Query')));
}

function ruleState(rule) {
    if (rule.health === 'err') return badge('failing', rule.lastError, 'error');
    if (rule.type === 'recording') return badge('idle', 'a recording rule', 'records');
    return rule.state === 'inactive' ? badge('healthy', null, 'inactive') : badge(rule.state);
}

function terms(rule) {
    const policy = rule.federation?.policy;
    return [
        ['for', rule.duration === undefined ? null : duration(rule.duration)],
        ['keep firing for', rule.keepFiringFor ? duration(rule.keepFiringFor) : null],
        ['labels', Object.entries(rule.labels ?? {}).map(([name, value]) => `${name}=${value}`)
            .join(', ') || null],
        ['while clusters are missing', policy ? `${policy.onPartial}; partial grace `
            + `${duration(policy.partialGrace)}, at most ${duration(policy.maxHold)}, `
            + `then ${policy.afterHold}` : null],
        ['about clusters', policy?.clusters?.join(', ') ?? null],
    ].filter(([, value]) => value !== null)
        .map(([name, value]) => [h('dt', null, name), h('dd', null, value)]);
}

function lintList(findings) {
    return findings.length === 0 ? null : h('ul.lint', null, findings.map((finding) => {
        const [words, isPartly] = lintKinds[finding.kind] ?? [finding.kind, false];
        return h('li', {class: isPartly ? 'partly' : '', data: {lint: finding.kind}},
            h('strong', null, `${words}: `), finding.message);
    }));
}

/**
 * All findings of the linter.
 *
 * @param {Object} memory see `makeTable`
 * @param {{rule: Object, group: Object, finding: Object}[]} findings
 */
export function lintTable(memory, findings) {
    const table = makeTable([
        {
            name: 'kind', label: 'finding', isHeader: true,
            value: (row) => `${isPartly(row) ? 1 : 0} ${row.finding.kind}`,
            cell: (row) => h('span', {data: {lint: row.finding.kind, cell: 'kind'}},
                badge(isPartly(row) ? 'unknown' : 'degraded', null,
                    lintKinds[row.finding.kind]?.[0] ?? row.finding.kind)),
        },
        {name: 'rule', label: 'rule', value: (row) => row.rule.name},
        {name: 'group', label: 'group', value: (row) => row.group.name},
        {name: 'message', label: 'what was found', value: (row) => row.finding.message},
    ], {sortedBy: 'kind', descending: false, memory, empty: 'Nothing was found: what the rules ask '
        + 'for exists in all clusters.'});
    table.show(findings);
    return h('section.panel', {data: {lints: String(findings.length)}}, table.element);
}

const isPartly = (row) => lintKinds[row.finding.kind]?.[1] ?? false;
