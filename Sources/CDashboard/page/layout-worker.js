// Places the map's nodes, off the page's own thread: a large map may take seconds, and the page
// stays usable meanwhile. A classic script, because dagre is one.
//
// Each box is laid out by itself and then stands among the others as one thing. So a service that
// comes to one cluster moves nothing in another, and boxes never overlap.

/* global dagre, importScripts */
'use strict';

importScripts('dagre.js');

const boxPadding = 16;
const boxHead = 28;
const gap = 22;
// What has no edges stands in rows of at least this width.
const leastRow = 560;

self.onmessage = ({data: question}) => {
    try {
        self.postMessage({number: question.number, layout: laidOut(question)});
    } catch (error) {
        self.postMessage({number: question.number, error: String(error?.message ?? error)});
    }
};

/** The places of all nodes, boxes and edges, from the upper left corner of the whole. */
function laidOut({nodes, edges, boxes, aspect}) {
    const parents = new Map(boxes.map((box) => [box.id, box.parent ?? '']));
    const boxOf = new Map(nodes.map((node) => [node.id, parents.has(node.box) ? node.box : '']));
    const context = {nodes, edges, boxes, parents, boxOf, aspect};
    const result = {nodes: {}, boxes: {}, edges: {}};
    const root = arranged('', context);
    place(root, 0, 0, result);
    return {...result, width: root.width, height: root.height};
}

/** What a box (or the whole, '') holds, arranged: items with places, and its size. */
function arranged(id, context) {
    const inner = context.boxes.filter((box) => (box.parent ?? '') === id)
        .map((box) => boxed(box, context));
    const own = context.nodes.filter((node) => context.boxOf.get(node.id) === id)
        .map((node) => ({id: node.id, width: node.width, height: node.height, kind: 'node'}));
    const links = linksAmong(id, context);
    if (inner.length > 0 && id === '') {
        // Clusters stand side by side as the window allows; loose nodes are one block more.
        const loose = own.length > 0 ? [{...flow(own, links), kind: 'group', id: ''}] : [];
        return shelved([...inner, ...loose], context.aspect);
    }
    return flow([...inner, ...own], links, inner.length > 0 ? 34 : 14);
}

function boxed(box, context) {
    const inside = arranged(box.id, context);
    const isEmpty = inside.items.length === 0;
    return {
        id: box.id, kind: 'box', inside,
        width: Math.max(inside.width + 2 * boxPadding, box.width),
        height: (isEmpty ? 110 : inside.height + boxPadding) + boxHead,
    };
}

/** The edges between what stands directly in a box, each pair once. */
function linksAmong(id, {edges, boxOf, parents}) {
    const links = new Map();
    for (const edge of edges) {
        const source = standIn(edge.source, id, boxOf, parents);
        const target = standIn(edge.destination, id, boxOf, parents);
        if (source === null || target === null || source === target) continue;
        const key = `${source}\n${target}`;
        const link = links.get(key) ?? {source, target, ids: []};
        // An edge that goes on into an inner box is drawn from node to node, not along dagre's way.
        if (source === edge.source && target === edge.destination) link.ids.push(edge.id);
        links.set(key, link);
    }
    return [...links.values()];
}

/** The node itself where it is directly in the box, else the inner box that holds it. */
function standIn(node, id, boxOf, parents) {
    let here = boxOf.get(node);
    if (here === undefined) return null;
    let child = node;
    while (here !== id) {
        if (here === '') return null;
        child = here;
        here = parents.get(here) ?? '';
    }
    return child;
}

/** Left to right along the edges, by dagre; what has no edge stands in rows below. */
function flow(items, links, separation = 14) {
    if (items.length === 0) return {items: [], width: 0, height: 0, edges: {}};
    const linked = new Set(links.flatMap((link) => [link.source, link.target]));
    const connected = items.filter((item) => linked.has(item.id));
    const alone = items.filter((item) => !linked.has(item.id));
    const main = connected.length > 0 ? byDagre(connected, links, separation)
        : {items: [], width: 0, height: 0, edges: {}};
    if (alone.length === 0) return main;
    const width = Math.max(main.width, Math.sqrt(area(alone)) * 1.6, widest(alone), leastRow);
    const rows = inRows(alone, width, 20);
    const top = main.height > 0 ? main.height + gap : 0;
    return {
        items: [...main.items, ...rows.items.map((item) => ({...item, y: item.y + top}))],
        width: Math.max(main.width, rows.width), height: top + rows.height, edges: main.edges,
    };
}

function byDagre(items, links, separation) {
    const graph = new dagre.graphlib.Graph();
    // Many edges: the quicker ranker, whose pictures are nearly as good.
    graph.setGraph({
        rankdir: 'LR', nodesep: separation, ranksep: 62, edgesep: 8, marginx: 0, marginy: 0,
        ranker: links.length > 400 ? 'tight-tree' : 'network-simplex',
    });
    graph.setDefaultEdgeLabel(() => ({}));
    for (const item of items) graph.setNode(item.id, {width: item.width, height: item.height});
    for (const link of links) graph.setEdge(link.source, link.target, {});
    dagre.layout(graph);
    const edges = {};
    for (const link of links) {
        const points = graph.edge(link.source, link.target)?.points ?? [];
        for (const id of link.ids) edges[id] = points.map(({x, y}) => [x, y]);
    }
    const size = graph.graph();
    return {
        items: items.map((item) => {
            const {x, y} = graph.node(item.id);
            return {...item, x: x - item.width / 2, y: y - item.height / 2};
        }),
        width: size.width, height: size.height, edges,
    };
}

/** The arrangement in rows that fills a window of this shape best. */
function shelved(items, aspect) {
    let best = null;
    for (const width of candidateWidths(items)) {
        const rows = inRows(items, width, gap);
        // How large the picture can be shown in a window of height one.
        const scale = Math.min(aspect / rows.width, 1 / rows.height);
        if (!best || scale > best.scale * 1.02) best = {...rows, scale};
    }
    return {...best, edges: {}};
}

function candidateWidths(items) {
    const widths = [widest(items)];
    for (let count = 2; count <= items.length; count += 1) {
        widths.push(items.slice(0, count).reduce((sum, item) => sum + item.width + gap, -gap));
    }
    return widths;
}

function inRows(items, limit, space) {
    const placed = [];
    let [x, y, rowHeight, width] = [0, 0, 0, 0];
    for (const item of items) {
        if (x > 0 && x + item.width > limit + 1) {
            x = 0;
            y += rowHeight + space;
            rowHeight = 0;
        }
        placed.push({...item, x, y});
        x += item.width + space;
        rowHeight = Math.max(rowHeight, item.height);
        width = Math.max(width, x - space);
    }
    return {items: placed, width, height: y + rowHeight};
}

/** Writes the places of what is arranged, with its own corner at (left, top). */
function place(arrangement, left, top, result) {
    for (const [id, points] of Object.entries(arrangement.edges ?? {})) {
        result.edges[id] = points.map(([x, y]) => [x + left, y + top]);
    }
    for (const item of arrangement.items) {
        const [x, y] = [item.x + left, item.y + top];
        if (item.kind === 'node') {
            result.nodes[item.id] = {x, y, width: item.width, height: item.height};
        } else if (item.kind === 'group') {
            place(item, x, y, result);
        } else {
            result.boxes[item.id] = {x, y, width: item.width, height: item.height};
            place(item.inside, x + boxPadding, y + boxHead, result);
        }
    }
}

const widest = (items) => Math.max(...items.map((item) => item.width));
const area = (items) => items.reduce((sum, item) => sum
    + (item.width + 20) * (item.height + 20), 0);
