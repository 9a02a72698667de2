// The control planes of each cluster: their components with replicas, what is amiss, and where
// that is told.

import {clusterChip} from './cluster-tones.js';
import {counted as countedBy, keyOf, shapeOf, stateBadge, states} from './control-plane-facts.js';
import {historyStrip, selectorOf} from './control-plane-history.js';
import {evidenceList} from './control-plane-issues.js';
import {h} from './dom.js';
import {ago, counted, fullTime, milliseconds, unknownText} from './format.js';
import {glyph} from './status.js';
import {makeTable} from './table.js';

const mostGlyphs = 12;

/**
 * One cluster.
 *
 * @param {Object} cluster of `/mesh/v1/control-plane`
 * @param {Object} part
 * @param {Set<string>} part.open keys of components that are shown in full
 * @param {function(string): void} part.toggle opens or closes one
 * @param {Map<string, Object[]>} part.histories what is known of their past, see `askHistory`
 * @param {function(string): number|string} part.toneOf a cluster's colour
 * @param {boolean} part.isLooked whether there was a first look
 * @param {string|null} part.gap why its metrics were not asked; null where they were
 * @param {function(string, Object): string} part.link the address of a view
 */
export function clusterPanel(cluster, part) {
    const counts = countedBy(cluster.components, (component) => component.state);
    return h('section.panel.plane', {data: {cluster: cluster.cluster, state: cluster.state}},
        h('header.row.spread', null,
            h('h2.row', null, stateBadge(cluster.state), clusterChip(cluster.cluster, part.toneOf)),
            h('span.row.small', null, Object.keys(states).filter((state) => counts.has(state))
                .map((state) => stateBadge(state, `${counts.get(state)} ${state}`)),
            h('a', {href: part.link('alerts', {cluster: cluster.cluster})}, 'Alerts'))),
        part.gap ? h('p.held.plane-gap', {data: {missing: 'true'}},
            `Its metrics could not be asked: ${part.gap}. What only metrics tell is not known.`)
            : null,
        cluster.components.length === 0 ? h('p.nothing', {data: {cell: 'none'}}, part.isLooked
            ? ['Nothing is known of a control plane here: none is declared under ',
                h('code', null, 'control_plane:'), ' in the cluster’s file',
                part.gap ? '.' : ', and its metrics tell of none.'] : 'Not looked at yet.')
            : h('ul.components', null, cluster.components.map((component) => (
                componentItem(cluster.cluster, component, part)))));
}

function componentItem(cluster, component, part) {
    const key = keyOf(cluster, component);
    const isOpen = part.open.has(key);
    const [first, ...rest] = component.details;
    const versions = [...new Set(component.instances.map((one) => one.version).filter(Boolean))];
    return h('li.component', {data: {component: key, state: component.state}},
        h('button.component-head', {
            type: 'button', 'aria-expanded': String(isOpen), 'aria-label':
                `${component.component} of ${component.mesh} in ${cluster}: ${component.state}`,
            onclick: () => part.toggle(key),
        },
        h('span.state', null, stateBadge(component.state)),
        h('span.name', null, component.component, h('span.tag', null, component.mesh)),
        h('span.versions.muted.small', {title: versions.length > 1 ? 'versions differ' : null,
            class: versions.length > 1 ? 'differ' : null}, versions.join(', ')),
        replicaGlyphs(component.instances),
        h('span.said', null, first ?? unknownText),
        h('span.fold', {'aria-hidden': 'true'}, isOpen ? '▾' : '▸')),
        component.state === 'healthy' && !isOpen ? null : h('ul.component-details', null,
            rest.filter((text) => !first.includes(text)).map((text) => h('li', null, text))),
        isOpen ? componentBody(cluster, component, part) : null);
}

/** One shape for each replica, so that one sees how many of them are how. */
function replicaGlyphs(instances) {
    if (instances.length === 0) {
        return h('span.replicas.small.muted', null, 'by metrics alone');
    }
    const well = instances.filter((one) => one.state === 'healthy').length;
    return h('span.replicas.small', {
        title: instances.map((one) => `${one.instance}: ${one.state}`).join('\n'),
    }, instances.slice(0, mostGlyphs).map((one) => glyph(shapeOf(one.state))),
    h('span.muted', null, `${well} of ${instances.length}`));
}

function componentBody(cluster, component, part) {
    const selector = selectorOf(cluster, component);
    const key = keyOf(cluster, component);
    return h('div.component-body', null,
        h('div', {data: {place: key}}, historyStrip(part.histories.get(key))),
        component.instances.length > 0 ? replicaTable(component.instances) : null,
        component.instances.map(furtherFacts),
        component.unanswered?.length > 0 ? h('p.held', {data: {missing: 'true'}},
            `Not answered by metrics: ${component.unanswered.join(', ')}.`) : null,
        component.evidence.length > 0 ? h('div', null, h('h3', null, 'What tells of it'),
            evidenceList(component.evidence, part.link)) : null,
        h('p.chips.small', null,
            h('a', {href: part.link('alerts', {cluster, q: component.component})}, 'Its alerts'),
            h('a', {href: part.link('query', {tab: 'plot',
                expr: `mesh_control_plane_state{${selector}} == 1`})}, 'Its states over time'),
            h('a', {href: part.link('query', {tab: 'plot',
                expr: `mesh_control_plane_probe_duration_seconds{${selector}}`})},
            'How long its answers took')));
}

function replicaTable(instances) {
    const table = makeTable([
        {
            name: 'state', label: 'state', cell: (one) => [stateBadge(one.state),
                one.latestState && one.latestState !== one.state ? h('div.muted.small', {
                    title: 'a state changes when several looks in a row agree'},
                `now ${one.latestState}`) : null],
        },
        {name: 'instance', label: 'replica', isHeader: true,
            cell: (one) => h('code', null, one.instance)},
        {name: 'version', label: 'version', cell: (one) => one.version ?? unknownText},
        {name: 'details', label: 'says', cell: (one) => one.details.join('; ') || unknownText},
        {
            name: 'probes', label: 'asked', cell: (one) => h('ul.probes', null,
                one.probes.map(probeItem)),
        },
    ], {key: (one) => one.instance, limit: 20});
    table.show(instances);
    return table.element;
}

function probeItem(probe) {
    return h('li', {data: {probe: probe.probe, state: probe.state},
        title: `${probe.detail}\n${fullTime(probe.at)}`},
    stateBadge(probe.state, probe.path || probe.probe, probe.detail),
    h('span.muted', null, [probe.status ?? probe.problem ?? 'no answer',
        milliseconds(probe.latencyMilliseconds), ago(probe.at)].join(' · ')));
}

/** What single replicas know: servers of Consul, other clusters of istiod. */
function furtherFacts(instance) {
    const servers = instance.servers ?? [];
    const remotes = instance.remoteClusters ?? [];
    return [
        servers.length > 0 ? facts(`Servers, as ${instance.instance} knows them`, servers
            .map((server) => [server.healthy ? 'healthy' : 'unhealthy', server.name, [
                server.leader ? 'leads' : null, server.voter ? null : 'does not vote',
                server.version, server.serf].filter(Boolean).join(', ')])) : null,
        remotes.length > 0 ? facts(`Other clusters, as ${instance.instance} reads them`, remotes
            .map((remote) => [remote.state, remote.cluster, remote.status ?? ''])) : null,
    ];
}

function facts(title, rows) {
    return h('div', null, h('h3', null, title), h('ul.probes', null, rows.map(
        ([state, name, words]) => h('li', null, stateBadge(state, name),
            h('span.muted', null, words)))));
}

/** What the strip of clusters says when there are more than are shown. */
export const restOf = (count) => `Show ${counted(count, 'more cluster')}`;
