// What the lines of a plot say at one time.

/**
 * The value of each line at a time; null where the line has none within half a step of it.
 *
 * @param {import('./plot.js').PlotLine[]} lines
 * @param {number} time seconds since the epoch
 * @param {number} step seconds between values; 0 where only the very time counts
 * @returns {{name: string, tone: number, value: number|null}[]}
 */
export function readouts(lines, time, step) {
    return lines.map((line) => ({
        name: line.name, tone: line.tone, value: valueAt(line.values, time, step / 2),
    }));
}

/**
 * Where in an ascending list the number is that is nearest to a value; −1 in an empty list.
 *
 * @param {number[]} numbers
 * @param {number} value
 */
export function nearestIndex(numbers, value) {
    let low = 0;
    let high = numbers.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if (numbers[middle] < value) low = middle + 1;
        else high = middle;
    }
    if (low === 0) return numbers.length === 0 ? -1 : 0;
    if (low === numbers.length) return low - 1;
    return value - numbers[low - 1] < numbers[low] - value ? low - 1 : low;
}

/** The value of the point that is nearest to a time, if it is within the tolerance. */
function valueAt(values, time, tolerance) {
    const point = values[nearestIndex(values.map((one) => one[0]), time)];
    if (!point || Math.abs(point[0] - time) > tolerance) return null;
    return point[1] !== null && Number.isFinite(point[1]) ? point[1] : null;
}

/**
 * Stretches of time from times at which something was missing, joined where they follow each other.
 *
 * @param {number[]} times seconds since the epoch, ascending
 * @param {number} step seconds
 * @param {string} because
 * @returns {import('./plot.js').PlotGap[]}
 */
export function stretches(times, step, because) {
    const found = [];
    for (const time of times) {
        const last = found[found.length - 1];
        if (last && time - last.end <= 1.5 * step) last.end = time;
        else found.push({start: time, end: time, because});
    }
    return found.map((gap) => ({...gap, start: gap.start - step / 2, end: gap.end + step / 2}));
}
