// The map's own controls. Like those of the bar they only show what the address says and change it.

import {sharedNow} from './address.js';
import {url} from './api.js';
import {fill, h} from './dom.js';
import {wantsPath} from './map-path.js';
import {labels, marks} from './map-reading.js';

const choices = [
    {name: 'view', label: 'Nodes', standard: 'service', options: [['service', 'services'],
        ['workload', 'workloads'], ['app', 'apps'], ['versioned-app', 'app versions']]},
    {name: 'box', label: 'Boxes', standard: 'cluster', options: [['cluster', 'clusters'],
        ['namespace', 'namespaces'], ['none', 'none']]},
    {name: 'collapse', label: 'Collapse', standard: 'none', options: [['none', 'nothing'],
        ['namespace', 'namespaces'], ['cluster', 'clusters']]},
    {name: 'mark', label: 'Mark', standard: '', options: marks},
    {name: 'compare', label: 'Compare', standard: '', options: [['', 'nothing'],
        ['10m', '10 min before'], ['1h', '1 h before'], ['6h', '6 h before'],
        ['1d', '1 day before'], ['7d', '7 days before']]},
];
const rarer = [
    {name: 'label', label: 'Label', standard: 'auto', options: labels},
    {name: 'from', label: 'From', standard: 'metrics', options: [['metrics', 'metrics'],
        ['traces', 'traces'], ['both', 'both, reconciled']]},
    {name: 'depth', label: 'Neighbours', standard: '1', options: [['1', '1 step'],
        ['2', '2 steps'], ['3', '3 steps'], ['5', '5 steps']]},
    {name: 'top', label: 'Busiest', standard: '500', options: [['100', '100 nodes'],
        ['250', '250 nodes'], ['500', '500 nodes'], ['1000', '1,000 nodes']]},
    {name: 'idle', label: 'Idle', standard: 'false', options: [['false', 'left out'],
        ['true', 'shown']]},
];

/** What holds where the address has no such parameter. */
export const standards = Object.fromEntries(
    [...choices, ...rarer].map(({name, standard}) => [name, standard]));

/** The parameters of `/mesh/v1/graph` for what the address says. */
export function question(parameters, context) {
    const time = context.time();
    const said = (name) => {
        const value = parameters[name] ?? standards[name];
        return value === standards[name] ? null : value;
    };
    return {
        view: parameters.view ?? standards.view, box: parameters.box ?? standards.box,
        collapse: said('collapse'), from: said('from'), compare: said('compare'), top: said('top'),
        idle: said('idle'), cluster: context.clusterParameter(), namespace: parameters.namespace,
        service: parameters.service, depth: parameters.service ? parameters.depth ?? 1 : null,
        range: time.window, time: time.isLive ? sharedNow() : time.end,
    };
}

/**
 * Builds the controls.
 *
 * @param {HTMLElement} root
 * @param {{context: Object, onSearch: (text: string) => void, onFound: () => void}} page
 */
export function makeToolbar(root, {context, onSearch, onFound}) {
    const search = h('input', {
        type: 'search', placeholder: 'Find in the map', 'aria-label': 'Find in the map',
        oninput: () => onSearch(search.value),
        onkeydown: (event) => {
            if (event.key === 'Enter') onFound();
        },
    });
    const pickers = [...choices, ...rarer].map((choice) => picker(choice, context));
    const options = h('div.map-options', null, pickers.slice(0, choices.length).map((one) =>
        one.element), more(pickers.slice(choices.length)));
    const toggle = h('button.map-options-toggle', {
        type: 'button', 'aria-expanded': 'false', onclick: () => {
            const isOpen = options.classList.toggle('is-open');
            toggle.setAttribute('aria-expanded', String(isOpen));
        },
    }, 'Options');
    const asMap = segment('Map', () => context.set({as: ''}));
    const asTable = segment('Table', () => context.set({as: 'table'}));
    const path = h('button', {
        type: 'button', title: 'How calls get from one node to another',
        onclick: () => context.set(path.getAttribute('aria-pressed') === 'true'
            ? {path: null, pathfrom: null, pathto: null} : {path: 'shortest', selected: null}),
    }, 'Path');
    const downloads = h('div.menu-body');
    const filters = h('span.row.map-filters');
    fill(root, options, h('div.map-first', null, search, toggle,
        h('span.segments', {role: 'group', 'aria-label': 'Show as'}, asMap, asTable), path,
        h('details.menu', null, h('summary', null, 'Take away'), downloads)), filters);
    return {show};

    function show(parameters, asked) {
        if (document.activeElement !== search) search.value = parameters.q ?? '';
        for (const one of pickers) one.show(parameters);
        const isTable = parameters.as === 'table';
        asMap.setAttribute('aria-pressed', String(!isTable));
        asTable.setAttribute('aria-pressed', String(isTable));
        path.setAttribute('aria-pressed', String(wantsPath(parameters)));
        fill(downloads, [['dot', 'Graphviz (DOT)'], ['mermaid', 'Mermaid'], ['svg', 'SVG picture'],
            ['json', 'JSON']].map(([form, words]) => h('a', {
            href: url('mesh/v1/graph', {...asked, format: form}), target: '_blank',
            rel: 'noopener',
        }, words)));
        fill(filters, ['service', 'namespace', 'closed'].filter((name) => parameters[name])
            .map((name) => h('button.chip', {
                type: 'button', title: 'Remove this', onclick: () => context.set({[name]: null}),
            }, `${name}: ${parameters[name]} ×`)));
        filters.hidden = filters.childElementCount === 0;
    }
}

function picker({name, label, standard, options}, context) {
    const select = h('select', {
        'aria-label': label, onchange: () => context.set({
            [name]: select.value === standard ? null : select.value}),
    }, options.map(([value, words]) => h('option', {value}, words)));
    const element = h('label.map-choice', null, h('span.muted.small', null, label), select);
    return {
        element, select,
        show(parameters) {
            const value = parameters[name] ?? standard;
            if (!options.some(([one]) => one === value)) select.append(h('option', {value}, value));
            select.value = value;
            element.classList.toggle('is-set', value !== standard);
        },
    };
}

function more(pickers) {
    return h('details.menu.map-more', null, h('summary', null, 'More'),
        h('div.menu-body', null, pickers.map((one) => one.element)));
}

function segment(words, onclick) {
    return h('button', {type: 'button', onclick}, words);
}
