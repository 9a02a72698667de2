// Boxes that the reader closed: each becomes one node, and the edges to and from what it holds
// become one per neighbour. Rates add; percentiles do not, so the joined edges have none.

import {worse} from './map-reading.js';

/**
 * The graph with these boxes closed.
 *
 * @param {Object} graph
 * @param {Set<string>} closed ids of boxes
 */
export function collapsed(graph, closed) {
    const outermost = closedBoxes(graph, closed);
    if (outermost.size === 0) return graph;
    const inside = new Map();
    for (const node of graph.nodes) {
        const box = outermost.get(node.box);
        if (box) inside.set(node.id, box.id);
    }
    const boxes = graph.boxes.filter((box) => !outermost.has(box.id));
    const nodes = graph.nodes.filter((node) => !inside.has(node.id));
    for (const box of new Set(outermost.values())) {
        const members = graph.nodes.filter((node) => inside.get(node.id) === box.id);
        nodes.push(boxNode(box, members, graph));
    }
    return {...graph, nodes, boxes, edges: joined(graph.edges, (id) => inside.get(id) ?? id)};
}

/**
 * The boxes that are worth drawing: those that hold nodes, and missing ones that nothing else
 * stands for.
 */
export function shownBoxes({nodes, boxes}) {
    const byID = new Map(boxes.map((box) => [box.id, box]));
    const holding = new Set();
    for (const node of nodes) {
        for (let box = byID.get(node.box); box && !holding.has(box.id);
            box = byID.get(box.parent)) holding.add(box.id);
    }
    const collapsedClusters = new Set(nodes.filter((node) => node.kind === 'collapsed')
        .map((node) => node.cluster));
    return boxes.filter((box) => holding.has(box.id)
        || (box.missing && !collapsedClusters.has(box.name)));
}

/** Of each box that is closed or within a closed one, the outermost closed one around it. */
function closedBoxes(graph, closed) {
    const byID = new Map(graph.boxes.map((box) => [box.id, box]));
    const result = new Map();
    for (const box of graph.boxes) {
        let outermost = null;
        for (let here = box; here; here = byID.get(here.parent)) {
            if (closed.has(here.id)) outermost = here;
        }
        if (outermost) result.set(box.id, outermost);
    }
    return result;
}

function boxNode(box, members, graph) {
    const ids = new Set(members.map((node) => node.id));
    const crossing = (end, other) => graph.edges.filter((edge) =>
        ids.has(edge[end]) && !ids.has(edge[other])).map((edge) => edge.traffic);
    const idle = {status: 'idle', because: 'nothing is in it'};
    return {
        id: box.id, kind: 'collapsed', name: box.name, cluster: members[0]?.cluster ?? box.name,
        namespace: box.kind === 'namespace' ? box.name : '', workloads: [], dialects: [],
        box: box.parent, collapsed: members.length, closedBox: box.id,
        missing: Boolean(box.missing),
        health: box.missing ? {status: 'unknown', because: box.missing}
            : members.map((node) => node.health).reduce(worse, members[0]?.health ?? idle),
        traffic: {
            in: sum(crossing('destination', 'source')),
            out: sum(crossing('source', 'destination')),
        },
    };
}

/** The edges after renaming their ends, those of one pair joined. */
function joined(edges, rename) {
    const result = new Map();
    for (const edge of edges) {
        const source = rename(edge.source);
        const destination = rename(edge.destination);
        const isChanged = source !== edge.source || destination !== edge.destination;
        if (isChanged && source === destination) continue;
        const id = isChanged ? `${source}>${destination}` : edge.id;
        const before = result.get(id);
        const here = isChanged ? {...edge, id, source, destination} : edge;
        result.set(id, before ? together(before, here) : here);
    }
    return [...result.values()];
}

function together(a, b) {
    return {
        ...a,
        traffic: sum([a.traffic, b.traffic]), latency: null, transit: null, loss: null,
        mutualTLS: null, shaping: null, change: null, calls: null,
        protocols: [...new Set([...a.protocols, ...b.protocols])],
        witnesses: a.witnesses.filter((one) => b.witnesses.includes(one)),
        incomplete: a.incomplete ?? b.incomplete, health: worse(a.health, b.health),
        members: (a.members ?? 1) + (b.members ?? 1), isJoinedHere: true,
    };
}

/** Traffic together: rates add; the error ratio is weighed by requests. */
function sum(list) {
    const known = list.filter((traffic) => typeof traffic.requestRate === 'number');
    const bytes = list.map((traffic) => traffic.tcp).filter(Boolean);
    const requestRate = known.length === 0 ? null
        : known.reduce((total, traffic) => total + traffic.requestRate, 0);
    // Where one part's ratio is not known, neither is that of the whole.
    const isJudged = known.every((traffic) => typeof traffic.errorRatio === 'number'
        || traffic.requestRate === 0);
    const failed = known.reduce((total, {requestRate: rate, errorRatio}) =>
        total + rate * (errorRatio ?? 0), 0);
    const tcp = bytes.length === 0 ? {} : {tcp: Object.fromEntries(
        ['sentRate', 'receivedRate', 'connectionRate'].map((name) =>
            [name, bytes.reduce((total, one) => total + (one[name] ?? 0), 0)]))};
    return {requestRate, errorRatio: requestRate > 0 && isJudged ? failed / requestRate : null,
        ...tcp};
}
