// The service map: who calls whom, how much and how well, over all clusters.

import {fill, h} from './dom.js';
import * as format from './format.js';
import {d3 as loadD3, styleSheet} from './libraries.js';
import {linksWith} from './links.js';
import {collapsed, shownBoxes} from './map-collapsing.js';
import {edgeDetails, nodeDetails} from './map-details.js';
import {MapDrawing} from './map-drawing.js';
import {MapLayout} from './map-layout.js';
import {legend} from './map-legend.js';
import {MapPath, wantsPath, pathParameters} from './map-path.js';
import {found, inSummary} from './map-reading.js';
import {edgeTable} from './map-table.js';
import {makeToolbar, question, standards} from './map-toolbar.js';

// More nodes than this are hard to read at once.
const readableNodes = 150;

export default {
    title: 'Service map',
    async mount(root, parameters, context) {
        // The question goes out before the library and the style are there.
        const first = ask(parameters, context, {percentiles: 'none'});
        // Where it fails meanwhile, the failure is told below.
        first.catch(() => {});
        const layout = new MapLayout();
        layout.prepare();
        // A view that left meanwhile needs no worker.
        context.signal.addEventListener('abort', () => layout.close());
        const [d3] = await Promise.all([loadD3(), styleSheet('page/map.css')]);
        const map = new ServiceMap(root, d3, layout, context);
        map.take(parameters, await first);
        await map.update(parameters, 'address');
        // Percentiles cost more than rates: the first picture does not wait for them.
        map.update(parameters, 'refresh').catch((error) => {
            if (error.name === 'GatewayError') map.remark(error.message);
        });
        return {
            update: (next, reason) => map.update(next, reason), unmount: () => map.close(),
        };
    },
};

async function ask(parameters, context, more = {}) {
    const {data, remarks} = await context.ask('mesh/v1/graph',
        {...question(parameters, context), ...more}, {key: 'graph'});
    return {...data, remarks};
}

/** What a graph answers, but for the time that goes on: to know when another is to be asked. */
function asked(parameters, context) {
    const {isLive, end} = context.time();
    return JSON.stringify({...question(parameters, context), time: isLive ? null : end});
}

const nothingOf = (names) => Object.fromEntries(names.map((name) => [name, null]));

/** The view's parts and what they show. */
class ServiceMap {
    #context;
    #parameters = {};
    #graph = null;
    // The question that the graph answers, to know when another is to be asked.
    #asked = '';
    #layout;
    #drawing;
    #toolbar;
    #table;
    #parts;
    #search = '';
    // Counts drawings, so that a slow layout does not replace a later one.
    #turn = 0;
    #revealed = '';
    #path;
    // The path that was last brought into sight.
    #shownPath = '';
    #sizes = new ResizeObserver(() => this.#drawing.resized());

    constructor(root, d3, layout, context) {
        this.#layout = layout;
        this.#context = context;
        this.#path = new MapPath(context);
        const parts = {
            toolbar: h('div.map-toolbar'), stage: h('div.map-stage'),
            remark: h('div.map-remark', {hidden: true}),
            table: h('div.map-table', {hidden: true}),
            panel: h('aside.map-panel', {'aria-label': 'Details', hidden: true}),
            summary: h('p.map-summary.small.muted'),
            advice: h('p.map-advice.small', {hidden: true}),
        };
        this.#parts = parts;
        fill(root, h('h1.visually-hidden', null, 'Service map'), parts.toolbar,
            h('div.map-main', null, parts.stage, parts.table, parts.panel));
        this.#drawing = new MapDrawing(d3, parts.stage, {
            pick: (kind, id) => this.#pick(id), toggleBox: (id) => this.#toggleBox(id),
        });
        parts.stage.append(legend(), this.#zoomButtons(), parts.remark, parts.advice,
            parts.summary);
        this.#toolbar = makeToolbar(parts.toolbar, {
            context, onSearch: (text) => this.#onSearch(text), onFound: () => this.#goToFound(),
        });
        this.#table = edgeTable((kind, id) => this.#pick(id));
        parts.table.append(this.#table.element);
        parts.panel.addEventListener('keydown', (event) => {
            if (event.key === 'Escape') this.#closePanel();
        });
        this.#sizes.observe(parts.stage);
    }

    /** Takes in an answer. */
    take(parameters, graph) {
        this.#graph = graph;
        this.#asked = asked(parameters, this.#context);
    }

    async update(parameters, reason) {
        this.#parameters = parameters;
        const isOther = asked(parameters, this.#context) !== this.#asked;
        if (reason === 'refresh' || isOther) {
            this.take(parameters, await ask(parameters, this.#context, {percentiles: 'shown'}));
        }
        // Meanwhile the address may name another path: the old one must not be asked for after it.
        const latest = this.#parameters;
        await this.#path.update(latest, question(latest, this.#context), reason === 'refresh');
        await this.draw();
    }

    /** Draws what is known as the address wants it. */
    async draw() {
        this.#turn += 1;
        const turn = this.#turn;
        const parameters = this.#parameters;
        const whole = collapsed(this.#graph, this.#closed());
        const graph = {...whole, boxes: shownBoxes(whole)};
        this.#toolbar.show(parameters, question(parameters, this.#context));
        const isTable = parameters.as === 'table';
        this.#parts.table.hidden = !isTable;
        this.#parts.stage.hidden = isTable;
        this.#search = parameters.q ?? this.#search;
        this.#showPanel(graph);
        this.remark(graph.nodes.length === 0 && graph.boxes.length === 0
            ? 'No calls were seen in this time.' : '');
        fill(this.#parts.summary, inSummary(this.#graph, parameters),
            this.#graph.remarks.map((text) => h('span.map-caveat', null, text)));
        this.#advise(graph);
        if (isTable) {
            this.#showTable(graph);
            return;
        }
        const waiting = setTimeout(() => this.remark('Arranging the map…'), 200);
        try {
            const subject = this.#subject();
            const {width, height} = this.#parts.stage.getBoundingClientRect();
            const {layout, isNew} = await this.#layout.of(
                graph, subject, width > 0 ? width / height : 1.6);
            if (turn !== this.#turn || this.#context.signal.aborted) return;
            const look = this.#look();
            this.#drawing.draw(graph, layout, look, {isNew});
            this.#showPath(look.path);
            this.#showSelected(graph);
        } finally {
            clearTimeout(waiting);
            if (this.#parts.remark.textContent === 'Arranging the map…') this.remark('');
        }
    }

    /** Offers to join nodes where there are too many to read. */
    #advise(graph) {
        const {collapse = standards.collapse} = this.#parameters;
        const isMany = graph.nodes.length > readableNodes && collapse === 'none';
        const join = (value, words) => h('button.quiet', {
            type: 'button', onclick: () => this.#context.set({collapse: value})}, words);
        if (isMany) {
            fill(this.#parts.advice, `${graph.nodes.length} nodes are many. Join those of one`,
                join('namespace', 'namespace'), 'or', join('cluster', 'cluster'));
        }
        this.#parts.advice.hidden = !isMany;
    }

    /** A sentence over the picture; '' for none. */
    remark(text) {
        fill(this.#parts.remark, text);
        this.#parts.remark.hidden = text === '';
    }

    close() {
        this.#sizes.disconnect();
        this.#layout.close();
    }

    /** Moves what was just selected into sight; what the reader moved later stays. */
    #showSelected(graph) {
        const {selected = ''} = this.#parameters;
        if (selected === this.#revealed) return;
        this.#revealed = selected;
        const edge = graph.edges.find((one) => one.id === selected);
        if (selected) {
            this.#drawing.reveal(edge?.destination ?? selected, {covered: this.#covered()});
        }
    }

    /** How much of the picture the panel lies over, from below: on phones it does. */
    #covered() {
        const stage = this.#parts.stage.getBoundingClientRect();
        const panel = this.#parts.panel.getBoundingClientRect();
        const isOver = panel.height > 0 && panel.left < stage.left + stage.width / 2;
        return isOver ? stage.bottom - panel.top : 0;
    }

    /** Moves the path into sight when it is another. */
    #showPath(path) {
        const key = path?.key ?? '';
        if (key === this.#shownPath) return;
        this.#shownPath = key;
        if (path) this.#drawing.showNodes(path.nodes, this.#covered());
    }

    #look() {
        const {mark = '', label = standards.label, selected = '', box = standards.box}
            = this.#parameters;
        return {mark, label, selected, box, search: this.#search,
            path: this.#path.shown(this.#parameters)};
    }

    /** What the layout is of: places are kept as long as this stays. */
    #subject() {
        const {view, box, collapse, namespace, service, depth, closed, top} = this.#parameters;
        return JSON.stringify([view, box, collapse, namespace, service, depth, closed, top,
            this.#context.clusterParameter()]);
    }

    #closed() {
        return new Set((this.#parameters.closed ?? '').split(',').filter(Boolean));
    }

    #toggleBox(id) {
        const closed = this.#closed();
        if (closed.has(id)) closed.delete(id);
        else closed.add(id);
        this.#context.set({closed: [...closed].sort().join(','), selected: null});
    }

    #pick(id) {
        this.#context.set({selected: id}, {replace: true});
    }

    #showPanel(graph) {
        const {panel} = this.#parts;
        const {selected} = this.#parameters;
        const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
        const edge = graph.edges.find((one) => one.id === selected);
        const node = nodes.get(selected);
        const wasHidden = panel.hidden;
        const isPath = !selected && wantsPath(this.#parameters);
        panel.hidden = !selected && !isPath;
        if (panel.hidden) return;
        const page = {
            links: linksWith(this.#context.link), pick: (kind, id) => this.#pick(id),
            toggleBox: (id) => this.#toggleBox(id),
            pathFrom: (id) => this.#context.set({pathfrom: id, selected: null}),
            pathTo: (id) => this.#context.set({pathto: id, selected: null}),
        };
        if (isPath) this.#path.show(this.#parameters, graph, page);
        const content = isPath ? this.#path.element : edge ? edgeDetails(edge, nodes, page)
            : node ? nodeDetails(node, graph, nodes, page)
                : [h('p', null, `${selected} is not in the map at this time.`)];
        // The form in it stays as it is, with the keyboard's focus.
        if (isPath && panel.contains(content)) return;
        fill(panel, h('button.icon.close', {
            type: 'button', 'aria-label': 'Close (Escape)', onclick: () => this.#closePanel(),
        }, '×'), content);
        if (wasHidden) this.#context.announce(panel.querySelector('h2')?.textContent ?? '');
    }

    /** Closes what is in front: the details, or the path; the keyboard goes on in the map. */
    #closePanel() {
        const {selected} = this.#parameters;
        if (selected) this.#pick(null);
        else this.#context.set(nothingOf(pathParameters));
        this.#drawing.focus(selected);
    }

    #showTable(graph) {
        const hits = found(graph.nodes, this.#search);
        this.#table.show(hits ? {...graph, edges: graph.edges.filter((edge) =>
            hits.has(edge.source) || hits.has(edge.destination))} : graph);
    }

    #onSearch(text) {
        this.#search = text;
        this.#context.set({q: text}, {replace: true});
    }

    #goToFound() {
        const hits = found(collapsed(this.#graph, this.#closed()).nodes, this.#search);
        const [first] = hits ?? [];
        if (first) this.#drawing.reveal(first, {focus: true});
    }

    #zoomButtons() {
        const button = (text, words, onclick) => h('button.icon', {
            type: 'button', title: words, 'aria-label': words, onclick}, text);
        return h('div.map-zoom', null,
            button('+', 'Zoom in (+)', () => this.#drawing.zoomBy(1.4)),
            button('−', 'Zoom out (−)', () => this.#drawing.zoomBy(1 / 1.4)),
            button('⤢', 'Show all (0)', () => this.#drawing.fit(250)));
    }
}
