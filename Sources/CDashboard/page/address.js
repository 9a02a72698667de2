// What the page shows is in its address, so that a link shows the same to a colleague:
// `#/map?cluster=eu-1&view=service&range=3h`. Parameters that all views share stay when one goes
// from view to view.

/** Parameters that belong to the whole page, and what holds where the address has none. */
export const shared = {
    // Names of clusters, separated by commas; empty for all.
    cluster: '',
    // How long a time is shown.
    range: '1h',
    // Its end, seconds since the Unix epoch; empty for now.
    end: '',
    // Over how long a time rates and ratios are taken.
    window: '5m',
    // Seconds between refreshes; 0 for none.
    refresh: '30',
};

/**
 * Which view the address names, and its parameters.
 *
 * @param {string} hash `location.hash`
 * @returns {{view: string, parameters: Object<string, string>}} the overview's name is ''
 */
export function parsed(hash) {
    const [path, query = ''] = hash.replace(/^#?\/?/, '').split('?');
    return {view: path, parameters: Object.fromEntries(new URLSearchParams(query))};
}

/**
 * The address of a view. Empty parameters and shared ones with their default are left out.
 *
 * @param {string} view
 * @param {Object<string, string|number|null>} parameters
 * @returns {string} `#/map?cluster=eu-1`
 */
export function written(view, parameters) {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(parameters)) {
        if (value === null || value === undefined || value === '') continue;
        if (String(value) === shared[name]) continue;
        query.set(name, value);
    }
    // Commas and slashes are common in names here and mean nothing in a fragment.
    const text = query.toString().replaceAll('%2C', ',').replaceAll('%2F', '/');
    return text === '' ? `#/${view}` : `#/${view}?${text}`;
}

/** Those of the parameters that all views share. */
export function sharedPart(parameters) {
    return Object.fromEntries(Object.entries(parameters).filter(([name]) => name in shared));
}

/** The seconds of a duration as Prometheus writes it (`1h30m`, `500ms`); null if it is none. */
export function seconds(duration) {
    const units = {ms: 0.001, s: 1, m: 60, h: 3600, d: 86400, w: 604800, y: 31536000};
    if (/^\d+(\.\d+)?$/.test(duration)) return Number(duration);
    const parts = [...String(duration).matchAll(/(\d+)(ms|[smhdwy])/g)];
    if (parts.length === 0 || parts.map((part) => part[0]).join('') !== duration) return null;
    return parts.reduce((sum, [, count, unit]) => sum + Number(count) * units[unit], 0);
}

/**
 * Now, to ten seconds: whoever looks at the same time asks the same, which the gateway remembers.
 *
 * @returns {number} seconds since the Unix epoch
 */
export function sharedNow() {
    return Math.floor(Date.now() / 10_000) * 10;
}

const niceSteps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200,
    86400];

/**
 * The time that the address names.
 *
 * Its ends lie on multiples of the step: the next refresh then asks for the same points and one
 * more, and the gateway's cache has the same ones.
 *
 * @param {Object<string, string>} parameters
 * @param {number} [points] about how many points a plot needs
 * @returns {{start: number, end: number, range: number, step: number, window: string,
 *     isLive: boolean}} seconds since the epoch, and seconds
 */
export function timeOf(parameters, points = 120) {
    const range = seconds(parameters.range ?? shared.range) ?? 3600;
    const isLive = !parameters.end;
    const wantedEnd = isLive ? Date.now() / 1000 : Number(parameters.end);
    const step = niceSteps.find((one) => one >= range / points) ?? niceSteps.at(-1);
    const end = Math.floor(wantedEnd / step) * step;
    return {
        start: end - Math.ceil(range / step) * step, end, range, step,
        window: parameters.window ?? shared.window, isLive,
    };
}
