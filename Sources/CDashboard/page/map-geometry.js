// The ways of edges, and who is next to whom. No elements here.

/**
 * The way of an edge that leaves its box: from side to side of the two nodes, as a curve.
 *
 * @param {{x: number, y: number, width: number, height: number}} from
 * @param {{x: number, y: number, width: number, height: number}} to
 * @returns {string} an SVG path
 */
export function freeWay(from, to) {
    if (from === to) return loop(from);
    const a = centre(from);
    const b = centre(to);
    const isLevel = Math.abs(b.x - a.x) > (from.width + to.width) / 2 + 24;
    const isForward = isLevel ? b.x > a.x : b.y > a.y;
    // There and back stand a little apart.
    const shift = isForward ? -6 : 6;
    if (isLevel) {
        const [x1, y1] = [isForward ? from.x + from.width : from.x, a.y + shift];
        const [x2, y2] = [isForward ? to.x - 3 : to.x + to.width + 3, b.y + shift];
        const bend = Math.max(40, Math.abs(x2 - x1) * 0.45) * (isForward ? 1 : -1);
        // A long level way would run behind all nodes of its row: it bows around them.
        const isFlat = Math.abs(y2 - y1) < 60 && Math.abs(x2 - x1) > 300;
        const bow = isFlat ? Math.sign(shift) * Math.min(90, 40 + Math.abs(x2 - x1) * 0.06) : 0;
        return `M${x1},${y1}C${x1 + bend},${y1 + bow} ${x2 - bend},${y2 + bow} ${x2},${y2}`;
    }
    const [x1, y1] = [a.x + shift * 2, isForward ? from.y + from.height : from.y];
    const [x2, y2] = [b.x + shift * 2, isForward ? to.y - 3 : to.y + to.height + 3];
    const bend = Math.max(30, Math.abs(y2 - y1) * 0.45) * (isForward ? 1 : -1);
    return `M${x1},${y1}C${x1},${y1 + bend} ${x2},${y2 - bend} ${x2},${y2}`;
}

/** A service that calls itself: a small ear at its upper right corner. */
function loop({x, y, width}) {
    const right = x + width;
    return `M${right - 34},${y}C${right - 40},${y - 30} ${right + 22},${y - 30} `
        + `${right - 2},${y + 10}`;
}

/**
 * The middle of a label on a line where it covers nothing: the line's own middle if that is free,
 * or near it.
 *
 * @param {SVGPathElement} path
 * @param {{width: number, height: number}} size of the label
 * @param {{x: number, y: number, width: number, height: number}[]} taken what is not to be covered
 * @returns {{x: number, y: number}|null} null where it would always cover something
 */
export function freePoint(path, {width, height}, taken) {
    const length = path.getTotalLength();
    const isFree = ({x, y}) => taken.every((place) => x < place.x - width / 2
        || y < place.y - height / 2 || x > place.x + place.width + width / 2
        || y > place.y + place.height + height / 2);
    for (const part of [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82]) {
        const {x, y} = path.getPointAtLength(length * part);
        if (isFree({x, y})) return {x, y};
    }
    return null;
}

/** The middle of a node. */
export function centre({x, y, width, height}) {
    return {x: x + width / 2, y: y + height / 2};
}

const directions = {
    ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
};

/** Whether this key moves from node to node. */
export const isArrow = (key) => key in directions;

/**
 * The node that one comes to from another with an arrow key: near, and rather straight ahead.
 *
 * @param {string} from its id
 * @param {string} key 'ArrowLeft' and so on
 * @param {Object<string, Object>} places
 * @param {string[]} candidates ids
 * @returns {string|null}
 */
export function neighbour(from, key, places, candidates) {
    const [dx, dy] = directions[key];
    const here = centre(places[from]);
    let best = null;
    for (const id of candidates) {
        if (id === from || !places[id]) continue;
        const there = centre(places[id]);
        const ahead = (there.x - here.x) * dx + (there.y - here.y) * dy;
        const aside = Math.abs((there.x - here.x) * dy) + Math.abs((there.y - here.y) * dx);
        if (ahead <= 4) continue;
        const distance = ahead + aside * 2.2;
        if (!best || distance < best.distance) best = {id, distance};
    }
    return best?.id ?? null;
}

/** Ids in reading order: box by box, from left to right, from top to bottom. */
export function inReadingOrder(nodes, places) {
    const at = (node) => places[node.id];
    return nodes.filter(at).sort((a, b) => {
        if (a.box !== b.box) return String(a.box) < String(b.box) ? -1 : 1;
        return Math.round(at(a).x / 60) - Math.round(at(b).x / 60) || at(a).y - at(b).y;
    });
}
