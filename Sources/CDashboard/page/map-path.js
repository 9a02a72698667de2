// How calls get from one node of the map to another: the form that asks, and the calls of the path
// one by one. Both ends are in the address, so that a link shows the same path to a colleague.

import {GatewayError} from './api.js';
import {fill, h} from './dom.js';
import * as format from './format.js';
import {badge} from './status.js';

/** Parameters of the address that are about the path. */
export const pathParameters = ['pathfrom', 'pathto', 'path'];

/** Whether the address wants the path, or the form that asks for it. */
export const wantsPath = (parameters) => pathParameters.some((name) => parameters[name]);

/** The two nodes that the address names, as one text. */
const endsOf = ({pathfrom, pathto}) => JSON.stringify([pathfrom, pathto]);

/** The path that is shown, and its part of the panel. */
export class MapPath {
    #context;
    #asked = '';
    // What the gateway says of the path between two nodes, and of which two.
    #answer = null;
    #answeredEnds = '';
    #failure = '';
    #shownEnds = '';
    #names = h('datalist', {id: 'path-ends'});
    #fields = Object.fromEntries(['pathfrom', 'pathto'].map((name) => [name, h('input', {
        name, type: 'text', list: 'path-ends', required: true, autocomplete: 'off',
        spellcheck: 'false', placeholder: 'namespace/service',
    })]));
    #results = h('div.path-results', {role: 'status'});

    /** @param {Object} context the view's */
    constructor(context) {
        this.#context = context;
        /** The part of the panel. */
        this.element = h('div.path-part', null, h('h2', null, 'Path of calls'), this.#form(),
            this.#results);
    }

    /**
     * Asks for the path that the address names, if it names another one or the answer is old.
     *
     * @param {Object} parameters of the address
     * @param {Object} shared those of the map's own question
     * @param {boolean} isOld
     */
    async update(parameters, {view, cluster, namespace, range, time}, isOld) {
        const {pathfrom: from, pathto: to} = parameters;
        const asked = from && to ? JSON.stringify([from, to, view, cluster, namespace, range]) : '';
        if (asked === this.#asked && !isOld) return;
        if (asked !== this.#asked) this.#answer = null;
        this.#asked = asked;
        this.#failure = '';
        if (!asked) return;
        try {
            const {data} = await this.#context.ask('mesh/v1/graph/path',
                {from, to, view, cluster, namespace, range, time}, {key: 'path'});
            this.#answer = data;
            this.#answeredEnds = endsOf(parameters);
        } catch (error) {
            // That there is no path is an answer; it concerns the form and not the map.
            if (!(error instanceof GatewayError)) throw error;
            this.#answer = null;
            this.#failure = error.message;
        }
    }

    /** Nodes and edges of the path that the address wants; null where there is none. */
    shown(parameters) {
        const path = this.#path(parameters);
        return path && {
            nodes: new Set(path.nodes), edges: new Set(path.edges.map((edge) => edge.id)),
            key: path.nodes.join(' '),
        };
    }

    #path(parameters) {
        if (!this.#answer || this.#answeredEnds !== endsOf(parameters)) return null;
        return parameters.path === 'busiest' ? this.#answer.busiest : this.#answer.shortest;
    }

    /**
     * Shows the path in `element`. The form stays, so that a refresh takes nobody's cursor away.
     *
     * @param {Object} parameters
     * @param {Object} graph as it is drawn
     * @param {{pick: Function}} page
     */
    show(parameters, graph, page) {
        const path = this.#path(parameters);
        const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
        const ends = endsOf(parameters);
        if (ends !== this.#shownEnds) {
            this.#shownEnds = ends;
            for (const [name, field] of Object.entries(this.#fields)) {
                field.value = parameters[name] ?? '';
            }
        }
        fill(this.#names, graph.nodes.filter((node) => node.kind !== 'collapsed' && node.name)
            .map((node) => node.id).sort().map((value) => h('option', {value})));
        fill(this.#results, this.#failure ? h('p.notice.small', null, this.#failure) : null,
            path ? [this.#choice(parameters), this.#hops(path, graph, nodes, page)] : null);
    }

    #form() {
        const ask = (from, to) => this.#context.set({
            pathfrom: from.value.trim(), pathto: to.value.trim(), selected: null});
        const {pathfrom: from, pathto: to} = this.#fields;
        return h('form.path-form', {
            role: 'search', 'aria-label': 'Path', onsubmit: (event) => {
                event.preventDefault();
                ask(from, to);
            },
        }, h('label.field', null, 'From', from), h('label.field', null, 'To', to), this.#names,
        h('div.row', null, h('button.primary', {type: 'submit'}, 'Show'),
            h('button', {type: 'button', title: 'The path back', onclick: () => ask(to, from)},
                '⇄ Turn round')));
    }

    /** The two paths, or that they are one. */
    #choice(parameters) {
        const {shortest, busiest} = this.#answer;
        if (shortest.nodes.join() === busiest.nodes.join()) {
            return h('p.small.muted', null, 'The shortest path is the busiest, too.');
        }
        const segment = (name, words, path) => h('button', {
            type: 'button', 'aria-pressed': String((parameters.path === 'busiest')
                === (name === 'busiest')),
            title: name === 'busiest' ? 'The path whose least call is made most'
                : 'The path of the fewest calls',
            onclick: () => this.#context.set({path: name, selected: null}),
        }, `${words}: ${format.counted(path.edges.length, 'call')}`);
        return h('div.segments', {role: 'group', 'aria-label': 'Which path'},
            segment('shortest', 'Shortest', shortest), segment('busiest', 'Busiest', busiest));
    }

    #hops(path, graph, nodes, page) {
        if (path.edges.length === 0) return h('p', null, 'No call is needed: it is the same.');
        const drawn = new Set(graph.edges.map((edge) => edge.id));
        const absent = path.edges.filter((edge) => !drawn.has(edge.id)).length;
        const stop = (id) => h('li.path-stop', null, h('button.quiet.name', {
            type: 'button', title: id, onclick: () => page.pick('node', id),
        }, nodes.get(id)?.name ?? id, h('span.muted.small', null,
            ` ${[nodes.get(id)?.cluster, nodes.get(id)?.namespace].filter(Boolean).join('/')}`)));
        return [
            h('ol.path', {'aria-label': 'Calls of the path'}, stop(path.nodes[0]),
                path.edges.map((edge, index) => [hop(edge, page), stop(path.nodes[index + 1])])),
            h('p.small.muted', null, 'No more requests get all along it than its least call: '
                + `at most ${format.rate(path.leastRequestRate)}.`),
            absent > 0 ? h('p.notice.small', null, `${format.counted(absent, 'call')} of it `
                + `${absent === 1 ? 'is' : 'are'} not in the picture, which shows a part of the `
                + 'mesh.') : null,
        ];
    }
}

/** One call of the path. */
function hop(edge, page) {
    const facts = [format.rate(edge.requestRate), `${format.ratio(edge.errorRatio)} errors`,
        edge.latency ? `p50 ${format.milliseconds(edge.latency.p50)}` : null,
        edge.latency ? `p95 ${format.milliseconds(edge.latency.p95)}` : null];
    return h('li.path-call', {data: {edge: edge.id}}, h('button.quiet', {
        type: 'button', title: edge.health.because, onclick: () => page.pick('edge', edge.id),
    }, badge(edge.health.status), h('span.small', null, facts.filter(Boolean).join(' · '))),
    edge.crossesClusters ? h('span.tag.crossing-tag', null, 'across clusters') : null,
    edge.incomplete ? h('p.small.muted.hatched', null, edge.incomplete) : null);
}
