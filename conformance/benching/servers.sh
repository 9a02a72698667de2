# shellcheck shell=bash
# What the benchmarks share: the servers they start and stop again, and what these use. To be
# sourced by scripts that run with `set -euo pipefail`.

say() { printf '%s\n' "$*" >&2; }
give_up() {
    say "$@"
    exit 1
}

# Sets `binary` to the gateway's program.
find_binary() {
    binary=${ISTHMUS_BINARY:-}
    [[ -z $binary ]] || return 0
    say "Building the gateway in release mode."
    swift build -c release --product isthmus >&2
    binary="$(swift build -c release --show-bin-path)/isthmus"
}

# Sets `work` to a new directory, which is removed at the end with all servers that were started.
make_work() {
    work=$(mktemp -d "${TMPDIR:-/tmp}/isthmus-bench.XXXXXX")
    started=()
    trap clear_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
}
# Killed by their identifiers and waited for, so that nothing is left.
clear_up() {
    if ((${#started[@]} > 0)); then
        kill -KILL "${started[@]}" 2>/dev/null || true
        wait "${started[@]}" 2>/dev/null || true
    fi
    rm -rf "$work"
}

next_port=$((21000 + $$ % 9000))
# Sets `port` to one that nobody listens on.
find_port() {
    while (exec 3<>"/dev/tcp/127.0.0.1/$next_port") 2>/dev/null; do next_port=$((next_port + 1)); done
    port=$next_port
    next_port=$((next_port + 1))
}

# Starts a program that says on `port` when it is ready, and sets `pid`.
start_server() { # name, program, arguments
    local name=$1 attempt
    shift
    setpriv --pdeathsig=KILL -- "$@" </dev/null >"$work/$name.log" 2>&1 &
    pid=$!
    started+=("$pid")
    for ((attempt = 0; attempt < 300; attempt++)); do
        if curl -sf -o /dev/null "http://127.0.0.1:$port/-/ready"; then return 0; fi
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    tail -n 20 "$work/$name.log" >&2
    give_up "$name did not become ready; its last lines are above."
}

# Prints the processor time that processes have used, in milliseconds.
cpu_of() {
    local pid fields total=0
    for pid in "$@"; do
        read -r -a fields < <(sed 's/.*) //' "/proc/$pid/stat")
        total=$((total + fields[11] + fields[12]))
    done
    printf '%s\n' $((total * 1000 / ticks))
}
ticks=$(getconf CLK_TCK)

# Prints the median of a column.
median() { # file, column
    sort -g -k "$2,$2" "$1" | awk -v column="$2" '
        { values[NR] = $column }
        END {
            middle = NR % 2 ? values[(NR + 1) / 2] : (values[NR / 2] + values[NR / 2 + 1]) / 2
            printf "%.1f\n", middle
        }'
}

ratio() { awk -v a="$1" -v b="$2" 'BEGIN { if (b > 0) printf "%.2g", a / b; else printf "-" }'; }

# Gives up where one of the programs is not installed.
require_programs() {
    local program
    for program in "$@"; do
        command -v "$program" >/dev/null ||
            give_up "'$program' is not installed; deploy/test installs what is missing."
    done
}
