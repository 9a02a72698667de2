// Draws the map: boxes, edges, nodes; zoom and the ways to move through it. What the numbers mean
// is in `map-reading.js`, where things stand in `map-layout.js`.

import {svg} from './dom.js';
import {centre, freeWay, inReadingOrder, isArrow, neighbour} from './map-geometry.js';
import {drawBoxNames, drawEdgeLabels} from './map-labels.js';
import {drawNodes} from './map-nodes.js';
import {
    edgeLabel, edgeSentence, edgeWidth, found, isMarked, nodeStatus, pathLabel,
} from './map-reading.js';
import {isSlight, severity} from './status.js';

const arrows = ['healthy', 'slight', 'degraded', 'failing', 'idle', 'unknown'];
// Below this scale only names are readable: they grow and the rest goes.
const farScale = 0.72;
// Below this one nothing is: states become areas of colour.
const veryFarScale = 0.3;
// Room for the line below the picture, pixels.
const foot = 24;
// Of more edges from cluster to cluster than this those in trouble alone are drawn in full.
const manyCrossing = 24;
// On screens narrower than this (pixels) the picture begins at a size that can be read.
const narrow = 600;
const leastScale = 0.62;

/** The picture. */
export class MapDrawing {
    #d3;
    #svg;
    #viewport;
    #layers;
    #zoom;
    #actions;
    #graph = {nodes: [], edges: [], boxes: []};
    #nodes = new Map();
    #layout = {nodes: {}, boxes: {}, edges: {}, width: 1, height: 1};
    #look = {};
    #critical = new Set();
    // The node that the Tab key comes to.
    #tabStop = '';
    // Whether the reader moved the picture; then it is not fitted any more.
    #isMoved = false;

    /**
     * @param {Object} d3
     * @param {HTMLElement} root
     * @param {{pick: (kind: string, id: string|null) => void, toggleBox: (id: string) => void}}
     *     actions
     */
    constructor(d3, root, actions) {
        this.#d3 = d3;
        this.#actions = actions;
        const element = svg('svg.map-picture', {
            role: 'group', 'aria-label': 'Service map. Arrow keys move from service to service, '
                + 'Enter opens one, plus and minus zoom, 0 shows all.', tabindex: '0',
        }, definitions());
        root.append(element);
        this.#svg = d3.select(element);
        this.#viewport = this.#svg.append('g');
        const layers = ['boxes', 'casings', 'paths', 'edges', 'heads', 'nodes', 'labels'];
        this.#layers = Object.fromEntries(layers.map((name) =>
            [name, this.#viewport.append('g').attr('class', `map-${name}`)]));
        this.#zoom = d3.zoom().scaleExtent([0.05, 3]).on('zoom', () => {
            const {transform, sourceEvent} = d3.event;
            this.#viewport.attr('transform', transform);
            this.#svg.classed('far', transform.k < farScale)
                .classed('very-far', transform.k < veryFarScale);
            if (sourceEvent) this.#isMoved = true;
        });
        this.#svg.call(this.#zoom).on('dblclick.zoom', null);
        this.#svg.on('click', () => {
            if (d3.event.target === element) actions.pick('', null);
        });
        element.addEventListener('keydown', (event) => this.#onKey(event));
    }

    /**
     * Draws a graph.
     *
     * @param {Object} graph
     * @param {Object} layout
     * @param {{label: string, mark: string, search: string, selected: string, box: string}} look
     * @param {{isNew: boolean}} [options] `isNew`: places have changed
     */
    draw(graph, layout, look, {isNew = false} = {}) {
        const isFirst = this.#graph.nodes.length === 0;
        this.#graph = graph;
        this.#nodes = new Map(graph.nodes.map((node) => [node.id, node]));
        this.#layout = layout;
        this.#look = look;
        this.#critical = new Set(graph.criticalEdges ?? []);
        const duration = isFirst || matchMedia('(prefers-reduced-motion: reduce)').matches ? 0
            : isNew ? 450 : 0;
        this.#drawBoxes(duration);
        this.#drawEdges(duration);
        const order = inReadingOrder(graph.nodes, layout.nodes);
        if (!layout.nodes[this.#tabStop] || !this.#nodes.has(this.#tabStop)) {
            this.#tabStop = order[0]?.id ?? '';
        }
        drawNodes(this.#layers.nodes, order, layout.nodes, {
            duration, boxing: look.box, selected: look.selected, tabStop: this.#tabStop,
            onPick: (node) => this.#actions.pick('node', node.id),
            onPoint: (node) => this.#lightUp(node?.id ?? null),
        });
        this.#lightUp(null);
        if (isNew && !this.#isMoved) this.#begin(duration);
    }

    /** The stage has another size. */
    resized() {
        if (!this.#isMoved) this.#begin(0);
    }

    /** Shows all of it, or, on a small screen, the worst of it at a size that can be read. */
    #begin(duration) {
        if (this.#fittingScale() >= leastScale || this.#graph.nodes.length === 0) {
            this.fit(duration);
            return;
        }
        const {width, height} = this.#size();
        if (width >= narrow) {
            this.fit(duration);
            return;
        }
        const worst = [...this.#graph.nodes].sort((a, b) =>
            severity[nodeStatus(a)] - severity[nodeStatus(b)])[0];
        const place = this.#layout.nodes[this.#look.selected] ?? this.#layout.nodes[worst.id];
        const middle = centre(place);
        this.#moveTo(this.#d3.zoomIdentity.translate(width / 2 - middle.x * leastScale,
            (height - foot) / 2 - middle.y * leastScale).scale(leastScale), duration);
    }

    #fittingScale() {
        const {width, height} = this.#size();
        return Math.min(1.15, (width - 32) / this.#layout.width,
            (height - foot - 28) / this.#layout.height);
    }

    /** Shows all of it. */
    fit(duration = 0) {
        const {width, height} = this.#size();
        const {width: w, height: h} = this.#layout;
        if (!(w > 0) || !(width > 0)) return;
        const scale = this.#fittingScale();
        const transform = this.#d3.zoomIdentity
            .translate((width - w * scale) / 2, (height - foot - h * scale) / 2).scale(scale);
        this.#moveTo(transform, duration);
        this.#isMoved = false;
    }

    /** Zooms in (above one) or out. */
    zoomBy(factor) {
        this.#isMoved = true;
        this.#zoom.scaleBy(this.#svg.transition().duration(150), factor);
    }

    /** Brings a node into sight, and the keyboard's focus to it if wanted. */
    reveal(id, {focus = false, covered = 0} = {}) {
        const place = this.#layout.nodes[id];
        if (!place) return;
        const {width, height: whole} = this.#size();
        // A panel may lie over the lower part.
        const height = whole - covered;
        const transform = this.#d3.zoomTransform(this.#svg.node());
        const middle = centre(place);
        const [x, y] = transform.apply([middle.x, middle.y]);
        const isInSight = x > 60 && x < width - 60 && y > 40 && y < height - 40;
        if (!isInSight) {
            const scale = Math.max(transform.k, leastScale);
            this.#isMoved = true;
            this.#moveTo(this.#d3.zoomIdentity.translate(
                width / 2 - middle.x * scale, height / 2 - middle.y * scale).scale(scale), 250);
        }
        if (focus) this.focus(id);
    }

    /** Gives the keyboard's focus to a node, or to the whole picture where it is not drawn. */
    focus(id) {
        const element = this.#elementOf(id);
        if (element) {
            // One node at a time is a stop of the Tab key: else it would take long to get past them.
            this.#elementOf(this.#tabStop)?.setAttribute('tabindex', '-1');
            element.setAttribute('tabindex', '0');
            this.#tabStop = id;
        }
        (element ?? this.#svg.node()).focus({preventScroll: true});
    }

    #size() {
        const {width, height} = this.#svg.node().getBoundingClientRect();
        return {width, height};
    }

    #moveTo(transform, duration) {
        const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
        const target = duration > 0 && !still ? this.#svg.transition().duration(duration)
            : this.#svg;
        target.call(this.#zoom.transform, transform);
    }

    #elementOf(id) {
        return this.#layers.nodes.selectAll('g.node').filter((node) => node.id === id).node();
    }

    /** Brings nodes into sight, all of them; so many pixels from below lie under something. */
    showNodes(ids, covered = 0) {
        const places = [...ids].map((id) => this.#layout.nodes[id]).filter(Boolean);
        if (places.length === 0) return;
        const left = Math.min(...places.map(({x}) => x));
        const top = Math.min(...places.map(({y}) => y));
        const w = Math.max(...places.map(({x, width: one}) => x + one)) - left;
        const h = Math.max(...places.map(({y, height: one}) => y + one)) - top;
        const {width, height: whole} = this.#size();
        const height = whole - Math.max(covered, foot);
        const margin = Math.min(80, height / 3);
        const scale = Math.min(1.15, (width - margin) / w, (height - margin) / h);
        this.#isMoved = true;
        this.#moveTo(this.#d3.zoomIdentity.translate(width / 2 - (left + w / 2) * scale,
            height / 2 - (top + h / 2) * scale).scale(scale), 250);
    }

    #drawBoxes(duration) {
        const boxes = this.#graph.boxes.filter((box) => this.#layout.boxes[box.id]);
        const place = (box) => this.#layout.boxes[box.id];
        const joined = this.#layers.boxes.selectAll('g.box').data(boxes, (box) => box.id)
            .join((enter) => {
                const group = enter.append('g').attr('class', 'box');
                group.append('rect').attr('class', 'box-body').attr('rx', 12);
                return group;
            });
        joined.classed('missing', (box) => Boolean(box.missing))
            .classed('inner', (box) => Boolean(box.parent));
        joined.select('.box-body').transition().duration(duration)
            .attr('x', (box) => place(box).x).attr('y', (box) => place(box).y)
            .attr('width', (box) => place(box).width).attr('height', (box) => place(box).height);
        drawBoxNames(this.#d3, this.#layers.heads, boxes, place, {
            duration, onToggle: (box) => this.#actions.toggleBox(box.id)});
    }

    #drawEdges(duration) {
        const {nodes: places, edges: ways} = this.#layout;
        const edges = this.#graph.edges.filter((edge) =>
            places[edge.source] && places[edge.destination]);
        const line = this.#d3.line().curve(this.#d3.curveBasis);
        const way = (edge) => (ways[edge.id]?.length > 1 ? line(ways[edge.id])
            : freeWay(places[edge.source], places[edge.destination]));
        const crossing = edges.filter((edge) => edge.crossesClusters);
        this.#svg.classed('dense', crossing.length > manyCrossing);
        this.#layers.casings.selectAll('path').data(crossing, (edge) => edge.id).join('path')
            .attr('d', way).attr('stroke-width', (edge) => edgeWidth(edge) + 6);
        const ofPath = edges.filter((edge) => this.#look.path?.edges.has(edge.id));
        this.#layers.paths.selectAll('path').data(ofPath, (edge) => edge.id).join('path')
            .attr('d', way).attr('stroke-width', (edge) => edgeWidth(edge) + 9);
        const joined = this.#layers.edges.selectAll('g.edge').data(edges, (edge) => edge.id)
            .join((enter) => {
                const group = enter.append('g').attr('class', 'edge');
                group.append('path').attr('class', 'edge-line');
                group.append('path').attr('class', 'edge-reach').append('title');
                return group;
            });
        joined.attr('class', (edge) => `edge ${edge.health.status}`)
            .classed('slight', (edge) => isSlight(edge.health, edge.traffic.errorRatio))
            .classed('crossing', (edge) => edge.crossesClusters)
            .classed('incomplete', (edge) => Boolean(edge.incomplete))
            .classed('new', (edge) => edge.change?.kind === 'new')
            .classed('vanished', (edge) => edge.change?.kind === 'vanished')
            .classed('selected', (edge) => edge.id === this.#look.selected)
            .on('click', (edge) => this.#actions.pick('edge', edge.id));
        for (const part of ['.edge-line', '.edge-reach']) joined.select(part).attr('d', way);
        joined.select('.edge-line').attr('stroke-width', edgeWidth)
            .attr('marker-end', (edge) => `url(#arrow-${isSlight(
                edge.health, edge.traffic.errorRatio) ? 'slight' : edge.health.status})`);
        joined.select('title').text((edge) => edgeSentence(edge, this.#nodes));
        // Lines do not fly: they come when the nodes have arrived.
        if (duration > 0) {
            for (const layer of [this.#layers.casings, joined]) {
                layer.style('opacity', 0).transition().delay(duration * 0.6).duration(200)
                    .style('opacity', null);
            }
        }
        drawEdgeLabels(this.#d3, this.#layers.labels, joined, {
            duration, textOf: (edge) => this.#labelOf(edge),
            isFirst: (edge) => Boolean(this.#look.path?.edges.has(edge.id)),
            // As `map.css` has them.
            growth: this.#fittingScale() < farScale ? 1.45 : 1, layout: this.#layout,
            heads: this.#layers.heads, onPick: (edge) => this.#actions.pick('edge', edge.id),
        });
    }

    /** Where a path is shown, its edges alone have labels. */
    #labelOf(edge) {
        const {path, label} = this.#look;
        if (path) return path.edges.has(edge.id) ? pathLabel(edge) : '';
        return edgeLabel(edge, label);
    }

    /** Draws faintly what is not meant: by the search, by the mark, or around a node. */
    #lightUp(pointed) {
        const {search, mark, selected, path} = this.#look;
        const hits = found(this.#graph.nodes, search);
        const around = pointed ?? (this.#nodes.has(selected) ? selected : null);
        const isLit = (edge) => isMarked(edge, mark, this.#critical)
            && (!path || around || path.edges.has(edge.id))
            && (!hits || hits.has(edge.source) || hits.has(edge.destination))
            && (!around || edge.source === around || edge.destination === around
                || edge.id === selected);
        const lit = new Set(around ? [around] : path ? path.nodes : []);
        for (const edge of this.#graph.edges) {
            if (isLit(edge)) lit.add(edge.source).add(edge.destination);
        }
        const isWhole = !mark && !around && !path;
        const isNodeLit = (node) => (hits && !around ? hits.has(node.id)
            : isWhole || lit.has(node.id));
        this.#layers.nodes.selectAll('g.node').classed('faint', (node) => !isNodeLit(node))
            .classed('hit', (node) => Boolean(hits?.has(node.id)));
        this.#layers.edges.selectAll('g.edge').classed('faint', (edge) => !isLit(edge));
        this.#layers.casings.selectAll('path').classed('faint', (edge) => !isLit(edge));
        this.#layers.labels.selectAll('g').classed('faint', ({edge}) => !isLit(edge));
    }

    #onKey(event) {
        const element = event.target.closest('g.node');
        const id = element ? this.#d3.select(element).datum().id : null;
        if (event.shiftKey && isArrow(event.key)) {
            const [x, y] = {ArrowLeft: [80, 0], ArrowRight: [-80, 0], ArrowUp: [0, 80],
                ArrowDown: [0, -80]}[event.key];
            this.#isMoved = true;
            const {k} = this.#d3.zoomTransform(this.#svg.node());
            this.#zoom.translateBy(this.#svg, x / k, y / k);
        } else if (isArrow(event.key)) {
            const order = inReadingOrder(this.#graph.nodes, this.#layout.nodes);
            const next = id ? neighbour(id, event.key, this.#layout.nodes,
                order.map((node) => node.id)) : order[0]?.id;
            if (next) this.reveal(next, {focus: true});
        } else if (event.key === '+' || event.key === '=') this.zoomBy(1.3);
        else if (event.key === '-') this.zoomBy(1 / 1.3);
        else if (event.key === '0') this.fit(250);
        else if (event.key === 'Escape') this.#actions.pick('', null);
        else return;
        event.preventDefault();
    }
}

/** Arrow heads, one per state (an arrow cannot take its line's colour everywhere), and hatching. */
function definitions() {
    return svg('defs', null,
        arrows.map((status) => svg('marker', {
            id: `arrow-${status}`, viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 9,
            markerHeight: 9, markerUnits: 'userSpaceOnUse', orient: 'auto-start-reverse',
        }, svg(`path.arrow.${status}`, {d: 'M0,0.6L8,4L0,7.4Z'}))),
        svg('pattern', {
            id: 'hatching', width: 8, height: 8, patternUnits: 'userSpaceOnUse',
            patternTransform: 'rotate(-45)',
        }, svg('rect.hatch-ground', {width: 8, height: 8}), svg('rect.hatch-line', {
            width: 3, height: 8})));
}
