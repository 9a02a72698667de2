# shellcheck shell=bash
# What deploy/demo and deploy/test need from the system (Debian 12), and how to get it.
# To be sourced by scripts that run with `set -euo pipefail`.

# To build: the system libraries, what the Swift compiler links with, and what the page is made of.
build_packages=(
    git
    libstdc++-12-dev
    libcurl4-openssl-dev
    libnghttp2-dev
    libssl-dev
    libre2-dev
    zlib1g-dev
    libzstd-dev
    libsnappy-dev
    libhiredis-dev
    node-d3
    node-dagre-layout
)

# To run: `prometheus` also brings promtool, `prometheus-alertmanager` amtool.
runtime_packages=(
    prometheus
    prometheus-alertmanager
    redis-server
    chromium
    graphviz
    curl
    openssl
    ca-certificates
)

swift_source=https://www.swift.org/install/linux/

# Says something on standard error, each argument on a line of its own.
say() {
    printf '%s\n' "$@" >&2
}

# Says why it cannot go on, and ends the script.
give_up() {
    say "$@"
    exit 1
}

# Prints those of the packages that are not installed, one a line.
missing_packages() {
    local package status
    for package in "$@"; do
        status=$(dpkg -s "$package" 2>/dev/null | sed -n 's/^Status: //p') || status=""
        [[ $status == "install ok installed" ]] || printf '%s\n' "$package"
    done
}

# Installs those of the packages that are missing, and says which.
install_missing_packages() {
    if ! command -v dpkg >/dev/null; then
        say "This is not Debian, so nothing is installed. These packages or their like are needed:" \
            "  $*"
        return 0
    fi
    local missing=()
    mapfile -t missing < <(missing_packages "$@")
    if ((${#missing[@]} == 0)); then
        return 0
    fi
    say "Missing packages: ${missing[*]}"

    local as_root=(env DEBIAN_FRONTEND=noninteractive)
    if ((EUID != 0)); then
        # Without a terminal sudo cannot ask for a password; then it must not need one.
        if command -v sudo >/dev/null && { [[ -t 0 ]] || sudo -n true 2>/dev/null; }; then
            as_root=(sudo "${as_root[@]}")
        else
            give_up "Installing them takes root's rights. Run this as root, then try again:" \
                "  apt-get update && apt-get install --no-install-recommends -y ${missing[*]}"
        fi
    fi
    say "Installing them with apt-get."
    if ! install_without_starting_services "${missing[@]}"; then
        give_up "apt-get could not install: ${missing[*]}. Its messages are above."
    fi
    mapfile -t missing < <(missing_packages "$@")
    if ((${#missing[@]} > 0)); then
        give_up "apt-get ended well, but these are still not installed: ${missing[*]}"
    fi
}

# Installs packages as `as_root`. Debian starts a service as soon as it is installed; ours are
# started on ports and data of our choice, so the starting is forbidden for the time being.
install_without_starting_services() (
    policy=/usr/sbin/policy-rc.d
    if [[ ! -e $policy ]]; then
        trap '"${as_root[@]}" rm -f "$policy"' EXIT
        trap 'exit 130' INT
        trap 'exit 143' TERM HUP
        printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null || exit 1
        "${as_root[@]}" chmod 755 "$policy" || exit 1
    fi
    "${as_root[@]}" apt-get update -q </dev/null >&2 || exit 1
    "${as_root[@]}" apt-get install -q -y --no-install-recommends "$@" </dev/null >&2 || exit 1
)

# Makes sure that there is a Swift compiler that is new enough.
require_swift() {
    local text version
    command -v swift >/dev/null ||
        give_up "There is no 'swift' in PATH. Swift 6.3 or newer is needed: $swift_source"
    text=$(swift --version 2>/dev/null) || give_up "'swift --version' does not work."
    if [[ ! $text =~ Swift\ version\ ([0-9]+)\.([0-9]+) ]]; then
        give_up "'swift --version' prints no version: $text"
    fi
    version="${BASH_REMATCH[1]}.${BASH_REMATCH[2]}"
    if ((BASH_REMATCH[1] < 6 || (BASH_REMATCH[1] == 6 && BASH_REMATCH[2] < 3))); then
        give_up "Swift $version is too old. 6.3 or newer is needed: $swift_source"
    fi
}
