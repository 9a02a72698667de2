// What series are called: all labels, or only those that tell them apart.

/**
 * A series as PromQL writes it.
 *
 * @param {Object<string, string>} labels
 * @returns {string} `up{cluster="eu-1", job="node"}`
 */
export function seriesName(labels) {
    const {__name__: name = '', ...rest} = labels;
    const pairs = Object.entries(rest).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
    return pairs.length === 0 && name !== '' ? name : `${name}{${pairs.join(', ')}}`;
}

/**
 * Which labels differ between series, and which all of them share.
 *
 * @param {Object<string, string>[]} all
 * @returns {{differing: string[], shared: Object<string, string>}}
 */
export function labelsApart(all) {
    const names = [...new Set(all.flatMap((labels) => Object.keys(labels)))].sort();
    const differing = names.filter((name) => all.some((labels) => labels[name] !== all[0][name]));
    const shared = Object.fromEntries(names.filter((name) => !differing.includes(name))
        .map((name) => [name, all[0][name]]));
    return {differing, shared};
}

/**
 * Short names of series for a legend: the values of those labels that tell them apart.
 *
 * @param {Object<string, string>[]} all
 * @returns {{labels: string[], names: string[]}} which labels' values the names are made of; none
 *     where a name is the whole series
 */
export function shortNames(all) {
    const {differing} = all.length > 1 ? labelsApart(all) : {differing: []};
    if (differing.length === 0) return {labels: [], names: all.map(seriesName)};
    const names = all.map((labels) => differing.map((name) => labels[name] ?? '–').join(' · '));
    return {labels: differing.map((name) => (name === '__name__' ? 'metric' : name)), names};
}
