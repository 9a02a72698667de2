// Draws the map's nodes: a shape for the state, the name, a line of numbers.

import {
    nodeLine, nodeSentence, nodeStatus, ownTraffic, shortened,
} from './map-reading.js';
import {isSlight} from './status.js';

// Around (0, 0): circle, triangle, diamond, ring, square.
const shapes = {
    healthy: 'M-5,0a5,5 0 1,0 10,0a5,5 0 1,0 -10,0Z',
    degraded: 'M0,-6L6.5,5.5H-6.5Z',
    failing: 'M0,-7.5L7.5,0L0,7.5L-7.5,0Z',
    idle: 'M-4.5,0a4.5,4.5 0 1,0 9,0a4.5,4.5 0 1,0 -9,0Z',
    unknown: 'M-4.5,0a4.5,4.5 0 1,0 9,0a4.5,4.5 0 1,0 -9,0Z',
    missing: 'M-5,-5H5V5H-5Z',
};

/**
 * Draws nodes.
 *
 * @param {Object} layer a D3 selection
 * @param {Object[]} nodes in reading order
 * @param {Object<string, {x: number, y: number, width: number, height: number}>} places
 * @param {{duration: number, boxing: string, selected: string, tabStop: string,
 *     onPick: Function, onPoint: Function}} options `tabStop`: the node that the Tab key comes to;
 *     arrow keys go on from there
 */
export function drawNodes(layer, nodes, places, options) {
    const {duration, boxing, selected, tabStop, onPick, onPoint} = options;
    const place = (node) => places[node.id];
    const at = (node) => `translate(${place(node).x},${place(node).y})`;
    const joined = layer.selectAll('g.node').data(nodes, (node) => node.id).join((enter) => {
        const group = enter.append('g').attr('class', 'node').attr('role', 'button')
            .attr('transform', at);
        group.append('title');
        group.append('rect').attr('class', 'node-behind').attr('x', 4).attr('y', -4).attr('rx', 8);
        group.append('rect').attr('class', 'node-body').attr('rx', 8);
        group.append('path').attr('class', 'node-shape').attr('transform', 'translate(17,21)');
        group.append('text').attr('class', 'node-name').attr('x', 32).attr('y', 17);
        group.append('text').attr('class', 'node-line').attr('x', 32).attr('y', 33);
        return group;
    });
    joined.order()
        .attr('class', (node) => `node ${nodeStatus(node)} kind-${node.kind}`)
        .classed('slight', (node) => isSlight(node.health, ownTraffic(node)?.errorRatio))
        .classed('selected', (node) => node.id === selected)
        .attr('tabindex', (node) => (node.id === tabStop ? 0 : -1))
        .attr('aria-label', nodeSentence)
        .on('click', onPick)
        .on('keydown.pick', function (node) {
            const {key} = globalThis.d3.event;
            if (key !== 'Enter' && key !== ' ') return;
            globalThis.d3.event.preventDefault();
            onPick(node);
        })
        .on('pointerenter', onPoint).on('pointerleave', () => onPoint(null))
        .on('focus', onPoint).on('blur', () => onPoint(null));
    joined.transition().duration(duration).attr('transform', at);
    joined.select('title').text(nodeSentence);
    for (const rect of ['.node-behind', '.node-body']) {
        joined.select(rect).attr('width', (node) => place(node).width)
            .attr('height', (node) => place(node).height);
    }
    joined.select('.node-shape').attr('d', (node) => shapes[nodeStatus(node)]);
    joined.select('.node-name').text((node) =>
        shortened(node.name || 'unknown', 26));
    joined.select('.node-line').text((node) =>
        nodeLine(node, boxing, Math.floor((place(node).width - 38) / 6.2)));
}
