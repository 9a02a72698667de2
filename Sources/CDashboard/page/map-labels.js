// The words on the map beside those of its nodes: names of boxes, and what edges say.

import {freePoint} from './map-geometry.js';
import {boxTitle} from './map-reading.js';
import {severity} from './status.js';

/**
 * Draws the boxes' names. They lie over the edges, which would else run through them.
 *
 * @param {Object} d3
 * @param {Object} layer a D3 selection
 * @param {Object[]} boxes
 * @param {function(Object): {x: number, y: number}} place
 * @param {{duration: number, onToggle: function(Object): void}} options
 */
export function drawBoxNames(d3, layer, boxes, place, {duration, onToggle}) {
    // Why it is missing the strip above says; here it would be longer than the box.
    const because = (box) => (box.missing ? `: ${box.missing}` : '');
    const heads = layer.selectAll('g.box-head').data(boxes, (box) => box.id).join((enter) => {
        const head = enter.append('g').attr('class', 'box-head').attr('tabindex', 0)
            .attr('role', 'button');
        head.append('rect').attr('x', 6).attr('y', 4).attr('height', 22).attr('rx', 6);
        head.append('text').attr('x', 14).attr('y', 20);
        head.append('title');
        return head;
    });
    heads.classed('missing', (box) => Boolean(box.missing))
        .classed('inner', (box) => Boolean(box.parent))
        .attr('aria-label', (box) => `${boxTitle(box)}${because(box)}. Enter closes the box.`)
        .on('click', onToggle)
        .on('keydown', (box) => {
            if (!['Enter', ' '].includes(d3.event.key)) return;
            d3.event.preventDefault();
            onToggle(box);
        });
    heads.transition().duration(duration)
        .attr('transform', (box) => `translate(${place(box).x},${place(box).y})`);
    heads.select('text').text((box) => `▾ ${boxTitle(box)}`);
    heads.select('title').text((box) => `${boxTitle(box)}${because(box)}`);
    heads.each((box, index, groups) => {
        const width = groups[index].querySelector('text').getComputedTextLength();
        d3.select(groups[index]).select('rect').attr('width', width + 16);
    });
}

/**
 * Draws labels of edges, the worst first: one that would cover a node, a box's name or the label of
 * a worse edge is left out. Whoever points at the edge is told all the same.
 *
 * @param {Object} d3
 * @param {Object} layer a D3 selection
 * @param {Object} edges the selection of drawn edges
 * @param {{duration: number, textOf: function(Object): string, growth: number, layout: Object,
 *     isFirst: function(Object): boolean, heads: Object, onPick: function(Object): void}} options
 *     `growth`: how much larger labels and names are drawn than by themselves; `isFirst`: whether an
 *     edge's label comes before those of worse edges; `heads`: the layer of the boxes' names
 */
export function drawEdgeLabels(d3, layer, edges, options) {
    const list = placed(wanted(edges, options), taken(d3, options), options.growth);
    const labels = layer.selectAll('g').data(list, ({edge}) => edge.id).join((enter) => {
        const group = enter.append('g');
        group.append('rect').attr('rx', 4);
        group.append('text').attr('dy', '0.35em');
        return group;
    });
    labels.attr('class', ({edge}) => `edge-label ${edge.health.status}`
        + `${edge.change ? ' changed' : ''}`)
        .attr('transform', ({x, y}) => `translate(${x},${y})`)
        .on('click', ({edge}) => options.onPick(edge));
    labels.select('text').text(({text}) => text);
    labels.each((one, index, groups) => {
        const width = groups[index].querySelector('text').getComputedTextLength() + 10;
        d3.select(groups[index]).select('rect').attr('x', -width / 2).attr('y', -8)
            .attr('width', width).attr('height', 16);
    });
    if (options.duration > 0) {
        labels.style('opacity', 0).transition().delay(options.duration).style('opacity', null);
    }
}

/** The edges that have something to say, the most important first. */
function wanted(edges, {textOf, isFirst}) {
    const list = [];
    edges.each((edge, index, groups) => {
        const text = textOf(edge);
        if (text) list.push({edge, text, path: groups[index].querySelector('.edge-line')});
    });
    const failing = ({traffic}) => (traffic.requestRate ?? 0) * (traffic.errorRatio ?? 0);
    return list.sort(({edge: a}, {edge: b}) => isFirst(b) - isFirst(a)
        || severity[a.health.status] - severity[b.health.status] || failing(b) - failing(a));
}

/** What labels must not cover: nodes, and the names of boxes. */
function taken(d3, {layout, heads, growth}) {
    const names = heads.selectAll('g.box-head').nodes().map((head) => {
        const {x, y} = layout.boxes[d3.select(head).datum().id];
        const {width} = head.querySelector('rect').getBBox();
        return {x, y, width: width * growth, height: 26};
    });
    return [...Object.values(layout.nodes), ...names];
}

/** Those of the labels that find a free place, with it. */
function placed(list, taken, growth) {
    const places = [...taken];
    const result = [];
    for (const one of list) {
        const width = (one.text.length * 6.6 + 10) * growth;
        const height = 17 * growth;
        const point = freePoint(one.path, {width, height}, places);
        if (!point) continue;
        result.push({...one, ...point});
        places.push({x: point.x - width / 2, y: point.y - height / 2, width, height});
    }
    return result;
}
