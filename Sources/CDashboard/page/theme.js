// Light or dark: the system's choice, unless somebody switched here.

const key = 'isthmus-theme';

/** The choice: 'light', 'dark', or '' for the system's. */
export function chosenTheme() {
    try {
        return localStorage.getItem(key) ?? '';
    } catch {
        // Storage may be forbidden; then the choice lasts as long as the page.
        return document.documentElement.dataset.theme ?? '';
    }
}

/** Whether the page is dark now. */
export function isDark() {
    const chosen = document.documentElement.dataset.theme;
    return chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
}

/** Shows this theme from now on. */
export function setTheme(theme) {
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
    try {
        if (theme) localStorage.setItem(key, theme);
        else localStorage.removeItem(key);
    } catch {
        // See above.
    }
    dispatchEvent(new Event('themechange'));
}
