// A small line of a value over time. Gaps are gaps: where nothing is known, nothing is drawn.

import {svg} from './dom.js';

/**
 * A sparkline.
 *
 * @param {[number, number|null][]} values times in seconds and values
 * @param {{width?: number, height?: number, label?: string, status?: string, start?: number,
 *     end?: number, atLeast?: number}} [options] `atLeast`: the scale reaches to it, so that noise
 *     near zero stays small; `label` is what screen readers say
 * @returns {SVGElement}
 */
export function sparkline(values, options = {}) {
    const {width = 120, height = 28, label = '', status = '', atLeast = 0} = options;
    const known = (values ?? []).filter(([, value]) => isNumber(value));
    const picture = svg(`svg.sparkline${status ? `.${status}` : ''}`, {
        viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', role: 'img',
        'aria-label': label || 'over time',
    });
    if (known.length === 0) return picture;
    const start = options.start ?? values[0][0];
    const end = options.end ?? values.at(-1)[0];
    const top = Math.max(...known.map(([, value]) => value), atLeast) || 1;
    const x = (time) => ((time - start) / (end - start || 1)) * width;
    const y = (value) => height - 2 - (Math.max(0, value) / top) * (height - 4);
    for (const run of runs(values)) {
        const line = run.map(([time, value]) => `${round(x(time))},${round(y(value))}`);
        if (line.length === 1) {
            picture.append(svg('circle', {cx: x(run[0][0]), cy: y(run[0][1]), r: 1.5}));
            continue;
        }
        const [first, last] = [x(run[0][0]), x(run.at(-1)[0])];
        picture.append(
            svg('path.area', {d: `M${round(first)},${height}L${line.join('L')}`
                + `L${round(last)},${height}Z`}),
            svg('path.line', {d: `M${line.join('L')}`, 'vector-effect': 'non-scaling-stroke'}));
    }
    return picture;
}

/** The stretches between the gaps. */
function runs(values) {
    const list = [];
    let run = [];
    for (const one of values) {
        if (isNumber(one[1])) {
            run.push(one);
        } else if (run.length > 0) {
            list.push(run);
            run = [];
        }
    }
    if (run.length > 0) list.push(run);
    return list;
}

const isNumber = (value) => typeof value === 'number' && Number.isFinite(value);
const round = (value) => Math.round(value * 10) / 10;
