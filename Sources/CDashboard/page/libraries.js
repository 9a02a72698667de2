// Libraries that are loaded when a view needs them, so that the first picture does not wait.

const loading = new Map();

/**
 * D3 (version 5).
 *
 * @returns {Promise<Object>} what its documentation calls `d3`
 */
export async function d3() {
    await script('page/d3.js');
    return globalThis.d3;
}

/** Loads a view's style sheet, once. Resolves when it holds. */
export function styleSheet(path) {
    return once(path, () => {
        const link = document.createElement('link');
        link.rel = 'stylesheet';
        link.href = path;
        return link;
    });
}

function script(path) {
    return once(path, () => {
        const element = document.createElement('script');
        element.src = path;
        return element;
    });
}

function once(path, make) {
    if (!loading.has(path)) {
        loading.set(path, new Promise((resolve, reject) => {
            const element = make();
            element.addEventListener('load', () => resolve());
            element.addEventListener('error', () => {
                loading.delete(path);
                element.remove();
                reject(new Error(`${path} could not be loaded.`));
            });
            document.head.append(element);
        }));
    }
    return loading.get(path);
}
