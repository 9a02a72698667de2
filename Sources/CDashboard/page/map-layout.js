// Where the map's nodes stand. The places are computed by a worker and remembered: a refresh that
// brings no new node or edge moves nothing.

import {url} from './api.js';
import {boxTitle} from './map-reading.js';

const nodeHeight = 42;
// The size of names where the picture is small, as `map.css` has it: they need most room.
const farName = '600 16.5px';

/** The places of one map's nodes from refresh to refresh. */
export class MapLayout {
    #worker = null;
    #number = 0;
    // The topology that the layout is of: whatever was seen since the last change of subject.
    #subject = null;
    #nodes = new Map();
    #edges = new Map();
    #boxes = new Map();
    #layout = null;

    /**
     * The layout for a graph.
     *
     * @param {Object} graph nodes, edges, boxes
     * @param {string} subject what the graph is about; another subject forgets all places
     * @param {number} aspect width of the window over its height
     * @returns {Promise<{layout: Object, isNew: boolean}>} `isNew`: places have changed
     */
    async of(graph, subject, aspect) {
        if (subject !== this.#subject) this.#forget(subject);
        if (!this.#isNews(graph)) return {layout: this.#layout, isNew: false};
        this.#dropAbsent(graph);
        for (const node of graph.nodes) {
            this.#nodes.set(node.id, {
                id: node.id, box: node.box, width: widthOf(node), height: nodeHeight});
        }
        for (const {id, source, destination} of graph.edges) {
            this.#edges.set(id, {id, source, destination});
        }
        for (const box of graph.boxes) {
            const {id, parent} = box;
            this.#boxes.set(id, {id, parent, width: textWidth(boxTitle(box)) + 60});
        }
        const layout = await this.#ask(aspect);
        if (subject === this.#subject) this.#layout = layout;
        return {layout, isNew: true};
    }

    /** Starts the worker, which fetches its library while other things are waited for. */
    prepare() {
        this.#worker ??= new Worker(url('page/layout-worker.js'));
    }

    /** Ends the worker. */
    close() {
        this.#worker?.terminate();
        this.#worker = null;
    }

    #forget(subject) {
        this.#subject = subject;
        this.#nodes.clear();
        this.#edges.clear();
        this.#boxes.clear();
        this.#layout = null;
    }

    #isNews(graph) {
        return !this.#layout
            || graph.nodes.some((node) => this.#nodes.get(node.id)?.box !== node.box)
            || graph.edges.some((edge) => !this.#edges.has(edge.id))
            || graph.boxes.some((box) => !this.#boxes.has(box.id));
    }

    /** Places of what is gone are kept while it is little: it may come back. */
    #dropAbsent(graph) {
        const present = new Set(graph.nodes.map((node) => node.id));
        const absent = [...this.#nodes.keys()].filter((id) => !present.has(id));
        if (absent.length <= present.size * 0.1) return;
        for (const id of absent) this.#nodes.delete(id);
        const edges = new Set(graph.edges.map((edge) => edge.id));
        for (const id of this.#edges.keys()) if (!edges.has(id)) this.#edges.delete(id);
        const boxes = new Set(graph.boxes.map((box) => box.id));
        for (const id of this.#boxes.keys()) if (!boxes.has(id)) this.#boxes.delete(id);
    }

    #ask(aspect) {
        this.#number += 1;
        const number = this.#number;
        this.prepare();
        const worker = this.#worker;
        return new Promise((resolve, reject) => {
            const answered = ({data}) => {
                if (data.number !== number) return;
                worker.removeEventListener('message', answered);
                if (data.error) reject(new Error(`The map could not be laid out: ${data.error}`));
                else resolve(data.layout);
            };
            worker.addEventListener('message', answered);
            worker.addEventListener('error', (event) => reject(
                new Error(`The map could not be laid out: ${event.message ?? 'no worker'}`)),
            {once: true});
            worker.postMessage({
                number, aspect, nodes: [...this.#nodes.values()], edges: [...this.#edges.values()],
                boxes: [...this.#boxes.values()],
            });
        });
    }
}

/** As wide as its name needs, within limits; the name alone decides, so numbers move nothing. */
function widthOf(node) {
    return Math.round(Math.min(250, Math.max(140, textWidth(node.name || node.id) + 44)));
}

let measure = null;

function textWidth(text) {
    measure ??= document.createElement('canvas').getContext('2d');
    measure.font = `${farName} ${getComputedStyle(document.body).fontFamily}`;
    return measure.measureText(text).width;
}
