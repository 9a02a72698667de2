// What the map's shapes and lines mean.

import {h, svg} from './dom.js';
import {badge} from './status.js';

/** The legend, folded up until somebody asks. */
export function legend() {
    return h('details.map-legend', null, h('summary', null, 'Legend'),
        h('ul', null,
            ['healthy', 'degraded', 'failing', 'idle', 'unknown', 'missing'].map((status) =>
                h('li', null, badge(status))),
            h('li', null, line('healthy', 3), 'thicker: more requests'),
            h('li', null, line('healthy crossing', 2), 'from cluster to cluster'),
            h('li', null, line('degraded incomplete', 2), 'only one side reports'),
            h('li', null, line('failing', 2), 'failing'),
            h('li', null, line('healthy vanished', 2), 'vanished'),
            h('li.muted', null, 'Arrow keys: from service to service'),
            h('li.muted', null, 'Enter: details · + − 0: zoom'),
            h('li.muted', null, 'Shift and arrows: move the map')));
}

function line(classes, width) {
    const d = 'M2,7H38';
    return svg('svg.legend-line', {width: 40, height: 14, 'aria-hidden': 'true'},
        classes.includes('crossing') ? svg('g.map-casings', null,
            svg('path', {d, 'stroke-width': width + 6})) : null,
        svg('g.map-edges', null, svg('g', {class: `edge ${classes}`},
            svg('path.edge-line', {d, 'stroke-width': width}))));
}
